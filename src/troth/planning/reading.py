"""One collection read for one question: which rows end, which fields end earlier, what cannot be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from troth.planning.blanks import blank_for, masking
from troth.planning.ends import Verdict, ended, governing, released
from troth.planning.events import ALWAYS, Timed, Unprovable, all_of, any_of
from troth.planning.scope import goes_with, on_hold, owner_fields
from troth.planning.world import World, field_of
from troth.stores.conditions import NOTHING, Blank, Condition, Everything, Held, both, either, negate
from troth.stores.contract import CollectionInfo
from troth.systems.model import Collection, MappedField, Use


class Question(Protocol):
    """What is asked of every collection: what is past its time, or what goes with the people who asked."""

    def scope(self, world: World, collection: Collection) -> Timed | None: ...

    def ends(self, world: World, collection: Collection, use: Use, mapped: MappedField | None) -> Timed: ...

    def keeps_rows(self, world: World, collection: Collection) -> bool: ...


class Retention:
    """Everything past its time, whoever it is about."""

    def scope(self, world: World, collection: Collection) -> Timed | None:
        return ALWAYS

    def ends(self, world: World, collection: Collection, use: Use, mapped: MappedField | None) -> Timed:
        return ended(world, collection, use)

    def keeps_rows(self, world: World, collection: Collection) -> bool:
        """True when a rule says to anonymise: the row stays, its personal fields go."""
        rules = [rule for use in world.row_purposes(collection) for rule in governing(world.purpose(use))]
        return any(rule.action == "anonymise" for rule in rules)


class Erasure:
    """What goes with the people who asked, as far as each purpose lets it go."""

    def scope(self, world: World, collection: Collection) -> Timed | None:
        return goes_with(world, collection)

    def ends(self, world: World, collection: Collection, use: Use, mapped: MappedField | None) -> Timed:
        return self.verdict(world, collection, use, mapped).ends

    def verdict(self, world: World, collection: Collection, use: Use, mapped: MappedField | None) -> Verdict:
        item = world.item(use, mapped) if mapped is not None else None
        return released(world, collection, use, optional=item is not None and item.required is False)

    def keeps_rows(self, world: World, collection: Collection) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that serve the same purposes and so end together. ``ends`` is a reason when that cannot be told."""

    uses: tuple[Use, ...]
    fields: tuple[MappedField, ...]
    ends: Timed | Unprovable
    whole: bool
    """The fields end when the row does."""


@dataclass(frozen=True, slots=True)
class Reading:
    """``row`` and the groups' ``ends`` already stay inside the collection's rows and the question's scope; holds and
    references are not in them yet."""

    collection: Collection
    info: CollectionInfo
    uses: tuple[Use, ...]
    scope: Timed
    hold: Condition
    row: Timed | Unprovable
    groups: tuple[Group, ...]
    keeps_row: bool
    referred: frozenset[str]

    @property
    def free(self) -> Condition:
        """Rows that no hold keeps."""
        return negate(self.hold)

    def found(self, timed: Timed) -> Condition:
        """At planning time."""
        return both(timed.find, self.free)

    def again(self, timed: Timed) -> Condition:
        """In every batch, once the rows have been written down where that is needed."""
        return both(timed.still if timed.written else timed.find, self.free)


def read(world: World, collection: Collection, question: Question) -> Reading | None:
    """``None`` when the question does not reach the collection."""
    scope = question.scope(world, collection)
    if scope is None:
        return None
    scope = all_of([Timed.plain(world.rows(collection)), scope])
    row = purposes_end(world, collection, question, world.row_purposes(collection), None, scope)
    inside = _inside(world, collection)
    if isinstance(row, Timed):
        row = all_of([row, *(_lets_go(world, collection, question, use, fields) for use, fields in inside.items())])
    uses = (*world.row_purposes(collection), *inside)
    return Reading(
        collection,
        world.info(collection),
        uses,
        scope,
        on_hold(world, collection),
        row,
        tuple(_groups(world, collection, question, uses, scope, row)),
        question.keeps_rows(world, collection),
        world.referred(collection),
    )


def _inside(world: World, collection: Collection) -> dict[Use, list[MappedField]]:
    """Purposes that single fields serve and the row as a whole does not."""
    found: dict[Use, list[MappedField]] = {}
    for mapped in collection.fields:
        for use in world.field_purposes(collection, mapped):
            if use not in world.row_purposes(collection):
                found.setdefault(use, []).append(mapped)
    return found


def _lets_go(world: World, collection: Collection, question: Question, use: Use, fields: list[MappedField]) -> Timed:
    """Rows that a purpose of single fields does not keep: it has ended, or those fields are empty."""
    blanks = dict(masking(world.info(collection), collection, tuple(fields), world.referred(collection)).blanks)
    names = [field_of(mapped.name) for mapped in fields]
    empty = Timed.plain(negate(either(*(Held(name, blanks.get(name, Blank())) for name in names))))
    ends = purposes_end(world, collection, question, (use,), fields[0], ALWAYS)
    return any_of([ends, empty]) if isinstance(ends, Timed) else empty


def purposes_end(
    world: World,
    collection: Collection,
    question: Question,
    uses: tuple[Use, ...],
    mapped: MappedField | None,
    scope: Timed,
) -> Timed | Unprovable:
    """Rows in ``scope`` for which every one of ``uses`` has ended, or why that cannot be told."""
    if not uses:
        return Unprovable(f"{collection.id} serves no purpose", hint="say for: which processing in systems.yaml")
    try:
        return all_of([scope, *(question.ends(world, collection, use, mapped) for use in uses)])
    except Unprovable as reason:
        return reason


def _groups(
    world: World,
    collection: Collection,
    question: Question,
    uses: tuple[Use, ...],
    scope: Timed,
    row: Timed | Unprovable,
) -> list[Group]:
    """Fields with the same answer to the same purposes, in the order of the file."""
    answers: dict[tuple[object, ...], tuple[tuple[Use, ...], Timed | Unprovable, list[MappedField]]] = {}
    for mapped in collection.fields:
        needing = world.field_purposes(collection, mapped)
        ends = purposes_end(world, collection, question, needing, mapped, scope)
        whole = set(needing) == set(uses) and _same(ends, row)
        key = (needing, whole, ends if isinstance(ends, Timed) else str(ends))
        answers.setdefault(key, (needing, ends, []))[2].append(mapped)
    return [Group(needing, tuple(fields), ends, bool(key[1])) for key, (needing, ends, fields) in answers.items()]


def _same(one: Timed | Unprovable, other: Timed | Unprovable) -> bool:
    if isinstance(one, Timed) and isinstance(other, Timed):
        return one == other
    return isinstance(one, Unprovable) and isinstance(other, Unprovable)


def holding(reading: Reading, group: Group) -> Condition:
    """Rows that hold something in one of the group's fields."""
    blanks = dict(masking(reading.info, reading.collection, group.fields, reading.referred).blanks)
    fields = [field_of(mapped.name) for mapped in group.fields]
    return either(*(Held(field, blanks.get(field, Blank())) for field in fields))


def still_personal(reading: Reading) -> Condition:
    """A row that still holds an item, or still says whose it is. A row without either field counts as it stands."""
    held = [holding(reading, group) for group in reading.groups]
    blanks = {
        name: blank_for(reading.info, reading.collection, name, None) for name in owner_fields(reading.collection)
    }
    owners = [Held(field_of(name), blank if isinstance(blank, Blank) else Blank()) for name, blank in blanks.items()]
    found = either(*held, *owners)
    return Everything() if found == NOTHING else found
