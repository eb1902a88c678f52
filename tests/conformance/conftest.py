"""Real databases of every SQL dialect, seeded and read back with the dialect's own client, never with the store."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, cast
from uuid import UUID

import psycopg
import pymysql
import pytest

from troth.stores.contract import Store
from troth.stores.sql import Timeouts, open_store
from troth.testing import mariadb as mariadb_kit
from troth.testing.postgresql import Database

DIALECTS = ("sqlite", "postgresql", "mariadb")

QUICK = Timeouts(connect=5, statement=20, lock=0.4, idle=20)


class Bench(Protocol):
    """A database for one test. ``types`` are the dialect's words for the types that statements name in braces."""

    @property
    def kind(self) -> str: ...

    @property
    def url(self) -> str: ...

    @property
    def types(self) -> Mapping[str, str]: ...

    def run(self, *statements: str) -> None:
        """Statements of one dialect, or of all when their types are in braces."""
        ...

    def insert(self, table: str, rows: Sequence[Sequence[object]]) -> None: ...

    def rows(self, query: str) -> list[tuple[object, ...]]: ...

    def store(self, *, writable: bool = True, zone: str = "UTC", schemas: Sequence[str] = ()) -> Store:
        """A store that is closed when the test ends."""
        ...


@dataclass
class _Stores:
    open: list[Store] = field(default_factory=list)

    def add(self, store: Store) -> Store:
        self.open.append(store)
        return store

    def close(self) -> None:
        for store in self.open:
            store.close()


SQLITE_TYPES = {
    "int": "INTEGER", "text": "TEXT", "bool": "BOOLEAN", "num": "NUMERIC", "real": "REAL", "ts": "TIMESTAMP",
    "tstz": "TIMESTAMPTZ", "day": "DATE", "json": "JSON", "uuid": "CHAR(36)", "bytes": "BLOB",
}  # fmt: skip

POSTGRESQL_TYPES = {
    "int": "bigint", "text": "text", "bool": "boolean", "num": "numeric", "real": "double precision", "ts": "timestamp",
    "tstz": "timestamptz", "day": "date", "json": "jsonb", "uuid": "uuid", "bytes": "bytea",
}  # fmt: skip

MARIADB_TYPES = {
    "int": "bigint", "text": "longtext", "bool": "boolean", "num": "decimal(30,6)", "real": "double",
    "ts": "datetime(6)", "tstz": "timestamp(6) null", "day": "date", "json": "json", "uuid": "uuid",
    "bytes": "longblob",
}  # fmt: skip


def _sqlite_value(value: object) -> object:
    match value:
        case datetime(tzinfo=zone) if zone is not None:
            return value.astimezone(UTC).isoformat(" ")
        case datetime():
            return value.isoformat(" ")
        case date() | UUID() | Decimal():
            return str(value)
        case bool():
            return int(value)
        case dict() | list():
            return json.dumps(value)
        case _:
            return value


@dataclass
class SqliteBench:
    path: Path
    stores: _Stores = field(default_factory=_Stores)
    kind: str = "sqlite"
    types: Mapping[str, str] = field(default_factory=lambda: SQLITE_TYPES)

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=5, isolation_level=None)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    @cached_property
    def client(self) -> sqlite3.Connection:
        return self.connect()

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.client.execute(statement.format_map(self.types) if "{" in statement else statement)

    def insert(self, table: str, rows: Sequence[Sequence[object]]) -> None:
        if not rows:
            return
        self.client.execute("BEGIN")
        marks = ", ".join("?" * len(rows[0]))
        values = [tuple(map(_sqlite_value, row)) for row in rows]
        self.client.executemany(f"INSERT INTO {table} VALUES ({marks})", values)
        self.client.execute("COMMIT")

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return self.client.execute(query).fetchall()

    def close(self) -> None:
        self.client.close()
        self.stores.close()

    def store(self, *, writable: bool = True, zone: str = "UTC", schemas: Sequence[str] = ()) -> Store:
        return self.stores.add(
            open_store("sqlite", self.url, writable=writable, zone=zone, schemas=schemas, timeouts=QUICK)
        )


@dataclass
class PostgresqlBench:
    database: Database
    stores: _Stores = field(default_factory=_Stores)
    kind: str = "postgresql"
    types: Mapping[str, str] = field(default_factory=lambda: POSTGRESQL_TYPES)

    @property
    def url(self) -> str:
        return self.database.url

    def connect(self) -> psycopg.Connection:
        return self.database.connect()

    @cached_property
    def client(self) -> psycopg.Connection:
        return self.connect()

    def run(self, *statements: str) -> None:
        for statement in statements:
            text = statement.format_map(self.types) if "{" in statement else statement
            self.client.execute(text.encode())

    def insert(self, table: str, rows: Sequence[Sequence[object]]) -> None:
        if not rows:
            return
        with self.client.cursor() as cursor, self.client.transaction():
            marks = ", ".join(["%s"] * len(rows[0]))
            values = [tuple(json.dumps(v) if isinstance(v, dict | list) else v for v in row) for row in rows]
            cursor.executemany(f"INSERT INTO {table} VALUES ({marks})".encode(), values)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return self.client.execute(query.encode()).fetchall()

    def close(self) -> None:
        self.client.close()
        self.stores.close()

    def store(self, *, writable: bool = True, zone: str = "UTC", schemas: Sequence[str] = ()) -> Store:
        return self.stores.add(
            open_store("postgresql", self.url, writable=writable, zone=zone, schemas=schemas, timeouts=QUICK)
        )


@dataclass
class MariadbBench:
    """Its own session reads names in double quotes, as the others do; the store must not mind."""

    database: mariadb_kit.Database
    stores: _Stores = field(default_factory=_Stores)
    kind: str = "mariadb"
    types: Mapping[str, str] = field(default_factory=lambda: MARIADB_TYPES)

    @property
    def url(self) -> str:
        return self.database.url

    def connect(self) -> pymysql.Connection[Any]:
        return self.database.connect(sql_mode="ANSI_QUOTES,STRICT_ALL_TABLES", init_command="SET time_zone = '+00:00'")

    @cached_property
    def client(self) -> pymysql.Connection[Any]:
        return self.connect()

    def _execute(self, statement: str) -> list[tuple[object, ...]]:
        with self.client.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def run(self, *statements: str) -> None:
        for statement in statements:
            text = statement.format_map(self.types) if "{" in statement else statement
            for each in self._analyzed() if text == "analyze" else [text.replace("analyze ", "analyze table ", 1)]:
                self._execute(each)

    def _analyzed(self) -> list[str]:
        tables = self._execute("select table_name from information_schema.tables where table_schema = database()")
        return [f"analyze table `{name}`" for (name,) in tables]

    def insert(self, table: str, rows: Sequence[Sequence[object]]) -> None:
        if not rows:
            return
        marks = ", ".join(["%s"] * len(rows[0]))
        values = [tuple(map(_mariadb_value, row)) for row in rows]
        with self.client.cursor() as cursor:
            cursor.execute("begin")
            cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", values)
            cursor.execute("commit")

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return self._execute(query)

    def close(self) -> None:
        self.client.close()
        self.stores.close()

    def store(self, *, writable: bool = True, zone: str = "UTC", schemas: Sequence[str] = ()) -> Store:
        return self.stores.add(
            open_store("mariadb", self.url, writable=writable, zone=zone, schemas=schemas, timeouts=QUICK)
        )


def _mariadb_value(value: object) -> object:
    match value:
        case datetime(tzinfo=zone) if zone is not None:
            return value.astimezone(UTC).replace(tzinfo=None)
        case dict() | list():
            return json.dumps(value)
        case UUID():
            return str(value)
        case _:
            return value


@pytest.fixture
def sqlite(sqlite_file: Path) -> Iterator[SqliteBench]:
    sqlite3.connect(sqlite_file).close()
    sqlite_file.touch()
    bench = SqliteBench(sqlite_file)
    yield bench
    bench.close()


@pytest.fixture
def pg(pg_database: Database) -> Iterator[PostgresqlBench]:
    bench = PostgresqlBench(pg_database)
    yield bench
    bench.close()


@pytest.fixture
def my(my_database: mariadb_kit.Database) -> Iterator[MariadbBench]:
    bench = MariadbBench(my_database)
    yield bench
    bench.close()


@pytest.fixture(params=DIALECTS)
def bench(request: pytest.FixtureRequest) -> Bench:
    """The same test on every dialect."""
    name = {"sqlite": "sqlite", "postgresql": "pg", "mariadb": "my"}[request.param]
    return cast("Bench", request.getfixturevalue(name))
