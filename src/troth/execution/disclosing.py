"""Reading what a copy holds: counts first, then rows one by one, others' values masked before anybody sees them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TypeAlias

from troth.execution.keys import Keys, bind, fill, scalar
from troth.planning.access_plan import Column, Own, Part
from troth.planning.asks import Ask
from troth.planning.plan import KeyQuestion
from troth.planning.until import Keeping, Start, among, fields_needed, kept_until
from troth.planning.world import World, field_of
from troth.stores.conditions import Blank, Held, both
from troth.stores.contract import Store, Value


class Mark(Enum):
    """Stands in a copy for a value that is somebody else's."""

    MASKED = "masked"


Cell: TypeAlias = Value | Mark


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a copy: a cell for each column that has a place in it, and until when the row is kept, where known."""

    cells: tuple[Cell, ...]
    until: date | None


def person_sets(stores: Mapping[str, Store], questions: Iterable[KeyQuestion], given: Keys) -> Keys:
    """Every key set of one person, from the keys of the person's own rows."""
    return fill(stores, questions, given) if any(given.values()) else {}


def count_parts(stores: Mapping[str, Store], parts: Sequence[Part], keys: Keys) -> dict[str, int]:
    """How many rows of each part are about the person whose key sets these are."""
    return {part.id: stores[part.system].count(bind(part.table, part.where, keys)).rows for part in parts}


def count_held(store: Store, part: Part, column: Column, keys: Keys) -> int:
    """In how many rows a column holds something. Its values are not read."""
    where = both(part.where, Held(field_of(column.name), Blank()))
    return store.count(bind(part.table, where, keys)).rows


def latest_starts(world: World, stores: Mapping[str, Store], keeping: Iterable[Keeping], keys: Keys) -> dict[Ask, date]:
    """For rules whose clock starts in what rows belong to: the latest moment there, where every such row has one."""
    found: dict[Ask, date] = {}
    for start in _asking(keeping):
        if start.ask is None or start.all_asked is None or start.ask in found:
            continue
        store = stores[start.ask.system]
        answer = store.count(bind(start.ask.table, start.ask.where, keys), start.ask.start)
        everything = store.count(bind(start.all_asked.table, start.all_asked.where, keys))
        if answer.latest is not None and answer.rows == everything.rows:
            found[start.ask] = answer.latest.astimezone(world.zone).date()
    return found


def _asking(keeping: Iterable[Keeping]) -> Iterator[Start]:
    return (start for each in keeping for start in each.starts)


def placed(part: Part) -> tuple[Column, ...]:
    """The columns that have a place in the rows of a copy; the others are only named."""
    return tuple(column for column in part.columns if column.shown in ("given", "own", "masked"))


def lines(
    world: World, store: Store, part: Part, keeping: tuple[Keeping, ...], starts: Mapping[Ask, date], keys: Keys
) -> Iterator[Line]:
    """The part's rows, streamed. A column that is masked whole is not even asked for."""
    columns = placed(part)
    sets = {own.keys: _values(keys, own.keys) for column in columns for own in column.own}
    collection = world.collections[part.collection]
    read = [column.name for column in columns if column.shown != "masked"]
    tested = [name for column in columns for own in column.own for name, _ in own.when]
    names = list(dict.fromkeys([*read, *tested, *fields_needed(keeping)]))
    for values in store.read(bind(part.table, part.where, keys), tuple(map(field_of, names))):
        row = dict(zip(names, values, strict=True))
        until = kept_until(world, collection, keeping, row, starts) if part.rows == "own" else None
        yield Line(tuple(_cell(column, row, sets) for column in columns), until)


def _values(keys: Keys, name: str) -> frozenset[str]:
    return frozenset(str(key[0]) for key in keys.get(name, ()))


def _cell(column: Column, row: Mapping[str, Value], sets: Mapping[str, frozenset[str]]) -> Cell:
    if column.shown == "masked":
        return Mark.MASKED
    value = row[column.name]
    if column.shown == "given" or value is None:
        return value
    return value if any(_is_own(own, value, row, sets) for own in column.own) else Mark.MASKED


def _is_own(own: Own, value: Value, row: Mapping[str, Value], sets: Mapping[str, frozenset[str]]) -> bool:
    """The reference leads to the person; keys are compared as they travel, so that 7 and "7" are one."""
    if not all(among(row[name], values) for name, values in own.when):
        return False
    return str(scalar(value)) in sets[own.keys]
