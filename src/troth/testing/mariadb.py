"""A MariaDB server to throw away: real, private, started in some seconds, gone with its process.

    with MariadbServer() as server, server.database() as database, database.connect() as connection:
        connection.query("select 1")

The server listens on 127.0.0.1 and on a Unix socket, and lets its superuser in without a password (its data is made
up). What it writes is in one temporary folder.

``python -m troth.testing.mariadb`` prints where the server's program is, or how to get it (exit status 1).
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pymysql
from pymysql.constants import CLIENT

from troth.core.errors import NotReached
from troth.testing.process import HOST
from troth.testing.server import PATIENCE, ServerFailed, ThrowawayServer
from troth.testing.tls import make_certificates

USER = "root"
"""The superuser that every server made here has; no password is asked for."""

_PROGRAMS = ("mariadbd", "mysqld")
_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/usr/libexec")
_SHARES = ("/usr/share/mysql", "/usr/share/mariadb", "/usr/local/share/mysql")

_SYSTEM = ("mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql")
"""The server's own statements that make its system tables, as ``mariadb-install-db`` gives them to it."""

_FAST = {
    "innodb-flush-log-at-trx-commit": "2",
    "innodb-flush-method": "nosync",
    "innodb-doublewrite": "0",
    "sync-frm": "0",
}

_SMALL = {"innodb-log-file-size": "32M", "innodb-buffer-pool-size": "128M", "performance-schema": "off"}

_SUPERUSER = (
    f"CREATE USER IF NOT EXISTS '{USER}'@'{HOST}';\n"
    f"GRANT ALL PRIVILEGES ON *.* TO '{USER}'@'{HOST}' WITH GRANT OPTION;\n"
)


class ServerNotFound(NotReached):
    """The server's program is not on this machine."""

    def __init__(self) -> None:
        super().__init__(
            "MariaDB server not found: neither mariadbd on PATH nor in /usr/sbin, with its statements in /usr/share.",
            hint="How to get it: `apt-get install mariadb-server-core` as root; `scripts/ensure-mariadb` does it.",
        )


def find_server() -> tuple[Path, Path]:
    """Return the program and the folder of its statements. Raises ``ServerNotFound``, which says how to get them."""
    path = os.pathsep.join((os.environ.get("PATH", ""), *_FOLDERS))
    program = next((found for name in _PROGRAMS if (found := shutil.which(name, path=path))), None)
    share = next((Path(each) for each in _SHARES if (Path(each) / _SYSTEM[0]).is_file()), None)
    if program is None or share is None:
        raise ServerNotFound
    return Path(program), share


@dataclass(frozen=True, slots=True)
class Database:
    """One database of a server made here: its address, in the parts and in the forms that are asked for."""

    host: str
    port: int
    user: str
    name: str

    @property
    def url(self) -> str:
        return f"mariadb://{self.user}@{self.host}:{self.port}/{self.name}"

    def connect(self, **options: Any) -> pymysql.Connection[Any]:
        """Open a connection of the driver's own, committing by itself; the caller closes it (``with`` does)."""
        given: dict[str, Any] = {"autocommit": True, "charset": "utf8mb4", "connect_timeout": 10, **options}
        return pymysql.connect(host=self.host, port=self.port, user=self.user, database=self.name or None, **given)


class MariadbServer(ThrowawayServer):
    """A MariaDB server with its own data, for as long as a test needs it.

    ``durable=False`` turns off waiting for the disk: still nothing is lost by ``kill``, which ends the server and
    not the machine. ``settings`` are MariaDB's own (``{"max-connections": "10"}``). ``tls``: connections may be
    encrypted, with a certificate that ``issuer`` vouches for.
    """

    product = "MariaDB"
    prefix = "troth-my-"
    pid_file = "pid"
    port_taken = "Bind on TCP/IP port"
    stopping = signal.SIGTERM
    killing = signal.SIGKILL

    def __init__(self, *, durable: bool = True, settings: Mapping[str, str] | None = None, tls: bool = False) -> None:
        super().__init__()
        self._tls = tls
        self.issuer: Path | None = None
        self._settings = _SMALL | ({} if durable else _FAST) | dict(settings or {})
        self._starts = 0

    @property
    def admin(self) -> Database:
        """The server without a database, to administer it."""
        return Database(HOST, self._port, USER, "")

    @contextmanager
    def database(self, *, charset: str = "utf8mb4") -> Generator[Database]:
        """Create a database under a new name, and drop it at the end whoever is still connected."""
        name = f"t_{uuid4().hex}"
        self._administer(f"CREATE DATABASE `{name}` CHARACTER SET {charset}")
        try:
            yield Database(HOST, self._port, USER, name)
        finally:
            if self.running:
                self._drop(name)

    def _drop(self, name: str) -> None:
        """With the sessions that may hold a lock on one of its tables."""
        with self.admin.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT id FROM information_schema.processlist WHERE db = %s", (name,))
            for (session,) in cursor.fetchall():
                self._kill_session(connection, int(session))
            cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")

    @staticmethod
    def _kill_session(connection: pymysql.Connection[Any], session: int) -> None:
        try:
            connection.query(f"KILL {session}")
        except pymysql.err.OperationalError:
            """It has ended by itself."""

    def _administer(self, statements: str) -> None:
        with self.admin.connect(client_flag=CLIENT.MULTI_STATEMENTS) as connection:
            connection.query(statements)

    def _prepare(self, folder: Path) -> None:
        program, share = find_server()
        data = folder / "data"
        system = folder / "system.sql"
        texts = ["CREATE DATABASE mysql;", "USE mysql;", *((share / name).read_text() for name in _SYSTEM)]
        system.write_text("\n".join(texts))
        (folder / "init.sql").write_text(_SUPERUSER)
        data.mkdir()
        shutil.copystat(folder, data)
        stat = folder.stat()
        for path in (data, system, folder / "init.sql"):
            os.chown(path, stat.st_uid, stat.st_gid)
        options = ("--no-defaults", "--bootstrap", f"--datadir={data}", f"--tmpdir={folder}", *_options(_SMALL | _FAST))
        made_it = self._run(str(program), *options, text=system).wait(PATIENCE)
        if made_it != 0:
            raise ServerFailed("mariadbd could not make the server's data. It said:\n" + self.log[-2000:])
        if self._tls:
            made = make_certificates(folder)
            self._settings |= {"ssl-ca": str(made.issuer), "ssl-cert": str(made.certificate), "ssl-key": str(made.key)}
            self.issuer = made.issuer

    def _command(self, port: int) -> Sequence[str]:
        program, _ = find_server()
        self._starts = self.log.count("ready for connections")
        fixed = {
            "datadir": str(self.folder / "data"),
            "tmpdir": str(self.folder),  # a server that starts removes what it finds in a shared one
            "socket": str(self.folder / "socket"),
            "pid-file": str(self.folder / self.pid_file),
            "init-file": str(self.folder / "init.sql"),
            "bind-address": HOST,
            "port": str(port),
            "default-time-zone": "+00:00",
            "skip-name-resolve": "1",
        }
        return (str(program), "--no-defaults", *_options(fixed | self._settings))

    def _ready(self, process: subprocess.Popen[bytes]) -> bool:
        return self.log.count("ready for connections") > self._starts


def _options(settings: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"--{name}={value}" for name, value in settings.items())


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{find_server()[0]}\n")
    except ServerNotFound as error:
        sys.exit(str(error))
