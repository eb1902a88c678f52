"""A small world as a value, readable when it fails: tables, rows, what they serve, who asked, who is on hold."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, TypeAlias

from troth.policy.model import Policy, Processing
from troth.stores.conditions import Key
from troth.systems.model import Collection, DataMap

Plain: TypeAlias = str | int | None
Row: TypeAlias = Mapping[str, Plain]
"""A row by column; ``n`` names it for the test alone and never changes."""

State: TypeAlias = Mapping[str, Mapping[int, Row]]
"""Every row there is: table → n → row."""

OnDelete: TypeAlias = Literal["NO ACTION", "CASCADE", "SET NULL"]


@dataclass(frozen=True)
class Column:
    name: str
    type: str = "TEXT"
    null: bool = True
    unique: bool = False

    @property
    def ddl(self) -> str:
        return f"{self.name} {self.type}{'' if self.null else ' NOT NULL'}{' UNIQUE' if self.unique else ''}"


@dataclass(frozen=True)
class Foreign:
    """A foreign key of the table that has this."""

    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    on_delete: OnDelete = "NO ACTION"

    @property
    def ddl(self) -> str:
        here, there = ", ".join(self.columns), ", ".join(self.target_columns)
        rule = "" if self.on_delete == "NO ACTION" else f" ON DELETE {self.on_delete}"
        return f"FOREIGN KEY ({here}) REFERENCES {self.target} ({there}){rule}"


@dataclass(frozen=True)
class Table:
    """``key``: the primary key's columns; one of type INTEGER is also the row's number in SQLite."""

    system: str
    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ("id",)
    foreign: tuple[Foreign, ...] = ()
    checks: tuple[str, ...] = ()

    @property
    def ddl(self) -> str:
        parts = [column.ddl for column in self.columns]
        if self.key:
            parts.append(f"PRIMARY KEY ({', '.join(self.key)})")
        parts += [f"CHECK ({check})" for check in self.checks]
        parts += [foreign.ddl for foreign in self.foreign]
        return f"CREATE TABLE {self.name} ({', '.join(parts)})"

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def lets_go(self, foreign: Foreign) -> bool:
        """Deleting what the foreign key points at empties it, and nothing forbids that."""
        ruled = any(name in check for check in self.checks for name in foreign.columns)
        return foreign.on_delete == "SET NULL" and all(self.column(name).null for name in foreign.columns) and not ruled


@dataclass(frozen=True)
class Case:
    """``people``: keys of those who asked (erasure), by collection; ``None`` for a purge. ``held``: keys of people on
    hold. ``frozen``: collections on hold whole. ``batch``: rows in one batch."""

    tables: tuple[Table, ...]
    rows: Mapping[str, tuple[Row, ...]]
    policy: Policy
    data_map: DataMap
    collections: tuple[Collection, ...]
    today: date
    people: Mapping[str, tuple[Key, ...]] | None = None
    held: Mapping[str, tuple[Key, ...]] = field(default_factory=dict)
    frozen: frozenset[str] = frozenset()
    batch: int = 10_000

    def table(self, name: str) -> Table:
        return next(table for table in self.tables if table.name == name)

    def table_of(self, collection_id: str) -> str:
        return next(each.table for each in self.collections if each.id == collection_id)

    @property
    def systems(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(table.system for table in self.tables))

    def __repr__(self) -> str:
        return "Case(see the note)"

    def __str__(self) -> str:
        lines = [f"-- {self.today}, {'retention' if self.people is None else f'erase {dict(self.people)}'}"]
        lines += [f"-- held {dict(self.held)}" if self.held else "", f"-- frozen {self.frozen}" if self.frozen else ""]
        lines += [f"-- batches of {self.batch}" if self.batch < 10_000 else ""]
        zones = {self.policy.controller.zone, *(system.zone for system in self.data_map.systems.values())}
        lines += [f"-- zones {zones}, year ends {self.policy.controller.year_end}" if zones != {"UTC"} else ""]
        lines += [line for each in self.policy.processings.values() for line in _processing(each)]
        lines += [_collection(each) for each in self.collections]
        for table in self.tables:
            lines.append(f"{table.ddl};  -- {table.system}")
            for row in self.rows[table.name]:
                lines.append(f"INSERT INTO {table.name} VALUES ({', '.join(map(_literal, row.values()))});")
        return "\n".join(line for line in lines if line)


def build(case: Case, folder: Path) -> dict[str, Path]:
    """One SQLite file for each system, filled. Raises when the rows break the schema: the generator's own mistake."""
    files = {system: folder / f"{system}.db" for system in case.systems}
    for system, file in files.items():
        connection = sqlite3.connect(file)
        connection.execute("PRAGMA synchronous = OFF")
        for table in case.tables:
            if table.system == system:
                connection.execute(table.ddl)
        for table in case.tables:
            if table.system == system and case.rows[table.name]:
                marks = ", ".join("?" * len(table.columns))
                values = [tuple(row.values()) for row in case.rows[table.name]]
                connection.executemany(f"INSERT INTO {table.name} VALUES ({marks})", values)
        connection.commit()
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise AssertionError(f"the generator made dangling references: {broken}\n{case}")
        connection.close()
    return files


def snapshot(case: Case, files: Mapping[str, Path]) -> State:
    """Every row of every table, read with SQLite's own client."""
    state: dict[str, dict[int, Row]] = {}
    for system, file in files.items():
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        for table in case.tables:
            if table.system == system:
                rows = [dict(row) for row in connection.execute(f"SELECT * FROM {table.name}")]
                state[table.name] = {row["n"]: row for row in rows}
        connection.close()
    return state


def _literal(value: Plain) -> str:
    return "NULL" if value is None else f"'{value}'" if isinstance(value, str) else str(value)


def _processing(processing: Processing) -> list[str]:
    lines = []
    for purpose in processing.purposes.values():
        rules = " and ".join(
            f"[{rule.bound}{' archive' if rule.phase == 'archive' else ''}{' until' if rule.until else ''}"
            f"{' anonymise' if rule.action == 'anonymise' else ''}] {rule}"
            for rule in purpose.rules
        )
        more = "".join(
            f" {word}" for word in ("compelling", "precontract") if str(getattr(purpose, word)) not in ("", "False")
        )
        basis = purpose.basis.value if purpose.basis else "to confirm"
        lines.append(
            f"-- {processing.role[:4]} {processing.id}.{purpose.id} ({basis}{more}) {list(purpose.items)}: "
            f"{rules or 'no rule'}"
        )
    optional = [item.id for item in processing.items.values() if item.required is False]
    return [*lines, f"--   optional in {processing.id}: {optional}"] if optional else lines


def _collection(collection: Collection) -> str:
    parts = [f"-- {collection.id}" + (f" of {collection.table}" if collection.name != collection.table else "")]
    parts.append(f"for {', '.join(map(str, collection.serves))}")
    if collection.person:
        parts.append("(people)")
    if collection.where:
        parts.append(f"where {dict(collection.where)}")
    for mapped in collection.fields:
        rule = mapped.rule
        serves = f" for {', '.join(map(str, rule.serves))}" if rule.serves else ""
        parts.append(f"| {mapped.name}={rule.item}{serves}{f' blank {rule.blank!r}' if rule.blank is not None else ''}")
    parts += [
        f"| {link!r}".replace(", mark=Mark(file='systems.yaml', line=1, column=1)", "") for link in collection.links
    ]
    parts += [f"| {name}: {source!r}" for name, source in collection.events.items()]
    return " ".join(parts)
