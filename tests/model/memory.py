"""A store over dictionaries: the contract with foreign keys, cascades, unique fields and rules, in plain Python."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tests.model.conditions import Judge, blanked, breaks, holds
from tests.model.links import number
from tests.model.spec import Case, OnDelete, Row, State, Table

from troth.stores.access import EVERYTHING, Access, Grant, Granting, Role, Transport
from troth.stores.conditions import Field, Key
from troth.stores.contract import (
    Capabilities,
    Change,
    ChangeRefused,
    CollectionInfo,
    Count,
    Delete,
    FieldInfo,
    Health,
    Identity,
    Mask,
    Receipt,
    ReceiptKey,
    Reference,
    Rule,
    Schema,
    Selection,
    Value,
)

ON_DELETE: Mapping[OnDelete, Literal["no_action", "cascade", "set_null"]] = {
    "NO ACTION": "no_action",
    "CASCADE": "cascade",
    "SET NULL": "set_null",
}
TYPES: Mapping[str, Literal["number", "text", "date", "datetime"]] = {
    "INTEGER": "number",
    "TEXT": "text",
    "VARCHAR(6)": "text",
    "DATE": "date",
    "DATETIME": "datetime",
    "TIMESTAMP": "datetime",
}


@dataclass
class Memory:
    """One system's tables. Readers and writers are the same object."""

    case: Case
    system: str
    rows: dict[str, dict[int, Row]]
    receipts: dict[ReceiptKey, int] = field(default_factory=dict)
    fresh: int = 0

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities("memory", frozenset({"delete", "mask"}), True, "in_transaction", True, ())

    def check(self) -> Health:
        return Health(Identity("memory", self.system, "memory"), "1", writable=True, transport=Transport("file"))

    def access(self) -> Access:
        role = Role("everybody", enters=True)
        return Access("file", role, (Grant(role.name, EVERYTHING),), (role,), ())

    def describe(self) -> Schema:
        tables = sorted(
            (table for table in self.case.tables if table.system == self.system), key=lambda table: table.name
        )
        return Schema(tuple(_info(table) for table in tables))

    def count(self, selection: Selection, start: Field | None = None) -> Count:
        return Count(len(self._matching(selection)))

    def read(
        self, selection: Selection, fields: tuple[Field, ...], *, limit: int | None = None, sample: bool = False
    ) -> Iterator[tuple[Value, ...]]:
        yield from [tuple(row[name.column] for name in fields) for row in self._matching(selection)][:limit]

    def apply(self, change: Change, key: ReceiptKey) -> Receipt:
        if key in self.receipts:
            return Receipt(key, self.receipts[key], replayed=True)
        before = {name: dict(rows) for name, rows in self.rows.items()}
        try:
            match change:
                case Delete(selection=selection, limit=limit):
                    changed = self._delete(selection.collection, self._matching(selection)[:limit])
                case Mask():
                    changed = self._mask(change)
                case _:
                    changed = 0
            self.verify()
        except ChangeRefused:
            self.rows.clear()
            self.rows.update(before)
            raise
        self.receipts[key] = changed
        return Receipt(key, changed)

    def explain(self, request: Selection | Change | Granting) -> str:
        return str(request)

    def close(self) -> None:
        pass

    def _judge(self, keys: dict[str, tuple[Key, ...]]) -> Judge:
        tables = {table.name: table for table in self.case.tables}
        zone = self.case.data_map.systems[self.system].zone
        return Judge(tables, lambda name: list(self.rows[name].values()), keys, zone)

    def _matching(self, selection: Selection) -> list[Row]:
        judge = self._judge(dict(selection.keys))
        rows = self.rows[selection.collection].values()
        return [row for row in rows if judge.meets(selection.collection, row, selection.where)]

    def _delete(self, table: str, rows: list[Row]) -> int:
        for row in rows:
            self._remove(table, number(row))
        return len(rows)

    def _remove(self, table: str, n: int) -> None:
        gone = self.rows[table].pop(n, None)
        if gone is None:
            return
        for other in self.case.tables:
            for foreign in other.foreign if other.system == self.system else ():
                if foreign.target != table or foreign.on_delete == "NO ACTION":
                    continue
                pairs = list(zip(foreign.columns, foreign.target_columns, strict=True))
                for m, row in list(self.rows[other.name].items()):
                    if all(row[here] is not None and row[here] == gone[there] for here, there in pairs):
                        if foreign.on_delete == "CASCADE":
                            self._remove(other.name, m)
                        else:
                            self.rows[other.name][m] = {**row, **dict.fromkeys(foreign.columns)}

    def _mask(self, change: Mask) -> int:
        judge = self._judge({})
        rows = [
            row
            for row in self._matching(change.selection)
            if any(
                holds(row[name.column], blank, judge.length(change.selection.collection, name))
                for name, blank in change.blanks
            )
        ][: change.limit]
        for row in rows:
            self.fresh += 1
            values = {name.column: blanked(blank, self.fresh) for name, blank in change.blanks}
            self.rows[change.selection.collection][number(row)] = {**row, **values}
        return len(rows)

    def verify(self) -> None:
        """Everything that SQLite would refuse."""
        for table in self.case.tables:
            if table.system != self.system:
                continue
            rows = list(self.rows[table.name].values())
            for column in table.columns:
                if not column.null and any(row[column.name] is None for row in rows):
                    raise ChangeRefused(f"NOT NULL constraint failed: {table.name}.{column.name}")
                values = [row[column.name] for row in rows if row[column.name] is not None]
                if column.unique and len(set(values)) < len(values):
                    raise ChangeRefused(f"UNIQUE constraint failed: {table.name}.{column.name}")
            if any(breaks(check, row) for check in table.checks for row in rows):
                raise ChangeRefused(f"CHECK constraint failed: {table.name}")
            for foreign in table.foreign:
                there = {
                    tuple(row[name] for name in foreign.target_columns) for row in self.rows[foreign.target].values()
                }
                here = [tuple(row[name] for name in foreign.columns) for row in rows]
                if any(None not in value and value not in there for value in here):
                    raise ChangeRefused("FOREIGN KEY constraint failed")


def memories(case: Case) -> dict[str, Memory]:
    """A store for each system, filled with the case's rows."""
    return {
        system: Memory(
            case,
            system,
            {
                table.name: {number(row): dict(row) for row in case.rows[table.name]}
                for table in case.tables
                if table.system == system
            },
        )
        for system in case.systems
    }


def state_of(stores: dict[str, Memory]) -> State:
    return {table: dict(rows) for store in stores.values() for table, rows in store.rows.items()}


def _info(table: Table) -> CollectionInfo:
    fields = []
    for column in table.columns:
        length = re.search(r"\((\d+)\)", column.type)
        kind = TYPES[column.type]
        fields.append(FieldInfo(column.name, kind, column.type, column.null, int(length[1]) if length else None))
    references = [
        Reference(
            f"fk_{number}_{'_'.join(each.columns)}",
            each.columns,
            each.target,
            each.target_columns,
            ON_DELETE[each.on_delete],
        )
        for number, each in enumerate(reversed(table.foreign))
    ]
    unique = [*([table.key] if table.key else []), *((column.name,) for column in table.columns if column.unique)]
    rules = [Rule(f"check_{number}", check) for number, check in enumerate(table.checks, start=1)]
    indexed = tuple(unique)
    return CollectionInfo(
        table.name, "table", tuple(fields), table.key, tuple(unique), tuple(rules), tuple(references), indexed
    )
