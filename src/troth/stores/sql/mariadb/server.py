"""A MariaDB server at one address: how it is connected to, which one it is, and how rows stream from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from pymysql.constants import FIELD_TYPE
from pymysql.converters import conversions
from sqlalchemy import pool

from troth.core.errors import InputError
from troth.stores.access import Access, Grant
from troth.stores.contract import Capabilities, Health, Identity
from troth.stores.sql.catalog import Catalog
from troth.stores.sql.drawing import drawn_by_number
from troth.stores.sql.expressions import Expr, Test
from troth.stores.sql.mariadb.access import read_access, sees_all
from troth.stores.sql.mariadb.catalog import read_catalog
from troth.stores.sql.mariadb.changes import MariadbChanges
from troth.stores.sql.mariadb.expressions import MariadbExpressions
from troth.stores.sql.mariadb.grants import grants_text
from troth.stores.sql.mariadb.keys import MariadbKeys
from troth.stores.sql.mariadb.physical import MariadbPhysical
from troth.stores.sql.mariadb.texts import EXACT
from troth.stores.sql.mariadb.transport import read_transport
from troth.stores.sql.server import Reading, Timeouts

CHUNK = 2_000

OLDEST = (10, 11)
"""The oldest version that the tests have run on."""

CAPABILITIES = Capabilities(
    kind="mariadb",
    changes=frozenset({"delete", "mask"}),
    related=True,
    receipts="in_transaction",
    proves_absence=True,
    limits=(
        "a deleted row stays in the table's files until InnoDB has purged and written over it",
        "the binary log keeps whole rows as they were before a change until it is purged; so do replicas and backups",
        "a system-versioned table keeps every old row in its history, which is neither asked nor changed",
        "what the server logs (general_log, slow_query_log) holds statements, and their values with them",
        "rows that a foreign key's own action removes or changes run no triggers",
        "tables of engines without transactions (MyISAM, Aria, MEMORY) are read and never changed",
        "a role that may only read sees triggers with the right TRIGGER alone, and what a view shows with SHOW VIEW",
    ),
    rewrites="collection",
)

_MODE = "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,SIMULTANEOUS_ASSIGNMENT,NO_UNSIGNED_SUBTRACTION"
"""Ours and not the server's: quotes and backslashes as we write them, no value cut in silence, and a row's new values
made of its old ones alone."""

_FIXED = {
    "time_zone": "'+00:00'",
    "sql_mode": f"'{_MODE}'",
    "tx_isolation": "'READ-COMMITTED'",
    "foreign_key_checks": "1",
    "unique_checks": "1",
    "check_constraint_checks": "1",
    "sql_safe_updates": "0",
    "sql_select_limit": "18446744073709551615",
    "sql_big_selects": "1",
    "max_join_size": "18446744073709551615",
    "system_versioning_asof": "DEFAULT",
    "default_regex_flags": "''",
    "in_predicate_conversion_threshold": "0",
    "optimizer_switch": "'subquery_cache=off'",
}
"""DEFAULT would be what the server was told for all. The cache of subqueries keeps an answer by the outer row's text as
its column compares it: what was found for ``Ada`` would be taken for ``ada``."""

_WHICH = """
select version() as version, @@hostname as host, @@port as port, @@read_only as guarded, @@gtid_slave_pos as followed,
       database() as db"""

_VERSIONED = """
select table_schema as db, table_name as name from information_schema.tables
where table_type = 'SYSTEM VERSIONED' and table_schema in :schemas order by 1, 2"""


class MariadbServer:
    capabilities = CAPABILITIES
    home: str | None = None

    def __init__(self, url: sa.URL, *, writable: bool, schemas: Sequence[str], timeouts: Timeouts) -> None:
        self._writable = writable
        self._schemas = tuple(schemas) or (url.database or "",)
        self._endpoint = f"{url.host or 'local'}:{url.port or 3306}"
        self.changes = MariadbChanges()
        self.physical = MariadbPhysical(self._schemas[0])
        self.keys = MariadbKeys()
        seconds = {
            "max_statement_time": f"{timeouts.statement:.3f}",
            "innodb_lock_wait_timeout": _whole(timeouts.lock),
            "lock_wait_timeout": _whole(timeouts.lock),
            "idle_transaction_timeout": _whole(timeouts.idle),
            "net_write_timeout": _whole(timeouts.idle),
        }
        session = _FIXED | seconds | {"tx_read_only": "0" if writable else "1"}
        self.engine = sa.create_engine(
            url.set(drivername="mariadb+pymysql", database=self._schemas[0]),
            poolclass=pool.QueuePool,
            pool_size=2,
            max_overflow=8,
            pool_timeout=timeouts.connect,
            hide_parameters=True,
            connect_args={
                "charset": "utf8mb4",
                "collation": EXACT,
                "init_command": "SET SESSION " + ", ".join(f"{name} = {value}" for name, value in session.items()),
                "connect_timeout": max(1, math.ceil(timeouts.connect)),
                "read_timeout": math.ceil(timeouts.statement + 10),
                "write_timeout": math.ceil(timeouts.statement + 10),
                "program_name": "troth",
                "binary_prefix": True,
                "local_infile": False,
                "conv": _CONVERSIONS,
            },
        )

    def expressions(self) -> MariadbExpressions:
        return MariadbExpressions()

    def health(self, connection: sa.Connection) -> Health:
        row = connection.exec_driver_sql(_WHICH).one()
        _supported(row.version)
        followed = bool(row.followed) and bool(row.guarded)
        limits = ["this is a replica: it may lag behind the primary"] if followed else []
        if not sees_all(connection, self._schemas):
            limits.append("the role has no right on the whole database: tables that it may not see are not seen")
        limits += self._histories(connection)
        return Health(
            Identity(f"{row.host}:{row.port}", self._schemas[0], f"{self._endpoint}/{self._schemas[0]}"),
            f"MariaDB {row.version.partition('-MariaDB')[0]}",
            self._writable and not followed,
            read_transport(connection),
            tuple(limits),
            outside=self.physical.outside(connection),
        )

    def _histories(self, connection: sa.Connection) -> Iterator[str]:
        query = sa.text(_VERSIONED).bindparams(sa.bindparam("schemas", list(self._schemas), expanding=True))
        names = [
            row.name if row.db == self._schemas[0] else f"{row.db}.{row.name}" for row in connection.execute(query)
        ]
        if names:
            yield (
                f"system-versioned: {', '.join(names)}; what is deleted or masked there stays in the history, which is "
                "not looked at (DELETE HISTORY FROM takes it out)"
            )

    def access(self, connection: sa.Connection) -> Access:
        return read_access(connection, self._schemas)

    def granting(self, connection: sa.Connection, catalog: Catalog, grants: tuple[Grant, ...]) -> str:
        return grants_text(grants, catalog, self.access(connection), home=self._schemas[0])

    def gather(self, connection: sa.Connection) -> None:
        """The server takes what it needs, and writes it to its temporary files when that is much."""

    def catalog(self, connection: sa.Connection) -> Catalog:
        return read_catalog(connection, self._schemas)

    def stream(self, connect: Callable[[], sa.Connection], reading: Reading) -> Iterator[Sequence[sa.Row[Any]]]:
        """Chunk by chunk in the order of the key, no transaction left open between two chunks: one that is would make
        the server keep every older row. A view, a table without a key, a sample (which comes in random order) and what
        gathers other rows first are read by one statement instead."""
        names = reading.table.info.key
        with connect() as connection:
            drawn = _drawn(connection, reading) if reading.sample and not reading.gathers else None
            if drawn is not None:
                yield drawn
            elif not names or reading.sample or reading.gathers:
                result = connection.execution_options(stream_results=True, yield_per=CHUNK).execute(reading.drawn)
                yield from result.partitions(CHUNK)
            else:
                yield from _by_key(connection, reading, [reading.rows.c[name] for name in names])


def _by_key(connection: sa.Connection, reading: Reading, key: Sequence[Expr]) -> Iterator[Sequence[sa.Row[Any]]]:
    limit = reading.limit
    query = reading.query.add_columns(*key).order_by(*key)
    last: Sequence[Any] | None = None
    while limit is None or limit > 0:
        size = CHUNK if limit is None else min(CHUNK, limit)
        rows = connection.execute((query if last is None else query.where(_after(key, last))).limit(size)).all()
        connection.rollback()
        if rows:
            yield rows
        if len(rows) < size:
            return
        last = rows[-1][-len(key) :]
        limit = None if limit is None else limit - len(rows)


def _after(key: Sequence[Expr], last: Sequence[Any]) -> Test:
    """Later in the order of the key; written out, since the server finds no index for a comparison of tuples."""
    first, rest = key[0] > last[0], None
    if len(key) > 1:
        rest = sa.and_(key[0] == last[0], _after(key[1:], last[1:]))
    return first if rest is None else sa.and_(key[0] >= last[0], sa.or_(first, rest))


def _drawn(connection: sa.Connection, reading: Reading) -> list[sa.Row[Any]] | None:
    """By its key, where that is one whole number."""
    key = reading.table.info.key
    if len(key) != 1 or reading.table.columns[key[0]].kind != "integer":
        return None
    number = reading.rows.c[key[0]]
    return drawn_by_number(connection, reading, number, number.in_)


def _supported(version: str) -> None:
    """Raises ``InputError`` for a version that no test has run on."""
    found = version.partition("-")[0]
    if tuple(int(part) for part in found.split(".")[:2]) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise InputError(
            f"the server is MariaDB {found}", hint=f"this version needs {oldest} or newer", code="STORE-SERVER"
        )


def _whole(seconds: float) -> str:
    return str(max(1, math.ceil(seconds)))


def _instant(text: bytes | str) -> datetime | str:
    """A TIMESTAMP as the instant it is, or its text where it is none (``0000-00-00 00:00:00``)."""
    said = text.decode() if isinstance(text, bytes) else text
    try:
        return datetime.fromisoformat(said).replace(tzinfo=UTC)
    except ValueError:
        return said


_CONVERSIONS: Mapping[Any, Any] = conversions | {FIELD_TYPE.TIMESTAMP: _instant}
