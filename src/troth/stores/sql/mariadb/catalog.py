# ruff: noqa: S608 — the statements are put together from constants of this file alone
"""The tables of MariaDB databases: one question to ``information_schema`` per subject, whatever the number of tables.

The server shows of it what the role has a right to: no table it may not use, no text of a trigger without TRIGGER, none
of a view without SHOW VIEW.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from troth.stores.access import RECEIPTS
from troth.stores.contract import CollectionInfo, FieldInfo, Reference, Rule, Trigger
from troth.stores.sql.catalog import COARSE, Catalog, Column, Kind, Table
from troth.stores.sql.mariadb.types import FLAGS, kind_of

_OURS = "not in ('information_schema', 'mysql', 'performance_schema', 'sys')"

_TABLES = f"""
select table_schema as db, table_name as name, table_type as type, engine, table_rows as tuples
from information_schema.tables where table_schema {_OURS} and table_type <> 'SEQUENCE' order by 1, 2"""

_COLUMNS = f"""
select table_schema as db, table_name as name, column_name as field, data_type as type, column_type as declared,
       character_maximum_length as length, is_nullable = 'NO' as required, collation_name as collation, extra,
       is_generated = 'ALWAYS' or locate('GENERATED', extra) > 0 as made
from information_schema.columns where table_schema {_OURS} order by 1, 2, ordinal_position"""

_INDEXES = f"""
select table_schema as db, table_name as name, index_name as of, column_name as field, non_unique = 0 as one,
       sub_part as part, index_type as type, ignored = 'YES' as ignored
from information_schema.statistics where table_schema {_OURS} order by 1, 2, 3, seq_in_index"""

_FOREIGN_KEYS = f"""
select k.table_schema as db, k.table_name as name, k.constraint_name as of, k.column_name as here,
       k.referenced_table_schema as far_db, k.referenced_table_name as far, k.referenced_column_name as there,
       r.delete_rule as rule
from information_schema.key_column_usage k join information_schema.referential_constraints r
  on r.constraint_schema = k.constraint_schema and r.constraint_name = k.constraint_name and r.table_name = k.table_name
where k.table_schema {_OURS} and k.referenced_table_name is not null order by 1, 2, 3, k.ordinal_position"""

_CHECKS = f"""
select constraint_schema as db, table_name as name, constraint_name as of, check_clause as text
from information_schema.check_constraints where constraint_schema {_OURS} order by 1, 2, 3"""

_TRIGGERS = f"""
select event_object_schema as db, event_object_table as name, trigger_name as of, event_manipulation as event,
       action_statement as text
from information_schema.triggers where event_object_schema {_OURS} order by 1, 2, 3"""

_VIEWS = f"""
select table_schema as db, table_name as name, view_definition as text
from information_schema.views where table_schema {_OURS}"""

_ON_DELETE: Mapping[str, Literal["no_action", "cascade", "set_null", "set_default"]] = {
    "CASCADE": "cascade", "SET NULL": "set_null", "SET DEFAULT": "set_default",
}  # fmt: skip

_TRANSACTIONAL = frozenset({"InnoDB"})
_HERE = frozenset({"InnoDB", "MyISAM", "Aria", "MEMORY", "CSV", "ARCHIVE", "ROCKSDB", "MRG_MyISAM", "PARTITION"})
"""Engines whose rows are in this server's own files."""

_JSON_RULE = re.compile(r"json_valid\(`((?:[^`]|``)*)`\)", re.IGNORECASE)
_SHOWN = re.compile(r"`((?:[^`]|``)*)`\.`((?:[^`]|``)*)`(?!\.`)")

Row = sa.Row[Any]
Name = tuple[str, str]
Rows = Mapping[Name, Sequence[Row]]


def read_catalog(connection: sa.Connection, schemas: Sequence[str]) -> Catalog:
    """Everything in the databases ``schemas``, the first of which gives its tables bare names, and tables elsewhere
    whose foreign keys point into them."""

    def rows(statement: str) -> Sequence[Row]:
        return connection.exec_driver_sql(statement).all()

    def by_table(statement: str) -> Rows:
        found: dict[Name, list[Row]] = defaultdict(list)
        for row in rows(statement):
            found[row.db, row.name].append(row)
        return found

    tables = {(row.db, row.name): row for row in rows(_TABLES)}
    facts = _Facts(
        tables, _names(tables, schemas[0]), schemas[0], by_table(_COLUMNS), by_table(_INDEXES),
        by_table(_FOREIGN_KEYS), by_table(_CHECKS), by_table(_TRIGGERS), by_table(_VIEWS),
    )  # fmt: skip
    inside = {name for name in tables if name[0] in schemas}
    inside |= {
        name for name in tables if any((key.far_db, key.far) in inside for key in facts.foreign_keys.get(name, ()))
    }
    receipts = (schemas[0], RECEIPTS)
    found = [facts.table(name) for name in tables if name in inside and name != receipts]
    others = connection.exec_driver_sql(
        f"select schema_name from information_schema.schemata where schema_name {_OURS} order by 1"
    ).scalars()
    elsewhere = tuple(f"database {name}" for name in others if name not in schemas)
    return Catalog({table.name: table for table in found}, elsewhere, receipts in tables)


def _names(tables: Mapping[Name, Row], home: str) -> dict[Name, str]:
    """Collection names: bare at home, ``database.table`` elsewhere; where the two would be equal, the one at home is
    written with its database too, quoted."""
    qualified = {f"{db}.{name}" for db, name in tables if db != home}
    return {
        (db, name): f"{db}.{name}" if db != home else name if name not in qualified else f"{db}.`{name}`"
        for db, name in tables
    }


@dataclass(frozen=True, slots=True)
class _Facts:
    """The answers of the catalogue, each by the table it is about."""

    tables: Mapping[Name, Row]
    names: Mapping[Name, str]
    home: str
    columns: Rows
    indexes: Rows
    foreign_keys: Rows
    checks: Rows
    triggers: Rows
    views: Rows

    def table(self, name: Name) -> Table:
        row = self.tables[name]
        documents = {found[1] for check in self.checks.get(name, ()) if (found := _JSON_RULE.fullmatch(check.text))}
        columns = {each.field: _column(each, documents) for each in self.columns.get(name, ())}
        indexes = self._by_index(name)
        view = row.type == "VIEW"
        info = CollectionInfo(
            self.names[name],
            "view" if view else "table" if row.engine in _HERE else "other",
            tuple(column.info for column in columns.values()),
            tuple(each.field for each in indexes.get("PRIMARY", ())),
            tuple(dict.fromkeys(tuple(each.field for each in rows) for rows in indexes.values() if rows[0].one)),
            tuple(
                Rule(each.of, each.text) for each in self.checks.get(name, ()) if not _JSON_RULE.fullmatch(each.text)
            ),
            self._references(name),
            _indexed(indexes),
            tuple(
                Trigger(each.of, frozenset({each.event.lower()}), each.text or "")
                for each in self.triggers.get(name, ())
            ),
            reads_from=tuple(sorted(self.names[source] for source in self._sources(name))) if view else (),
            rows_estimate=None if view or row.tuples is None else int(row.tuples),
        )
        kept = frozenset(each.field for each in self.columns.get(name, ()) if "on update" in each.extra.lower())
        refused = "" if view or row.engine in _TRANSACTIONAL else f"its engine, {row.engine}, has no transactions"
        schema = None if name[0] == self.home else name[0]
        return Table(info, name[1], columns, schema, no_receipts=refused, kept=kept)

    def _by_index(self, name: Name) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.indexes.get(name, ()):
            found[row.of].append(row)
        return found

    def _references(self, name: Name) -> tuple[Reference, ...]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.foreign_keys.get(name, ()):
            found[row.of].append(row)
        return tuple(
            Reference(
                of,
                tuple(row.here for row in rows),
                self._real((rows[0].far_db, rows[0].far)),
                tuple(row.there for row in rows),
                _ON_DELETE.get(rows[0].rule, "no_action"),
            )
            for of, rows in found.items()
        )

    def _real(self, name: Name) -> str:
        """A server that does not tell upper from lower case in names of tables may write one in either."""
        if name in self.names:
            return self.names[name]
        low = (name[0].lower(), name[1].lower())
        return next((self.names[each] for each in self.names if (each[0].lower(), each[1].lower()) == low), name[1])

    def _sources(self, view: Name) -> set[Name]:
        """What a view shows, through other views as well: every ``database``.``table`` in its text."""
        found: set[Name] = set()
        left = [view]
        while left:
            for row in self.views.get(left.pop(), ()):
                for db, name in _SHOWN.findall(row.text or ""):
                    source = (db.replace("``", "`"), name.replace("``", "`"))
                    if source in self.names and source not in found and source != view:
                        found.add(source)
                        left.append(source)
        return found


def _indexed(indexes: Mapping[str, Sequence[Row]]) -> tuple[tuple[str, ...], ...]:
    """Fields that an index sorts, up to the first of which it has a beginning alone."""
    found: dict[tuple[str, ...], None] = {}
    for rows in indexes.values():
        plain = [row.field for row in rows]
        cut = next((at for at, row in enumerate(rows) if row.part is not None or row.field is None), len(rows))
        if cut and rows[0].type == "BTREE" and not rows[0].ignored:
            found[tuple(plain[:cut])] = None
    return tuple(found)


def _column(row: Row, documents: set[str]) -> Column:
    kind: Kind = "json" if row.field.replace("`", "``") in documents else kind_of(row.type)
    length = int(row.length) if row.type in ("char", "varchar", "binary", "varbinary") else None
    coarse = "boolean" if row.declared in FLAGS else COARSE[kind]
    info = FieldInfo(row.field, coarse, row.declared, not row.required, length, bool(row.made))
    return Column(info, kind, row.declared, row.collation)
