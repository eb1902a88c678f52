"""When does the clock of a row start? An event's moment is found in the row, through a link, or in many rows.

Each answer has two conditions. ``find`` is asked at planning time. ``still`` is what a batch tests again once the rows
that answered have been written down, because earlier steps may already have taken the rows ``find`` looked at: it is
true unless something in the store speaks against the change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from troth.core.errors import TrothError
from troth.planning.names import event_keys
from troth.planning.plan import KeyQuestion
from troth.planning.sharing import used_elsewhere
from troth.planning.world import World, field_of, where_of
from troth.stores.conditions import (
    NOTHING,
    Before,
    Condition,
    Everything,
    Field,
    InKeys,
    Related,
    both,
    either,
    negate,
)
from troth.systems.model import BelongsTo, Collection, InRow, Latest, SharedThrough, StateOnly, Through


class Unprovable(TrothError):
    """Planning lacks something; ``message`` says what, ``hint`` what would make it provable."""


@dataclass(frozen=True, slots=True)
class Timed:
    """Rows for which something has happened. ``written``: the rows must be written down before any step runs.
    ``asks``: key sets of other stores that the conditions name. ``start``: the moment's field when it is in the row."""

    find: Condition
    still: Condition
    written: bool = False
    asks: tuple[KeyQuestion, ...] = ()
    start: Field | None = None

    @classmethod
    def plain(cls, condition: Condition, start: Field | None = None) -> Timed:
        return cls(condition, condition, start=start)


ALWAYS = Timed.plain(Everything())
NEVER = Timed.plain(NOTHING)


def all_of(parts: Iterable[Timed]) -> Timed:
    return _join(both, list(parts))


def any_of(parts: Iterable[Timed]) -> Timed:
    return _join(either, list(parts))


def _join(join: Callable[..., Condition], parts: list[Timed]) -> Timed:
    asks = dict.fromkeys(ask for part in parts for ask in part.asks)
    starts = {part.start for part in parts if part.start is not None}
    return Timed(
        join(*(part.find for part in parts)),
        join(*(part.still for part in parts)),
        any(part.written for part in parts),
        tuple(asks),
        starts.pop() if len(starts) == 1 else None,
    )


@dataclass(frozen=True, slots=True)
class _Moment:
    event: str
    before: date
    dated: bool = False
    seen: tuple[str, ...] = field(default=())


def happened_before(world: World, collection: Collection, event: str, before: date, *, dated: bool = False) -> Timed:
    """Rows of ``collection`` whose ``event`` is known and lies before the day ``before``.

    ``dated``: a state without a date does not count, because nobody knows that a minimum has run since then. Raises
    ``Unprovable`` when no line says where the event is found.
    """
    return _happened(world, collection, _Moment(event, before, dated))


def _happened(world: World, collection: Collection, moment: _Moment) -> Timed:
    if collection.id in moment.seen:
        raise _nowhere(collection, moment.event)
    moment = replace(moment, seen=(*moment.seen, collection.id))
    source = collection.events.get(moment.event)
    match source:
        case InRow(field=name, unit=unit, where=where):
            start = field_of(name)
            before = Before(start, world.midnight(moment.before), moment.before, unit)
            return Timed.plain(both(where_of(where), before), start)
        case StateOnly(where=where):
            return NEVER if moment.dated else Timed.plain(where_of(where))
        case Latest():
            return _latest(world, collection, source, moment)
        case Through(collection=target, here=here, there=there, event=name):
            via = replace(moment, event=name)
            return _through(world, collection, target, here, there, Everything(), via)
        case None:
            return _inherited(world, collection, moment)


def _latest(world: World, collection: Collection, source: Latest, moment: _Moment) -> Timed:
    other = world.collections.get(source.collection)
    if other is None or other.system != collection.system:
        raise Unprovable(
            f"{collection.id}: the latest {source.field} is in {source.collection}, which is not in this store",
            hint="keep the moment in the row, or in a collection of the same system",
        )
    before = Before(field_of(source.field), world.midnight(moment.before), moment.before, source.unit)
    on = ((source.here, source.there),)
    later = Related(other.table, on, both(world.rows(other), negate(before)))
    found = Related(other.table, on, world.rows(other))
    return Timed(both(found, negate(later)), negate(later), written=True)


def _inherited(world: World, collection: Collection, moment: _Moment) -> Timed:
    """The event of the row this one belongs to; for a shared row, of the last of its owners. Where the type column of a
    polymorphic link says to what the row belongs, each row has the event of its own kind of owner."""
    found: list[Timed] = []
    others: Condition = Everything()
    for link in collection.links:
        if isinstance(link, BelongsTo) and link.target in world.collections:
            when = where_of(link.when)
            try:
                there = link.there or _only_key(world.collections[link.target])
                found.append(_through(world, collection, link.target, link.here, there, both(others, when), moment))
            except Unprovable:
                continue
            if not link.when:
                break
            others = both(others, negate(when))
    if found:
        return any_of(found)
    for link in collection.links:
        if isinstance(link, SharedThrough) and link.through in world.collections:
            return _owners(world, collection, link, moment)
    raise _nowhere(collection, moment.event)


def _through(
    world: World, here: Collection, target: str, column: str, there: str, when: Condition, moment: _Moment
) -> Timed:
    other = world.collections.get(target)
    if other is None:
        raise Unprovable(f"{here.id}: {target} could not be looked at, so its {moment.event} is not known")
    theirs = _happened(world, other, moment)
    if other.system == here.system and not theirs.written:
        related = Related(other.table, ((column, there),), both(world.rows(other), theirs.find))
        return Timed(both(when, related), both(when, related), asks=theirs.asks)
    question = KeyQuestion(
        event_keys(other.id, there, moment.event, moment.before, dated=moment.dated),
        other.system,
        other.table,
        both(world.rows(other), theirs.find),
        (field_of(there),),
        recheck=both(world.rows(other), negate(theirs.still)),
    )
    found = both(when, InKeys((field_of(column),), question.name))
    return Timed(found, found, asks=(*theirs.asks, question))


def _owners(world: World, collection: Collection, link: SharedThrough, moment: _Moment) -> Timed:
    owners = world.collections[link.through]
    if owners.system != collection.system:
        raise Unprovable(
            f"{collection.id} is shared through {owners.id}, which is in another system",
            hint="shared_through needs the link table in the same system",
        )
    theirs = _happened(world, owners, moment)
    on = ((link.here or _only_key(collection), link.there),)
    gone = Related(owners.table, on, both(world.rows(owners), theirs.find))
    used = used_elsewhere(world, collection)
    staying = either(Related(owners.table, on, both(world.rows(owners), negate(theirs.find))), used)
    still = either(Related(owners.table, on, both(world.rows(owners), negate(theirs.still))), used)
    return Timed(both(gone, negate(staying)), negate(still), written=True, asks=theirs.asks)


def _only_key(collection: Collection) -> str:
    if len(collection.key) != 1:
        key = "a key of several fields" if collection.key else "no key"
        raise Unprovable(
            f"{collection.id} has {key}, so a link to it must say which field it uses",
            hint="write the link as {column: {to: table, there: field}}",
        )
    return collection.key[0]


def _nowhere(collection: Collection, event: str) -> Unprovable:
    return Unprovable(
        f"no line says where '{event}' is found for {collection.id}",
        hint=f"add events: {{{event}: COLUMN}} to it, or a belongs_to that leads to a row that has it",
    )
