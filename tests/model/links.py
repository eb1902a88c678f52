"""Which row leads to which, and whose rows they are: links followed one row at a time, from the rules of the design."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from tests.model.spec import Case, Foreign, Plain, Row, State, Table

from troth.stores.conditions import Scalar
from troth.systems.model import BelongsTo, Collection, Mention, SharedThrough, Where

BLANK = re.compile(r"(erased-)?[0-9a-f]{8,32}(@gone)?|gone|")
"""What masks write in these worlds; no row holds such a thing before."""

Rows: TypeAlias = frozenset[tuple[str, int]]
"""(collection, n)."""

People: TypeAlias = Mapping[str, frozenset[Scalar]]
"""Keys of people, by collection."""


def is_blank(value: Plain) -> bool:
    return value is None or (isinstance(value, str) and BLANK.fullmatch(value) is not None)


def meets(row: Row, where: Where) -> bool:
    return all(row[name] in values for name, values in where)


def number(row: Row) -> int:
    return int(str(row["n"]))


def points_at(foreign: Foreign, row: Row, target: Row) -> bool:
    """The foreign key of ``row`` holds the values of ``target``."""
    return all(
        row[here] is not None and row[here] == target[there]
        for here, there in zip(foreign.columns, foreign.target_columns, strict=True)
    )


@dataclass(frozen=True)
class Links:
    """One moment of a small world. ``extra_held``: keys of people on hold beside the case's, when holds come and go."""

    case: Case
    state: State
    extra_held: People = field(default_factory=dict)

    def collection(self, name: str) -> Collection | None:
        return next((each for each in self.case.collections if each.id == name), None)

    def rows(self, collection: Collection) -> list[Row]:
        return [row for row in self.state[collection.table].values() if meets(row, collection.where)]

    def led(self, link: BelongsTo | Mention, row: Row) -> list[Row]:
        """The rows that a link of ``row`` leads to."""
        target = self.collection(link.target)
        value = row[link.here]
        if target is None or value is None or not meets(row, link.when):
            return []
        there = link.there or target.key[0]
        return [other for other in self.rows(target) if other[there] == value]

    def owners(self, collection: Collection, link: SharedThrough, row: Row) -> list[Row]:
        """The rows that share ``row``."""
        through = self.collection(link.through)
        value = row[link.here or collection.key[0]]
        if through is None or value is None:
            return []
        return [other for other in self.rows(through) if other[link.there] == value]

    def used_elsewhere(self, collection: Collection, row: Row) -> bool:
        """A shared row is not its owners' alone when something refers to it of which no line says why."""
        return any(
            points_at(foreign, other, row)
            for table in self.case.tables
            for foreign in table.foreign
            if foreign.target == collection.table and not self._said(table, foreign, collection)
            for other in self.state[table.name].values()
        )

    def _said(self, table: Table, foreign: Foreign, collection: Collection) -> bool:
        shared = [link for link in collection.links if isinstance(link, SharedThrough)]
        for other in self.case.collections:
            if other.table == table.name:
                owning = [link.there for link in shared if link.through == other.id]
                leading = [
                    link.here
                    for link in other.links
                    if isinstance(link, BelongsTo | Mention) and link.target == collection.id
                ]
                if {*owning, *leading} & {*foreign.columns}:
                    return True
        return False

    # whose rows they are

    def in_scope(self, collection: Collection, row: Row) -> bool:
        """The row is asked about: in a purge every one is."""
        return self.case.people is None or (collection.id, number(row)) in self._going

    def on_hold(self, collection: Collection, row: Row) -> bool:
        return collection.id in self.case.frozen or (collection.id, number(row)) in self._held

    @cached_property
    def below_frozen(self) -> Rows:
        """Rows that belong to rows of a collection on hold whole."""
        frozen = [each for each in self.case.collections if each.id in self.case.frozen]
        top = frozenset((each.id, number(row)) for each in frozen for row in self.rows(each))
        return self._reach({}, top, every_owner=False) - top if top else top

    @cached_property
    def _going(self) -> Rows:
        asked = {name: frozenset(key[0] for key in keys) for name, keys in (self.case.people or {}).items()}
        return self._reach(asked, frozenset(), every_owner=True)

    @cached_property
    def _held(self) -> Rows:
        held = {
            name: frozenset(key[0] for key in self.case.held.get(name, ())) | self.extra_held.get(name, frozenset())
            for name in {*self.case.held, *self.extra_held}
        }
        return self._reach(held, frozenset(), every_owner=False)

    def _reach(self, people: People, found: Rows, *, every_owner: bool) -> Rows:
        """Every row that goes with ``people`` or with the rows in ``found``: a shared row with all of its owners (if it
        is theirs alone), or with any of them."""
        while True:
            more = {
                (collection.id, number(row))
                for collection in self.case.collections
                for row in self.rows(collection)
                if self._belongs(collection, row, people, found, every_owner=every_owner)
            }
            if more <= found:
                return found
            found |= more

    def _belongs(self, collection: Collection, row: Row, people: People, found: Rows, *, every_owner: bool) -> bool:
        if collection.person and row[collection.key[0]] in people.get(collection.id, ()):
            return True
        for link in collection.links:
            if isinstance(link, BelongsTo):
                owners = [(link.target, number(other)) in found for other in self.led(link, row)]
                if any(owners):
                    return True
            if isinstance(link, SharedThrough):
                owners = [(link.through, number(other)) in found for other in self.owners(collection, link, row)]
                alone = not every_owner or (all(owners) and not self.used_elsewhere(collection, row))
                if any(owners) and alone:
                    return True
        return False
