"""What the parts of drafting share: every collection's reading, and which rows the plan takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from troth.planning import names
from troth.planning.draft import Draft, DraftBlocked
from troth.planning.events import Timed, Unprovable
from troth.planning.guards import Guard, can_be_emptied, guard, is_ruled
from troth.planning.order import Order
from troth.planning.plan import KeyQuestion
from troth.planning.reading import Question, Reading
from troth.planning.scope import owner_fields
from troth.planning.world import World, field_of
from troth.stores.conditions import (
    NOTHING,
    Blank,
    Condition,
    Field,
    Held,
    InKeys,
    both,
    either,
    negate,
)
from troth.stores.contract import CollectionInfo, Reference
from troth.systems.model import Collection


@dataclass(slots=True)
class Going:
    """One draft in the making. ``readings`` are in the order in which collections are gone through."""

    made: Draft
    question: Question
    path: Order
    readings: dict[str, Reading]
    emptied: dict[tuple[str, Field], list[Condition]] = field(default_factory=dict)
    """By collection and field: rows in which a step so far empties it, as they are counted."""

    @property
    def world(self) -> World:
        return self.made.world

    def empties(self, collection: Collection, blanks: Sequence[tuple[Field, Blank]], rows: Condition) -> None:
        """Remember what a step empties: a reference may be personal itself, and must not be counted again."""
        for name, _ in blanks:
            self.emptied.setdefault((collection.id, name), []).append(rows)

    def holding(self, collection: Collection, blanks: Sequence[tuple[Field, Blank]]) -> Condition:
        """Rows that still hold something in one of the fields, after the steps so far."""
        return either(
            *(
                both(Held(name, blank), negate(either(*self.emptied.get((collection.id, name), ()))))
                for name, blank in blanks
            )
        )

    def ended(self, reading: Reading) -> Condition:
        """Rows that have ended, as far as the plan can tell them and find them again."""
        if isinstance(reading.row, Unprovable):
            return NOTHING
        if not reading.collection.key and (reading.row.written or self.leaves(reading) is not None):
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
        if seen and (leaves := self.leaves(reading)) is not None:
            return leaves
        stopped = self.guard_of(collection, (*seen, collection.id))
        return self._leaf_first(reading, both(found, negate(stopped.planned)))

    def leaves(self, reading: Reading) -> Condition | None:
        """The rows that go, where more of them might be free to go in the middle of a run than the plan can tell: they
        are written down when it is made. Of a table whose rows refer to each other these are the ones that go one after
        the other, what refers first. ``None`` where the plan can tell."""
        collection = reading.collection
        kept = self.path.hard | self.path.selves
        unsure = any(
            (info.name, reference.name) in kept
            or is_ruled(info, reference)
            or self._is_item(collection, info, reference)
            for info, reference in self.world.references_to(collection)
        )
        return InKeys(tuple(map(field_of, collection.key)), names.due(collection.id, "leaves")) if unsure else None

    def _is_item(self, collection: Collection, info: CollectionInfo, reference: Reference) -> bool:
        """A field of the reference is personal itself, and may be masked for that."""
        there = self.world.on_table(collection.system, info.name)
        return any(mapped.name in reference.fields for each in there for mapped in each.fields)

    def _leaf_first(self, reading: Reading, rows: Condition) -> Condition:
        """``rows`` looks at its own answer: it is asked again until no row is added any more."""
        leaves, collection = self.leaves(reading), reading.collection
        if leaves is None or isinstance(reading.row, Unprovable):
            return rows
        key = tuple(map(field_of, collection.key))
        self.made.want(reading.row.asks)
        name = names.due(collection.id, "leaves")
        self.made.want([KeyQuestion(name, collection.system, collection.table, rows, key)])
        return leaves

    def guard_of(self, collection: Collection, seen: tuple[str, ...]) -> Guard:
        def lets_go(child: Collection, reference: Reference) -> Condition:
            return self._lets_go(child, reference, seen)

        return guard(self.world, collection, lets_go, self.path.hard, self.path.selves)

    def _lets_go(self, child: Collection, reference: Reference, seen: tuple[str, ...]) -> Condition:
        """Rows of ``child`` that no longer refer to anything when their turn is over: deleted, or emptied."""
        reading = self.readings.get(child.id)
        if reading is not None and self._empties(reading, reference):
            return self.ended(reading)
        if reading is not None and (reading.info.name, reference.name) in self.path.selves and child.key:
            return self.leaves(reading) or NOTHING
        return self.taken(child, seen)

    def keeps(self, reading: Reading, reference: Reference) -> bool:
        """A reference in a circle that nothing can open: the plan says of what it refers to that it stays."""
        return (reading.info.name, reference.name) in self.path.hard | self.path.selves

    def _empties(self, reading: Reading, reference: Reference) -> bool:
        """Every row that has ended loses this reference: it opens a circle, or says whose the row was."""
        if (reading.collection.id, reference) in self.path.detached:
            return not reading.keeps_row
        if self.keeps(reading, reference):
            return False
        emptied = all(name in owner_fields(reading.collection) for name in reference.fields)
        return emptied and can_be_emptied(reading.info, reference)

    def left(self, reading: Reading, timed: Timed, part: str) -> tuple[Condition, Condition]:
        """Rows that should go, whatever keeps them: as they are counted after the step, and at planning time."""
        if not timed.written:
            return timed.find, timed.find
        key = tuple(field_of(name) for name in reading.collection.key)
        return both(InKeys(key, names.due(reading.collection.id, part)), timed.still), reading.found(timed)

    def written(self, reading: Reading, timed: Timed, part: str) -> Condition | None:
        """The condition of a batch. Rows that earlier steps make untraceable are written down first, by their key."""
        collection = reading.collection
        if not timed.written and (collection.key or self.leaves(reading) is None):
            return reading.again(timed)
        if not collection.key:
            reason = f"{collection.table} has no key by which its rows could be written down before others are deleted"
            self.made.blocked.append(DraftBlocked(collection.id, "NO-KEY", reason, None, reading.uses))
            return None
        key = tuple(field_of(name) for name in collection.key)
        name = names.due(collection.id, part)
        self.made.want(timed.asks)
        self.made.want([KeyQuestion(name, collection.system, collection.table, reading.found(timed), key)])
        return both(InKeys(key, name), reading.again(timed))
