"""What a condition says of one row held in memory: a second opinion beside every store's own."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import assert_never
from zoneinfo import ZoneInfo

from tests.model.spec import Plain, Row, Table

from troth.stores.conditions import (
    All,
    AnyOf,
    Before,
    Blank,
    Breaks,
    Condition,
    Everything,
    Field,
    Held,
    InKeys,
    Key,
    Malformed,
    Matches,
    Not,
    Related,
)


@dataclass(frozen=True)
class Judge:
    """``rows`` gives a table's rows as they are now; ``keys`` are the selection's."""

    tables: Mapping[str, Table]
    rows: Callable[[str], list[Row]]
    keys: Mapping[str, tuple[Key, ...]]
    zone: str

    def meets(self, table: str, row: Row, condition: Condition) -> bool:
        match condition:
            case Everything():
                return True
            case All(conditions=parts):
                return all(self.meets(table, row, part) for part in parts)
            case AnyOf(conditions=parts):
                return any(self.meets(table, row, part) for part in parts)
            case Not(condition=inner):
                return not self.meets(table, row, inner)
            case Before():
                return self._before(row[condition.field.column], condition)
            case Matches(field=name, values=values):
                return row[name.column] in values
            case Held(field=name, blank=blank):
                return holds(row[name.column], blank, self.length(table, name))
            case InKeys(fields=names, keys=keys):
                return tuple(row[name.column] for name in names) in set(self.keys[keys])
            case Related(collection=other, on=on, where=where):
                return any(
                    all(row[here] is not None and row[here] == there[far] for here, far in on)
                    and self.meets(other, there, where)
                    for there in self.rows(other)
                )
            case Breaks(rule=rule, blanks=blanks):
                number = int(rule.removeprefix("check_")) - 1
                masked = {**row, **{name.column: blanked(blank, 1) for name, blank in blanks}}
                return breaks(self.tables[table].checks[number], masked)
            case Malformed():
                raise NotImplementedError
            case _:
                assert_never(condition)

    def length(self, table: str, name: Field) -> int | None:
        """Characters that the column has room for."""
        found = re.search(r"\((\d+)\)", self.tables[table].column(name.column).type)
        return int(found[1]) if found else None

    def _before(self, value: Plain, cutoff: Before) -> bool:
        match value:
            case int():
                return cutoff.unit == "epoch_s" and 0 < value < cutoff.instant.timestamp()
            case str() if cutoff.unit == "native":
                try:
                    moment = datetime.fromisoformat(value)
                except ValueError:
                    return False
                if len(value) == len("2024-02-29"):
                    return moment.date() < cutoff.day
                return moment.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC) < cutoff.instant
            case _:
                return False


def holds(value: Plain, blank: Blank, length: int | None) -> bool:
    """The value is something, and not what the blank would have put there."""
    if value is None:
        return False
    match blank.kind:
        case "null":
            return True
        case "constant":
            return value != blank.value
        case "unique":
            before, after = (re.escape(part) for part in blank.template)
            random = 32 if length is None else min(32, length - sum(map(len, blank.template)))
            return re.fullmatch(f"{before}[0-9a-f]{{{random}}}{after}", str(value)) is None


def blanked(blank: Blank, number: int) -> Plain:
    """What a mask writes; ``number`` makes a unique one another than all others."""
    match blank.kind:
        case "null":
            return None
        case "constant":
            return blank.value if not isinstance(blank.value, bool) else int(blank.value)
        case "unique":
            before, after = blank.template
            return f"{before}{number:032x}{after}"


def breaks(check: str, row: Row) -> bool:
    """A CHECK is broken when it is false; null passes."""
    columns = ", ".join(f"? AS {name}" for name in row)
    connection = sqlite3.connect(":memory:")
    try:
        (broken,) = connection.execute(f"SELECT NOT ({check}) FROM (SELECT {columns})", tuple(row.values())).fetchone()
    finally:
        connection.close()
    return bool(broken)
