"""Our own database on a PostgreSQL server, in a schema of its own: ``troth``.

Writers take turns by an advisory lock of their transaction; one apply at a time by one of a session, which the server
frees when the process or its machine is gone. A pooler that gives each transaction another session breaks the second.
"""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress

import sqlalchemy
from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url, text

from troth.core.errors import InputError, NotReached, TrothError
from troth.state.lock import PATIENCE, Running, taken
from troth.state.places import Server
from troth.state.server_errors import known_error

SCHEMA = "troth"

_LOCKS = 0x74726F74
"""The first number of both advisory locks; the second says which."""
_WRITER = 1
_APPLY = 2

_GONE_AFTER = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3"}
"""Seconds after which either side finds out that the other's machine is gone: about a minute."""

_HELD = """
    SELECT a.application_name, coalesce(host(a.client_addr), '')
    FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = :locks AND l.objid = :apply
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (CAST(:pid AS int) IS NULL OR l.pid = :pid)
"""


class ServerState:
    """The state in the schema ``troth`` of a database. Nothing is opened before the first use."""

    kind = "postgresql"

    def __init__(self, place: Server, patience: float) -> None:
        self._engine = _engine(place, patience)
        url = self._engine.url
        self.where = f"PostgreSQL database {url.database} on {url.host or 'this machine'}, schema {SCHEMA}"
        self._holder: int | None = None

    @contextmanager
    def transaction(self) -> Generator[Connection]:
        with self._engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:locks, :writer)"), _numbers())
            if self._holder is not None:
                self._refuse_if_lost(connection, self._holder)
            yield connection
            connection.commit()

    @contextmanager
    def reading(self) -> Generator[Connection]:
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._engine.connect().execution_options(**options) as connection:
            yield connection
            connection.rollback()

    def scrub(self) -> None:
        """Write the tables that held keys anew, so that none of the server's live files has what was deleted.

        Its write-ahead log, replicas and backups keep it as long as they do.
        """
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in ("keyset_chunks", "keysets", "holds"):
                query = text("SELECT pg_relation_filenode(CAST(:table AS regclass))").bindparams(table=table)
                before = connection.execute(query).scalar()
                connection.exec_driver_sql(f"VACUUM (FULL) {table}")
                if connection.execute(query).scalar() == before:
                    raise InputError(
                        f"deleted keys may still be in the files of table {table}: this role does not own it",
                        hint=f"ALTER TABLE {SCHEMA}.{table} OWNER TO this role, then run the command again",
                        code="STATE-RIGHTS",
                    )

    @contextmanager
    def apply_lock(self, plan: str) -> Generator[None]:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.detach()  # so that closing it ends the session, whatever becomes of the rest
            _keep_alive(connection, _name(plan))
            if not _acquired(connection):
                raise taken(self.running() or Running(0, ""))
            self._holder = int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
            try:
                yield
            finally:
                self._holder = None
                with suppress(TrothError, exc.SQLAlchemyError):  # a session that was lost holds nothing
                    connection.execute(text("SELECT pg_advisory_unlock(:locks, :apply)"), _numbers())

    def running(self) -> Running | None:
        with self.reading() as connection:
            found = connection.execute(text(_HELD), {**_numbers(), "pid": None}).one_or_none()
        return None if found is None else _read(str(found[0] or ""), str(found[1]))

    def close(self) -> None:
        self._engine.dispose()

    def is_missing(self) -> bool:
        """Whether the database has no schema of ours, or an empty one."""
        with self.reading() as connection:
            return not self.tables(connection)

    def prepare(self) -> None:
        """Make the schema unless it is there."""
        with self.transaction() as connection:
            there = text("SELECT 1 FROM pg_namespace WHERE nspname = :schema").bindparams(schema=SCHEMA)
            if connection.execute(there).scalar() is None:
                connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")

    def tables(self, connection: Connection) -> set[str]:
        query = text("SELECT tablename FROM pg_tables WHERE schemaname = :schema").bindparams(schema=SCHEMA)
        return set(connection.execute(query).scalars())

    def size(self) -> int:
        """Bytes of our tables and their indexes."""
        query = "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c JOIN pg_namespace n ON "
        query += "n.oid = c.relnamespace WHERE n.nspname = :schema AND c.relkind = 'r'"
        with self.reading() as connection:
            return int(connection.execute(text(query), {"schema": SCHEMA}).scalar_one())

    def _refuse_if_lost(self, connection: Connection, holder: int) -> None:
        """A session that holds the apply's lock may be cut while we go on; then another apply may have begun."""
        if connection.execute(text(_HELD), {**_numbers(), "pid": holder}).one_or_none() is None:
            raise NotReached(
                "the lock that keeps other applies away was lost with its connection to our own database",
                hint="what was done is recorded but for the last batch, which the store's receipt keeps; resume",
                code="STATE-LOCK-LOST",
            )


def _numbers() -> dict[str, int]:
    return {"locks": _LOCKS, "writer": _WRITER, "apply": _APPLY}


def _engine(place: Server, patience: float) -> Engine:
    try:
        url = make_url(place.url).set(drivername="postgresql+psycopg")
        engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10, **_GONE_AFTER})
    except (exc.ArgumentError, ValueError):
        hint = "write it like postgresql://user:password@host:5432/database"
        raise InputError("the address of our own database cannot be read", hint=hint, code="STATE-URL") from None
    except ImportError as error:
        hint = "install it with: pip install 'troth[postgresql]'"
        raise InputError("PostgreSQL's driver is not installed", hint=hint, code="STATE-DRIVER") from error
    settings = (
        f"SET search_path = {SCHEMA}",
        "SET synchronous_commit = on",
        f"SET lock_timeout = {int(patience * 1000)}",
        "SET statement_timeout = '60s'",
        "SET application_name = 'troth'",
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlalchemy.engine.interfaces.DBAPIConnection, _: object) -> None:
        cursor = connection.cursor()
        for setting in settings:
            cursor.execute(setting)
        cursor.close()
        connection.commit()

    @event.listens_for(engine, "handle_error")
    def translate(context: sqlalchemy.ExceptionContext) -> None:
        known = known_error(context.original_exception)
        if known is not None:
            raise known from context.original_exception

    return engine


def _keep_alive(connection: Connection, name: str) -> None:
    """The session that holds the lock says who it is. Being idle never ends it; the loss of its machine does."""
    wanted = {
        "application_name": name,
        "idle_session_timeout": "0",
        **{f"tcp_{setting}": value for setting, value in _GONE_AFTER.items()},
    }
    query = text("SELECT set_config(name, :value, false) FROM pg_settings WHERE name = :name")
    for setting, value in wanted.items():
        connection.execute(query, {"name": setting, "value": value})


def _acquired(connection: Connection) -> bool:
    until = time.monotonic() + PATIENCE
    query = text("SELECT pg_try_advisory_lock(:locks, :apply)")
    while not connection.execute(query, _numbers()).scalar():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def _name(plan: str) -> str:
    """What the session that holds the lock is called; a name has 63 bytes, an id in hexadecimal 64."""
    return f"troth {base64.urlsafe_b64encode(bytes.fromhex(plan)).decode().rstrip('=')} {os.getpid()}"


def _read(name: str, host: str) -> Running:
    words = name.split(" ")
    try:
        plan = base64.urlsafe_b64decode(words[1] + "=" * (-len(words[1]) % 4)).hex()
        return Running(int(words[2]), plan, host)
    except (IndexError, ValueError):
        return Running(0, "", host)
