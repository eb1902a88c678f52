"""What the parts of drafting share: every collection's reading, and which rows the plan takes."""

from __future__ import annotations

from dataclasses import dataclass

from troth.planning import names
from troth.planning.draft import Draft, DraftBlocked
from troth.planning.events import Timed, Unprovable
from troth.planning.guards import Guard, guard
from troth.planning.order import Order
from troth.planning.plan import KeyQuestion
from troth.planning.reading import Question, Reading
from troth.planning.world import World, field_of
from troth.stores.conditions import (
    NOTHING,
    Condition,
    InKeys,
    both,
    negate,
)
from troth.systems.model import Collection


@dataclass(slots=True)
class Going:
    """One draft in the making. ``readings`` are in the order in which collections are gone through."""

    made: Draft
    question: Question
    path: Order
    readings: dict[str, Reading]

    @property
    def world(self) -> World:
        return self.made.world

    def ended(self, reading: Reading) -> Condition:
        """Rows that have ended, as far as the plan can tell them and find them again."""
        if isinstance(reading.row, Unprovable) or (reading.row.written and not reading.collection.key):
            return NOTHING
        return reading.found(reading.row)

    def taken(self, collection: Collection, seen: tuple[str, ...] = ()) -> Condition:
        """Rows of ``collection`` that the plan deletes, as they can be told at planning time."""
        reading = self.readings.get(collection.id)
        if reading is None or reading.keeps_row:
            return NOTHING
        found = self.ended(reading)
        if collection.id in seen or found == NOTHING:
            return found
        stopped = self.guard_of(collection, (*seen, collection.id))
        return both(found, negate(stopped.planned))

    def guard_of(self, collection: Collection, seen: tuple[str, ...]) -> Guard:
        return guard(self.world, collection, lambda child: self.taken(child, seen), self.path.hard)

    def left(self, reading: Reading, timed: Timed, part: str) -> tuple[Condition, Condition]:
        """Rows that should go, whatever keeps them: as they are counted after the step, and at planning time."""
        if not timed.written:
            return timed.find, timed.find
        key = tuple(field_of(name) for name in reading.collection.key)
        return both(InKeys(key, names.due(reading.collection.id, part)), timed.still), reading.found(timed)

    def written(self, reading: Reading, timed: Timed, part: str) -> Condition | None:
        """The condition of a batch. Rows that earlier steps make untraceable are written down first, by their key."""
        if not timed.written:
            return reading.again(timed)
        collection = reading.collection
        if not collection.key:
            reason = f"{collection.table} has no key by which its rows could be written down before others are deleted"
            self.made.blocked.append(DraftBlocked(collection.id, "NO-KEY", reason, None, reading.uses))
            return None
        key = tuple(field_of(name) for name in collection.key)
        name = names.due(collection.id, part)
        self.made.want(timed.asks)
        self.made.want([KeyQuestion(name, collection.system, collection.table, reading.found(timed), key)])
        return both(InKeys(key, name), reading.again(timed))
