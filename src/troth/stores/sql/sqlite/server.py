"""A SQLite file: how it is opened, which one it is, and how rows are read from it."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self, cast
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import pool

from troth.stores.access import Access, Grant, Transport
from troth.stores.contract import Capabilities, Health, Identity
from troth.stores.sql.catalog import Catalog
from troth.stores.sql.problems import LEFT_UNDONE
from troth.stores.sql.server import Reading, Timeouts
from troth.stores.sql.sqlite.access import file_access, mode_words
from troth.stores.sql.sqlite.catalog import read_catalog
from troth.stores.sql.sqlite.changes import SqliteChanges
from troth.stores.sql.sqlite.drawing import drawn_by_row
from troth.stores.sql.sqlite.expressions import SqliteExpressions
from troth.stores.sql.sqlite.keys import SqliteKeys
from troth.stores.sql.sqlite.physical import SqlitePhysical

CHUNK = 2_000

_STEPS = 50_000
"""SQLite's own instructions between two looks at the clock: some milliseconds."""

CAPABILITIES = Capabilities(
    kind="sqlite",
    changes=frozenset({"delete", "mask"}),
    related=True,
    receipts="in_transaction",
    proves_absence=True,
    limits=(
        "deleted content is overwritten in the file (secure_delete); older copies of it in free room are not",
        "a write-ahead log beside the file keeps it until its next checkpoint; copies and backups keep it",
        "full-text indexes keep words of a deleted row until they are optimised",
        "moments in text are compared to the second",
    ),
    rewrites="store",
)


class SqliteServer:
    capabilities = CAPABILITIES
    home: str | None = None

    def __init__(self, path: Path, *, writable: bool, timeouts: Timeouts) -> None:
        self._path = path
        self._writable = writable
        self._timeouts = timeouts
        self.changes = SqliteChanges()
        self.physical = SqlitePhysical(path)
        self.keys = SqliteKeys()
        self.engine = sa.create_engine(
            "sqlite://",
            creator=self._connect,
            poolclass=pool.QueuePool,
            pool_size=2,
            max_overflow=8,
            pool_timeout=timeouts.connect,
            hide_parameters=True,
        )

    def _connect(self) -> sqlite3.Connection:
        """Never makes a file. Transactions are begun by statement alone.

        When a program died in the middle of a change, SQLite has to write to undo it before anybody can read. A reading
        connection may, where the file's rights let it, and stays forbidden to change anything itself."""
        if self._writable:
            connection = self._opened("rw")
            connection.execute("PRAGMA secure_delete = ON").close()
            return connection
        connection = self._opened("ro")
        try:
            connection.execute("SELECT 1 FROM sqlite_schema").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname not in LEFT_UNDONE:
                raise
            connection.close()
            connection = self._opened("rw")
        connection.execute("PRAGMA query_only = ON").close()
        return connection

    def _opened(self, mode: str) -> sqlite3.Connection:
        uri = f"file:{quote(str(self._path))}?mode={mode}"
        connection = sqlite3.connect(
            uri, uri=True, timeout=self._timeouts.lock, isolation_level=None, check_same_thread=False, factory=_Timed
        )
        connection.allow(self._timeouts.statement)
        connection.execute("PRAGMA foreign_keys = ON").close()
        return connection

    def expressions(self) -> SqliteExpressions:
        return SqliteExpressions()

    def health(self, connection: sa.Connection) -> Health:
        connection.exec_driver_sql("select count(*) from sqlite_schema").scalar_one()
        real = self._path.resolve()
        found = real.stat()
        writable = self._writable and os.access(real, os.W_OK) and os.access(real.parent, os.W_OK)
        identity = Identity(f"{real} ({found.st_dev}:{found.st_ino})", "main", str(real))
        version, outside = f"SQLite {sqlite3.sqlite_version}", self.physical.outside(connection)
        return Health(identity, version, writable, Transport("file"), outside=outside)

    def access(self, connection: sa.Connection) -> Access:
        return file_access(self._path.resolve())

    def granting(self, connection: sa.Connection, catalog: Catalog, grants: tuple[Grant, ...]) -> str:
        return mode_words(self._path.resolve())

    def gather(self, connection: sa.Connection) -> None:
        """SQLite takes what it needs, and writes it to a file when that is much."""

    def catalog(self, connection: sa.Connection) -> Catalog:
        return read_catalog(connection)

    def stream(self, connect: Callable[[], sa.Connection], reading: Reading) -> Iterator[Sequence[sa.Row[Any]]]:
        """Chunk by chunk in the order of the rows' numbers, no lock held between two chunks. A view, a table without
        numbers, a sample (which comes ordered) and what gathers other rows first are read by one cursor instead."""
        with connect() as connection:
            drawn = drawn_by_row(connection, reading) if reading.sample and not reading.gathers else None
            if drawn is not None:
                yield drawn
                return
            if reading.table.row_id is None or reading.sample or reading.gathers:
                yield from connection.execute(reading.drawn).partitions(CHUNK)
                return
            number = reading.rows.c[reading.table.row_id]
            limit = reading.limit
            last: int | None = None
            while limit is None or limit > 0:
                size = CHUNK if limit is None else min(CHUNK, limit)
                chunk = reading.query.add_columns(number).order_by(number).limit(size)
                rows = connection.execute(chunk if last is None else chunk.where(number > last)).all()
                connection.rollback()
                if rows:
                    yield rows
                if len(rows) < size:
                    return
                last = rows[-1][-1]
                limit = None if limit is None else limit - len(rows)


class _Timed(sqlite3.Connection):
    """A connection whose statements end when their time is over. Time counts from a statement's start, or from the
    last chunk that was taken from it."""

    _deadline = float("inf")
    _seconds = float("inf")

    def allow(self, seconds: float) -> None:
        self._seconds = seconds
        self.set_progress_handler(self._over, _STEPS)

    def _over(self) -> int:
        return int(time.monotonic() > self._deadline)

    def cursor(self, *_: Any, **__: Any) -> Any:
        return super().cursor(_TimedCursor)

    def renew(self) -> None:
        self._deadline = time.monotonic() + self._seconds


class _TimedCursor(sqlite3.Cursor):
    def execute(self, sql: str, parameters: Any = (), /) -> Self:
        cast("_Timed", self.connection).renew()
        return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any, /) -> Self:
        cast("_Timed", self.connection).renew()
        return super().executemany(sql, parameters)

    def fetchmany(self, size: int | None = None) -> list[Any]:
        cast("_Timed", self.connection).renew()
        return super().fetchmany(size)
