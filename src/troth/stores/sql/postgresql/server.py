"""A PostgreSQL server at one address: how it is connected to, which one it is, and how rows stream from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from psycopg.abc import Loader
from psycopg.types import datetime as loaders
from sqlalchemy import event, pool

from troth.stores.access import RECEIPTS, Access, Grant
from troth.stores.contract import Capabilities, Health, Identity
from troth.stores.sql.catalog import Catalog
from troth.stores.sql.postgresql.access import read_access
from troth.stores.sql.postgresql.catalog import read_catalog, relation_names
from troth.stores.sql.postgresql.changes import ISOLATION, PostgresqlChanges, make_room
from troth.stores.sql.postgresql.drawing import drawn_by_place
from troth.stores.sql.postgresql.expressions import PostgresqlExpressions
from troth.stores.sql.postgresql.grants import grants_text
from troth.stores.sql.postgresql.keys import PostgresqlKeys
from troth.stores.sql.postgresql.physical import PostgresqlPhysical
from troth.stores.sql.postgresql.transport import read_transport
from troth.stores.sql.server import Reading, Timeouts

CHUNK = 2_000

CAPABILITIES = Capabilities(
    kind="postgresql",
    changes=frozenset({"delete", "mask"}),
    related=True,
    receipts="in_transaction",
    proves_absence=True,
    limits=(
        "a deleted row stays in the table's files until its room is written over, also after VACUUM",
        "it stays in the write-ahead log and its archive until they are recycled, and in replicas and backups",
        "what the server logs (log_statement, log_min_duration_statement) holds statements and may hold values",
        "before PostgreSQL 16, one row that is no JSON in a text column makes every question about its keys fail",
        "rows of foreign tables are neither looked at nor changed",
    ),
    rewrites="collection",
)

_LAG = (
    "select max(coalesce(extract(epoch from replay_lag), 0)) filter (where state is not null) as seconds,"
    " count(*) filter (where state is null) as hidden from pg_stat_replication"
)
"""A replica that has nothing to catch up with has no lag. Whom the role may not see has no state either."""

_READ_ONLY = "SET default_transaction_read_only = on"


class PostgresqlServer:
    capabilities = CAPABILITIES

    def __init__(self, url: sa.URL, *, writable: bool, schemas: Sequence[str], timeouts: Timeouts) -> None:
        self._writable = writable
        self._schemas = tuple(schemas) or ("public",)
        self._timeouts = timeouts
        self.home: str | None = self._schemas[0]
        self.changes = PostgresqlChanges()
        self.physical = PostgresqlPhysical()
        self.keys = PostgresqlKeys()
        self.engine = sa.create_engine(
            url.set(drivername="postgresql+psycopg"),
            poolclass=pool.QueuePool,
            pool_size=2,
            max_overflow=8,
            pool_timeout=timeouts.connect,
            hide_parameters=True,
            use_native_hstore=False,
            isolation_level=ISOLATION,
            connect_args={
                "connect_timeout": max(2, round(timeouts.connect)),
                "application_name": "troth",
                "client_encoding": "UTF8",
                "prepare_threshold": None,
                "tcp_user_timeout": round(timeouts.idle * 1000),
            },
        )
        event.listen(self.engine, "connect", self._on_connect)

    def _on_connect(self, driver: psycopg.Connection, _: object) -> None:
        """Settings of the session. The time zone is left as it is: triggers and rules of the store may depend on it."""
        for name, loader in _LENIENT.items():
            driver.adapters.register_loader(name, loader)
        quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in dict.fromkeys((*self._schemas, "public")))
        settings = [
            f"SET search_path = {quoted}, pg_temp",
            f"SET statement_timeout = {round(self._timeouts.statement * 1000)}",
            f"SET lock_timeout = {round(self._timeouts.lock * 1000)}",
            f"SET idle_in_transaction_session_timeout = {round(self._timeouts.idle * 1000)}",
            "SET row_security = off",
            "SET datestyle = 'ISO'",
            "SET jit = off",
            _READ_ONLY if not self._writable else "SET default_transaction_read_only = off",
        ]
        driver.execute("; ".join(settings).encode())
        driver.commit()

    def expressions(self) -> PostgresqlExpressions:
        return PostgresqlExpressions(self._version())

    def _version(self) -> int:
        found = [int(part) for part in self.engine.dialect.server_version_info or (0,)]
        return found[0] * 10000 + (found[1] if len(found) > 1 else 0)

    def health(self, connection: sa.Connection) -> Health:
        row = connection.exec_driver_sql(
            "select current_database() as name,"
            " (select oid from pg_database where datname = current_database()) as oid,"
            " current_setting('server_version') as version, pg_is_in_recovery() as replica,"
            " has_function_privilege('pg_control_system()', 'execute') as told"
        ).one()
        info = cast("psycopg.Connection", connection.connection.driver_connection).info
        endpoint = f"{info.host or info.hostaddr or 'local'}:{info.port}/{row.name}"
        limits: list[str] = []
        if row.told:
            server = str(connection.exec_driver_sql("select system_identifier from pg_control_system()").scalar_one())
        else:
            server = f"at {endpoint}"
            limits.append("the role may not read the server's identifier: its address stands for it")
        if row.replica:
            limits.append("this is a replica: it may lag behind the primary")
        filtered, closed = self._hidden(connection)
        if filtered:
            hidden = "row-level security would hide rows from this role: it cannot be asked about"
            limits.append(f"{hidden} {', '.join(filtered)}")
        writable = self._writable and not row.replica
        lag = connection.exec_driver_sql(_LAG).one() if writable else None
        return Health(
            Identity(server, f"{row.oid}/{row.name}", endpoint),
            f"PostgreSQL {row.version}",
            writable,
            read_transport(connection),
            tuple(limits),
            tuple(closed),
            lag=float(lag.seconds) if lag is not None and lag.seconds is not None else None,
            lag_hidden=lag is not None and bool(lag.hidden),
            outside=self.physical.outside(connection),
        )

    def access(self, connection: sa.Connection) -> Access:
        return read_access(connection, self._schemas)

    def granting(self, connection: sa.Connection, catalog: Catalog, grants: tuple[Grant, ...]) -> str:
        database = connection.exec_driver_sql("select current_database()").scalar_one()
        access, version = self.access(connection), self._version()
        return grants_text(grants, catalog, access, database=database, home=self._schemas[0], version=version)

    def _hidden(self, connection: sa.Connection) -> tuple[list[str], list[str]]:
        """Tables of the declared schemas of which this role may not see all rows, and those it may not see at all."""
        rows = connection.execute(
            sa.text(
                "select c.oid, row_security_active(c.oid) as filtered,"
                " has_table_privilege(c.oid, 'select') and has_schema_privilege(n.oid, 'usage') as readable"
                " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                " where c.relkind in ('r', 'p', 'm') and n.nspname = any(:schemas) order by n.nspname, c.relname"
            ),
            {"schemas": list(self._schemas)},
        ).all()
        rows = [row for row in rows if row.filtered or not row.readable]
        names = relation_names(connection, self._schemas) if rows else {}
        filtered = [names[row.oid] for row in rows if row.filtered]
        return filtered, [name for row in rows if not row.readable and (name := names[row.oid]) != RECEIPTS]

    def gather(self, connection: sa.Connection) -> None:
        make_room(connection)

    def catalog(self, connection: sa.Connection) -> Catalog:
        return read_catalog(connection, self._schemas)

    def stream(self, connect: Callable[[], sa.Connection], reading: Reading) -> Iterator[Sequence[sa.Row[Any]]]:
        """A cursor on the server, so that memory stays flat on both sides; its transaction cannot write."""
        with connect() as connection:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            if reading.gathers:
                make_room(connection)
            drawn = drawn_by_place(connection, reading) if reading.sample and not reading.gathers else None
            if drawn is not None:
                yield drawn
                return
            result = connection.execution_options(stream_results=True, yield_per=CHUNK).execute(reading.drawn)
            with closing(
                cast("psycopg.ServerCursor", result.cursor)
            ):  # SQLAlchemy lets go of it without closing when the session is lost
                yield from result.partitions(CHUNK)


class _LenientDate(loaders.DateLoader):
    """A date, or its text where Python's calendar ends (``infinity``, BC, beyond 9999)."""

    def load(self, data: Any) -> Any:
        return _or_text(super().load, data)


class _LenientTimestamp(loaders.TimestampLoader):
    def load(self, data: Any) -> Any:
        return _or_text(super().load, data)


class _LenientTimestamptz(loaders.TimestamptzLoader):
    def load(self, data: Any) -> Any:
        return _or_text(super().load, data)


def _or_text(load: Callable[[Any], Any], data: Any) -> Any:
    try:
        return load(data)
    except psycopg.DataError:
        return bytes(data).decode()


_LENIENT: Mapping[str, type[Loader]] = {
    "date": _LenientDate,
    "timestamp": _LenientTimestamp,
    "timestamptz": _LenientTimestamptz,
}
