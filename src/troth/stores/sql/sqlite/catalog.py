# ruff: noqa: S608 — the statements are put together from constants of this file alone
"""The tables of a SQLite file: one query per subject over all of them, by the table-valued pragmas."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import sqlalchemy as sa

from troth.stores.access import RECEIPTS
from troth.stores.contract import CollectionInfo, FieldInfo, Reference, Trigger
from troth.stores.sql.catalog import COARSE, Catalog, Column, Kind, Table
from troth.stores.sql.sqlite.ddl import checks, collations, trigger_events

_OBJECTS = """
select s.name, s.type, s.sql, l.type as kind, l.wr
from sqlite_schema s join pragma_table_list l on l.schema = 'main' and l.name = s.name
where s.type in ('table', 'view') and s.name not like 'sqlite\\_%' escape '\\'
order by s.name"""

_ALL = (
    "(select name from sqlite_schema where type in ('table', 'view') and name not like 'sqlite\\_%' escape '\\'"
    " and name not in (select value from json_each(:broken))) t"
)

_COLUMNS = f"""
select t.name as of, c.name, c.type, c."notnull" as required, c.pk, c.hidden
from {_ALL}, pragma_table_xinfo(t.name) c order by t.name, c.cid"""

_INDEXES = f"""
select t.name as of, i.name as index_name, i."unique" as one, i.origin, i.partial, c.cid, c.name, c.key, s.sql
from {_ALL}, pragma_index_list(t.name) i, pragma_index_xinfo(i.name) c
left join sqlite_schema s on s.type = 'index' and s.name = i.name
order by t.name, i.seq, c.seqno"""

_FOREIGN_KEYS = f"""
select t.name as of, k.id, k."table" as target, k."from" as here, k."to" as there, k.on_delete
from {_ALL}, pragma_foreign_key_list(t.name) k order by t.name, k.id, k.seq"""

_TRIGGERS = "select tbl_name as of, name, sql from sqlite_schema where type = 'trigger' order by tbl_name, name"

_ON_DELETE: Mapping[str, Literal["no_action", "cascade", "set_null", "set_default"]] = {
    "CASCADE": "cascade", "SET NULL": "set_null", "SET DEFAULT": "set_default",
}  # fmt: skip

_READ = 20
"""sqlite3's SQLITE_READ: the authorizer is told table and column."""

Row = sa.Row[Any]
Rows = Mapping[str, Sequence[Row]]


def read_catalog(connection: sa.Connection) -> Catalog:
    """Everything in the file, our own table left out."""

    objects = {row.name: row for row in connection.exec_driver_sql(_OBJECTS)}
    broken = [name for name, row in objects.items() if row.type == "view" and not _prepares(connection, name)]

    def by_table(statement: str) -> Rows:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in connection.execute(sa.text(statement), {"broken": json.dumps(broken)} if _ALL in statement else {}):
            found[row[0]].append(row)
        return found

    facts = _Facts(
        connection, objects, by_table(_COLUMNS), by_table(_INDEXES), by_table(_FOREIGN_KEYS), by_table(_TRIGGERS),
        _estimates(connection),
    )  # fmt: skip
    tables = {name: facts.table(name) for name in objects if name != RECEIPTS}
    return Catalog(tables, (), RECEIPTS in objects)


def _estimates(connection: sa.Connection) -> Mapping[str, int]:
    """Rows by table, as the last ANALYZE counted them."""
    if connection.exec_driver_sql("select 1 from sqlite_schema where name = 'sqlite_stat1'").first() is None:
        return {}
    rows = connection.exec_driver_sql("select tbl, max(cast(stat as integer)) from sqlite_stat1 group by tbl").all()
    return {name: count for name, count in rows if count is not None}


@dataclass(frozen=True, slots=True)
class _Facts:
    connection: sa.Connection
    objects: Mapping[str, Row]
    columns: Rows
    indexes: Rows
    foreign_keys: Rows
    triggers: Rows
    estimates: Mapping[str, int]

    def table(self, name: str) -> Table:
        row = self.objects[name]
        columns = self._columns(name)
        row_id = None if row.wr or row.kind == "view" else _row_id(columns)
        kinds: Mapping[str, Literal["table", "view", "materialized_view", "other"]] = {
            "table": "table", "virtual": "table", "view": "view",
        }  # fmt: skip
        info = CollectionInfo(
            name,
            kinds.get(row.kind, "other"),
            tuple(column.info for column in columns.values()),
            self._key(name),
            self._unique(name),
            checks(row.sql or "") if row.kind == "table" else (),
            self._references(name),
            self._indexed(name),
            tuple(Trigger(found.name, trigger_events(found.sql), found.sql) for found in self.triggers.get(name, ())),
            self._shadow_of(name) if row.kind == "shadow" else None,
            None,
            self._sources(name) if row.kind == "view" else (),
            False,
            self.estimates.get(name, self._span(name, row_id)),
            row_id is not None,
        )
        return Table(info, name, columns, None, row_id)

    def _span(self, name: str, row_id: str | None) -> int | None:
        """From the first row's number to the last's: no fewer places than there are rows."""
        if row_id is None:
            return None
        number: sa.ColumnClause[int] = sa.column(row_id, sa.BigInteger())
        table = sa.table(name, number)
        first = self.connection.execute(sa.select(sa.func.min(number)).select_from(table)).scalar()
        last = self.connection.execute(sa.select(sa.func.max(number)).select_from(table)).scalar()
        return 0 if first is None or last is None else last - first + 1

    def _columns(self, name: str) -> dict[str, Column]:
        row = self.objects[name]
        plain = row.kind == "table" and row.sql
        said = {column.lower(): collation for column, collation in collations(row.sql).items()} if plain else {}
        found = (_column(column, self.columns[name]) for column in self.columns.get(name, ()))
        return {
            each.name: replace(each, collation=said.get(each.name.lower(), "BINARY")) if plain else each
            for each in found
        }

    def _key(self, name: str) -> tuple[str, ...]:
        return tuple(row.name for row in sorted(self.columns.get(name, ()), key=lambda row: row.pk) if row.pk)

    def _by_index(self, name: str) -> list[list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.indexes.get(name, ()):
            if row.key:
                found[row.index_name].append(row)
        return list(found.values())

    def _unique(self, name: str) -> tuple[tuple[str, ...], ...]:
        """Groups of fields in which the store may refuse a repetition: of a partial index or one on expressions, every
        field that its text names."""
        groups: dict[tuple[str, ...], None] = {}
        if key := self._key(name):
            groups[key] = None
        for rows in self._by_index(name):
            if rows[0].one:
                plain = tuple(row.name for row in rows if row.name is not None)
                named = tuple(row.name for row in self.columns[name] if _names(rows[0].sql, row.name))
                groups[plain if len(plain) == len(rows) else named] = None
        return tuple(groups)

    def _indexed(self, name: str) -> tuple[tuple[str, ...], ...]:
        groups: dict[tuple[str, ...], None] = {}
        key = self._key(name)
        if len(key) == 1 and not any(rows[0].origin == "pk" for rows in self._by_index(name)):
            groups[key] = None
        for rows in self._by_index(name):
            names = [row.name for row in rows]
            plain = names[: names.index(None)] if None in names else names
            if plain and not rows[0].partial:
                groups[tuple(plain)] = None
        return tuple(groups)

    def _references(self, name: str) -> tuple[Reference, ...]:
        groups: dict[int, list[Row]] = defaultdict(list)
        for row in self.foreign_keys.get(name, ()):
            groups[row.id].append(row)
        found = []
        for number, rows in groups.items():
            target = self._real(rows[0].target)
            here = tuple(row.here for row in rows)
            there = self._key(target) if rows[0].there is None else tuple(row.there for row in rows)
            on_delete = _ON_DELETE.get(rows[0].on_delete, "no_action")
            found.append(Reference(f"fk_{number}_{'_'.join(here)}", here, target, there, on_delete))
        return tuple(found)

    def _real(self, name: str) -> str:
        """SQLite does not tell upper from lower case in names; we take the name as the table was created with."""
        return next((known for known in self.objects if known.lower() == name.lower()), name)

    def _shadow_of(self, name: str) -> str | None:
        owners = [
            other for other, row in self.objects.items() if row.kind == "virtual" and name.startswith(f"{other}_")
        ]
        return max(owners, key=len, default=None)

    def _sources(self, view: str) -> tuple[str, ...]:
        """What SQLite itself says it reads when it prepares a query of the view."""
        seen: set[str] = set()

        def authorize(action: int, first: str | None, _: str | None, database: str | None, __: str | None) -> int:
            if action == _READ and first and database == "main":
                seen.add(self._real(first))
            return sqlite3.SQLITE_OK

        driver = cast("sqlite3.Connection", self.connection.connection.driver_connection)
        quoted = view.replace('"', '""')
        driver.set_authorizer(authorize)
        try:
            driver.execute(f'explain select * from "{quoted}"').close()
        except sqlite3.Error:
            return ()
        finally:
            driver.set_authorizer(None)
        return tuple(sorted(seen - {view}))


def _prepares(connection: sa.Connection, view: str) -> bool:
    """False of a view over something that is no longer there: SQLite keeps it, and knows no columns of it."""
    driver = cast("sqlite3.Connection", connection.connection.driver_connection)
    quoted = view.replace('"', '""')
    try:
        driver.execute(f'explain select * from "{quoted}"').close()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:
            return False
        raise
    return True


def _names(text: str | None, column: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(column)}(?!\w)", text or "", re.IGNORECASE) is not None


def _row_id(columns: Mapping[str, Column]) -> str | None:
    """A name for the row's number that no column of the table bears; none when all are taken."""
    taken = {name.lower() for name in columns}
    return next((name for name in ("rowid", "_rowid_", "oid") if name not in taken), None)


def _column(row: Row, siblings: Sequence[Row]) -> Column:
    declared = row.type or ""
    kind = kind_of(declared)
    length = re.search(r"CHAR\w*\s*\(\s*(\d+)", declared, re.IGNORECASE)
    required = bool(row.required) or (
        row.pk and declared.upper() == "INTEGER" and sum(1 for one in siblings if one.pk) == 1
    )
    info = FieldInfo(
        row.name, COARSE[kind], declared, not required, int(length[1]) if length else None, row.hidden in (2, 3)
    )
    return Column(info, kind, declared)


_WORDS: Sequence[tuple[Kind, tuple[str, ...]]] = (
    ("boolean", ("BOOL",)),
    ("json", ("JSON",)),
    ("uuid", ("UUID", "GUID")),
    ("datetime_tz", ("TIMESTAMPTZ", "WITH TIME ZONE")),
    ("datetime", ("DATETIME", "TIMESTAMP")),
    ("other", ("INTERVAL", "POINT")),
    ("integer", ("INT",)),
    ("text", ("CHAR", "CLOB", "TEXT", "STRING")),
    ("bytes", ("BLOB", "BINARY")),
    ("float", ("REAL", "FLOA", "DOUB")),
    ("decimal", ("DEC", "NUM")),
)


def kind_of(declared: str) -> Kind:
    """What a declared type says, by SQLite's own rules for affinity and the names people use beyond them."""
    name = declared.upper()
    if name == "DATE":
        return "date"
    if "WITHOUT TIME ZONE" in name:
        return "datetime"
    for kind, words in _WORDS:
        if any(word in name for word in words):
            return kind
    return "other"
