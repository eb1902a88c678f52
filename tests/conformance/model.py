"""What conditions mean, evaluated row by row in plain Python: the measure every store is held against.

A row is a mapping of column names to Python values (naive and aware datetimes, dates, numbers, text, UUIDs, JSON as
dicts). Nothing here is shared with the stores.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import assert_never
from uuid import UUID
from zoneinfo import ZoneInfo

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

Row = Mapping[str, object]

TRUE = {"true", "t", "yes", "y", "on", "1"}
FALSE = {"false", "f", "no", "n", "off", "0"}

MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(?: ?(Z|[+-]\d\d(?::?[0-5]\d)?))?)?", re.ASCII
)


UTC_ZONE = ZoneInfo("UTC")


@dataclass(frozen=True)
class World:
    """``tables``: rows by collection; ``keys``: key sets by name; ``zone``: how naive times are read."""

    tables: Mapping[str, Sequence[Row]]
    keys: Mapping[str, tuple[Key, ...]]
    zone: ZoneInfo = UTC_ZONE

    def select(self, table: str, condition: Condition) -> list[Row]:
        return [row for row in self.tables[table] if self.meets(row, condition)]

    def meets(self, row: Row, condition: Condition) -> bool:
        match condition:
            case Everything():
                return True
            case All(conditions=parts):
                return all(self.meets(row, part) for part in parts)
            case AnyOf(conditions=parts):
                return any(self.meets(row, part) for part in parts)
            case Not(condition=inner):
                return not self.meets(row, inner)
            case Before():
                return self.before(value_of(row, condition.field), condition)
            case Matches(values=values):
                found = value_of(row, condition.field)
                return any(equals(found, value) for value in values)
            case Held(blank=blank):
                return held(value_of(row, condition.field), blank)
            case InKeys():
                return self.in_keys(row, condition)
            case Related(collection=name, on=on, where=where):
                return any(
                    all(row[here] is not None and row[here] == other[there] for here, there in on)
                    and self.meets(other, where)
                    for other in self.tables[name]
                )
            case Malformed() | Breaks():
                raise NotImplementedError
            case _:
                assert_never(condition)

    def before(self, found: object, cutoff: Before) -> bool:
        match found:
            case datetime(tzinfo=None):
                return cutoff.unit == "native" and found < cutoff.instant.astimezone(self.zone).replace(tzinfo=None)
            case datetime():
                return cutoff.unit == "native" and found < cutoff.instant
            case date():
                return cutoff.unit == "native" and found < cutoff.day
            case bool() | None:
                return False
            case int() | float() | Decimal():
                scale = {"epoch_s": 1, "epoch_ms": 1000}.get(cutoff.unit)
                return scale is not None and 0 < found < cutoff.instant.timestamp() * scale
            case str():
                if cutoff.unit == "native":
                    return self.before(as_moment(found), cutoff)
                number = re.fullmatch(r"\d{1,15}(\.\d{1,9})?", found, re.ASCII)
                return number is not None and self.before(Decimal(found), cutoff)
            case _:
                return False

    def in_keys(self, row: Row, condition: InKeys) -> bool:
        found = [value_of(row, field) for field in condition.fields]
        if condition.fold and isinstance(found[0], str):
            return any(found[0].lower() == key[0] for key in self.keys[condition.keys])
        return any(
            len(key) == len(found) and all(equals(value, part) for value, part in zip(found, key, strict=True))
            for key in self.keys[condition.keys]
        )


def as_moment(text: str) -> object:
    """A date, a naive or an aware datetime, or nothing."""
    found = MOMENT.fullmatch(text)
    if found is None:
        return None
    day, time, offset = found.groups()
    try:
        if time is None:
            return date.fromisoformat(day)
        if offset is None:
            return datetime.fromisoformat(f"{day} {time}")
        if offset != "Z" and int(offset[1:3]) > 14:
            return None
        return datetime.fromisoformat(f"{day} {time}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def value_of(row: Row, field: Field) -> object:
    """The value, or what lies at the path: through objects alone, as text unless missing or null."""
    found = row[field.column]
    for part in field.path:
        found = found.get(part) if isinstance(found, dict) else None
    if not field.path or found is None:
        return found
    if isinstance(found, bool):
        return "true" if found else "false"
    return str(found)


def equals(found: object, value: str | int | bool | None) -> bool:
    if found is None or value is None:
        return found is None and value is None
    match found:
        case bool():
            truth = as_truth(value)
            return truth is not None and found == truth
        case int() | float() | Decimal():
            if isinstance(value, bool):
                return found == int(value)
            if isinstance(found, int) and isinstance(value, str):
                return re.fullmatch(r"[+-]?\d+", value, re.ASCII) is not None and found == int(value)
            try:
                return Decimal(str(found)) == Decimal(value)
            except InvalidOperation:
                return False
        case str():
            if isinstance(value, bool):
                return found.lower() in (TRUE if value else FALSE)
            return found == str(value)
        case UUID():
            return str(found) == str(value).lower()
        case date():
            return found.isoformat() == value
        case _:
            return False


def as_truth(value: str | int | bool) -> bool | None:
    text = str(value).lower()
    return True if text in TRUE else False if text in FALSE else None


def held(found: object, blank: Blank) -> bool:
    if found is None:
        return False
    match blank.kind:
        case "null":
            return True
        case "constant":
            return not equals(found, blank.value)
        case "unique":
            before, after = blank.template
            return not re.fullmatch(f"{re.escape(before)}[0-9a-f]{{32}}{re.escape(after)}", str(found))
