"""What the store would do to other rows. A change that the store would refuse, or that would take rows the plan does
not take itself, never starts: rows that others still refer to stay, and are masked instead.

A cascade therefore never takes a row: whatever it could take has been deleted by its own step before, and if anything
refers to the row still, the row stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from troth.planning.scope import link_target, on_hold
from troth.planning.world import World, where_of
from troth.stores.conditions import NOTHING, Condition, Everything, Related, both, either, negate
from troth.stores.contract import CollectionInfo, Reference
from troth.systems.model import Collection, Mention

Taken = Callable[[Collection, Reference], Condition]
"""Rows of a collection that the plan deletes, or whose reference it empties, before the collection in question."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why rows stay: what refers to them, in words, and the rows that it keeps."""

    reason: str
    rows: Condition


@dataclass(frozen=True, slots=True)
class Guard:
    """``now``: a row that something refers to, tested in each batch. ``causes``: the same at planning time, leaving out
    the rows that the plan will have deleted by then. ``effects``: what the store does to rows that stay."""

    now: Condition
    causes: tuple[Cause, ...]
    effects: tuple[str, ...]

    @property
    def planned(self) -> Condition:
        return either(*(cause.rows for cause in self.causes))


def guard(
    world: World,
    collection: Collection,
    taken: Taken,
    hard: frozenset[tuple[str, str]],
    selves: frozenset[tuple[str, str]],
) -> Guard:
    """Rows of ``collection`` that cannot be deleted because of references to them.

    ``taken`` gives, per reference, what lets go before. ``hard`` are (table, reference) pairs in a circle that nothing
    can open: whatever refers through them stays; ``selves`` those inside the table.
    """
    now: list[Condition] = []
    causes: list[Cause] = []
    effects: list[str] = []
    for info, reference in world.references_to(collection):
        on = tuple(zip(reference.target_fields, reference.fields, strict=True))
        if _lets_go(info, reference) and (info.name, reference.name) not in hard | selves:
            effects.append(f"{info.name}.{', '.join(reference.fields)} becomes null in the rows that refer to it")
            held = either(*(on_hold(world, child) for child in world.on_table(collection.system, info.name)))
            if held != NOTHING:
                now.append(Related(info.name, on, held))
                reason = f"{info.name}.{', '.join(reference.fields)} refers to it from rows on hold"
                causes.append(Cause(reason, Related(info.name, on, held)))
            continue
        now.append(Related(info.name, on, Everything()))
        staying = _staying(world, collection, info, reference, taken, hard)
        if staying != NOTHING:
            causes.append(Cause(_reason(world, collection, info, reference), Related(info.name, on, staying)))
    return Guard(either(*now), tuple(causes), tuple(effects))


def _staying(
    world: World,
    collection: Collection,
    info: CollectionInfo,
    reference: Reference,
    taken: Taken,
    hard: frozenset[tuple[str, str]],
) -> Condition:
    if (info.name, reference.name) in hard:
        return Everything()
    there = world.on_table(collection.system, info.name)
    mentions = [
        both(world.rows(child), where_of(link.when), negate(on_hold(world, child)))
        for child in there
        for link in child.links
        if isinstance(link, Mention) and _masks(world, link, info, reference, collection)
    ]
    gone = [both(world.rows(child), taken(child, reference)) for child in there]
    return negate(either(*mentions, *gone)) if there else Everything()


def _masks(world: World, link: Mention, info: CollectionInfo, reference: Reference, target: Collection) -> bool:
    """True when the reference is a declared mention of this collection that can be set to null before."""
    led = link_target(world, link)
    named = reference.fields == (link.here,) and led is not None and led == (target, reference.target_fields[0])
    return named and can_be_emptied(info, reference)


def _lets_go(info: CollectionInfo, reference: Reference) -> bool:
    """True when deleting the target only empties the reference, and it may be empty."""
    return reference.on_delete == "set_null" and can_be_emptied(info, reference)


def can_be_emptied(info: CollectionInfo, reference: Reference) -> bool:
    """Null may be written into every field, and no rule of the store's own speaks of one."""
    fields = [info.field(name) for name in reference.fields]
    return not is_ruled(info, reference) and all(field is not None and field.nullable for field in fields)


def is_ruled(info: CollectionInfo, reference: Reference) -> bool:
    """A rule of the store's own speaks of a field."""
    return any(name in rule.text for rule in info.rules for name in reference.fields)


def _reason(world: World, collection: Collection, info: CollectionInfo, reference: Reference) -> str:
    field = f"{info.name}.{', '.join(reference.fields)}"
    if not world.on_table(collection.system, info.name):
        return f"{field} refers to it, and {info.name} is in no declared collection"
    match reference.on_delete:
        case "cascade":
            return f"{field} would take rows of {info.name} with it that are retained"
        case "set_null":
            return f"{field} would have to become null, which {info.name} does not allow, in rows that are retained"
        case _:
            return f"{field} refers to it from rows that are retained"
