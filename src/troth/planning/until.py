"""Until when a row is kept, as a date where its start is known: what Art. 15(1)(d) asks for, row by row.

Inside one purpose the shortest maximum counts, and no maximum ends before a minimum; across purposes the last one does.
A row whose clock has not begun (a contract that runs) has no date, and its criterion is said in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from troth.planning.asks import Ask
from troth.planning.ends import governing, last_day
from troth.planning.theirs import Theirs
from troth.planning.world import World, field_of
from troth.policy.model import Rule
from troth.stores.conditions import Blank, Held, both
from troth.stores.contract import Value
from troth.systems.model import BelongsTo, Collection, InRow, Through, Use


@dataclass(frozen=True, slots=True)
class Start:
    """Where a rule's clock starts: a field of the row itself, or one answer for all rows of the person (``ask``: the
    moments of the rows that these belong to; ``all_asked`` counts those rows, with and without a moment)."""

    rule: Rule
    source: InRow | None = None
    ask: Ask | None = None
    all_asked: Ask | None = None


@dataclass(frozen=True, slots=True)
class Keeping:
    """One purpose of a collection, and where the clock of each of its rules starts."""

    use: Use
    starts: tuple[Start, ...]


def keepings(world: World, theirs: Theirs, collection: Collection) -> tuple[Keeping, ...]:
    """Every purpose that the rows of a collection serve."""
    return tuple(
        Keeping(use, tuple(_start(world, theirs, collection, rule) for rule in governing(world.purpose(use))))
        for use in world.row_purposes(collection)
    )


def fields_needed(keeping: tuple[Keeping, ...]) -> tuple[str, ...]:
    """The fields of a row that its dates are reckoned from."""
    sources = [start.source for each in keeping for start in each.starts if start.source is not None]
    names = [name for source in sources for name in (source.field, *(column for column, _ in source.where))]
    return tuple(dict.fromkeys(names))


def kept_until(
    world: World,
    collection: Collection,
    keeping: tuple[Keeping, ...],
    row: Mapping[str, Value],
    known: Mapping[Ask, date],
) -> date | None:
    """The last day the row is kept; ``None`` where one of its purposes has no date. ``known``: the latest moment of
    what rows belong to, for those rules that start there."""
    days: list[date] = []
    for each in keeping:
        day = _purpose_day(world, collection, each, row, known)
        if day is None:
            return None
        days.append(day)
    return max(days, default=None)


def _purpose_day(
    world: World, collection: Collection, keeping: Keeping, row: Mapping[str, Value], known: Mapping[Ask, date]
) -> date | None:
    caps: list[date] = []
    floors: list[date] = []
    for start in keeping.starts:
        began = _began(world, collection, start, row, known)
        day = last_day(world, start.rule, began) if began is not None else None
        if day is not None:
            (floors if start.rule.bound == "min" else caps).append(day)
        elif start.rule.bound != "max":
            return None
    ends = [*([min(caps)] if caps else []), *floors]
    return max(ends, default=None)


def _began(
    world: World, collection: Collection, start: Start, row: Mapping[str, Value], known: Mapping[Ask, date]
) -> date | None:
    if start.source is not None:
        if not all(among(row.get(name), values) for name, values in start.source.where):
            return None
        return day_of(world, collection, row.get(start.source.field), start.source.unit)
    return known.get(start.ask) if start.ask is not None else None


def among(value: Value, values: tuple[object, ...]) -> bool:
    """The value is one of those that a line names, however the store writes it: 0, "0" and false may be one."""
    return value in values or (value is not None and str(value) in {str(each) for each in values})


def _start(world: World, theirs: Theirs, collection: Collection, rule: Rule) -> Start:
    """Where the clock of ``rule`` starts: in the row, or in what it belongs to."""
    event: str | None = rule.event
    here, seen = collection, {collection.id}
    while event is not None:
        source = here.events.get(event)
        if isinstance(source, InRow):
            return Start(rule, source) if here is collection else _elsewhere(world, theirs, here, rule, source)
        link = next((each for each in here.links if isinstance(each, BelongsTo) and not each.when), None)
        if isinstance(source, Through):
            target, event = source.collection, source.event
        elif source is None and link is not None:
            target = link.target
        else:
            break
        if target in seen or target not in world.collections:
            break
        here = world.collections[target]
        seen.add(target)
    return Start(rule)


def _elsewhere(world: World, theirs: Theirs, there: Collection, rule: Rule, source: InRow) -> Start:
    rows, moment = both(world.rows(there), theirs.rows(there)), field_of(source.field)
    ask = Ask(there.system, there.table, both(rows, Held(moment, Blank())), moment)
    return Start(rule, None, ask, Ask(there.system, there.table, rows))


def day_of(world: World, collection: Collection, value: Value, unit: str = "native") -> date | None:
    """The legal day of a moment as a store holds it; ``None`` for what is no moment."""
    zone = ZoneInfo(world.data_map.systems[collection.system].zone)
    try:
        match value:
            case bool():
                return None
            case int() | float() if unit != "native":
                moment = datetime.fromtimestamp(value / (1000 if unit == "epoch_ms" else 1), UTC)
            case datetime():
                moment = value
            case date():
                return value
            case str():
                if len(value) == len("2026-01-01"):
                    return date.fromisoformat(value)
                moment = datetime.fromisoformat(value)
            case _:
                return None
    except (ValueError, OverflowError, OSError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(world.zone).date()
