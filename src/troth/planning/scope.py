"""Whose rows are these? The rows that go with people, and the rows of people whose data is on hold."""

from __future__ import annotations

from troth.planning import names
from troth.planning.events import Timed
from troth.planning.plan import KeyQuestion
from troth.planning.sharing import used_elsewhere
from troth.planning.world import World, field_of, where_of
from troth.stores.conditions import (
    NOTHING,
    Condition,
    Everything,
    InKeys,
    Related,
    both,
    either,
    key_sets,
    negate,
)
from troth.systems.model import BelongsTo, Collection, Mention, SharedThrough

NAMES = {"goes": names.goes, "held": names.held}


def key_of(collection: Collection) -> str | None:
    """The one field a link to this collection uses unless it says otherwise."""
    return collection.key[0] if len(collection.key) == 1 else None


def link_target(world: World, link: BelongsTo | Mention) -> tuple[Collection, str] | None:
    """The collection a link leads to and the field it uses there; ``None`` when it could not be looked at."""
    target = world.collections.get(link.target)
    if target is None:
        return None
    there = link.there or key_of(target)
    return (target, there) if there else None


def goes_with(world: World, collection: Collection) -> Timed | None:
    """Rows of ``collection`` that go with the people of an erasure; ``None`` when no link leads to a person."""
    found: list[Condition] = []
    if collection.person is not None:
        key = key_of(collection)
        if key is not None:
            found.append(InKeys((field_of(key),), names.goes(collection.id, key)))
    for link in collection.links:
        if isinstance(link, BelongsTo) and (led := link_target(world, link)) and leads_to_people(world, led[0]):
            target, there = led
            keys = InKeys((field_of(link.here),), names.goes(target.id, there))
            found.append(both(where_of(link.when), keys))
    shared = [link for link in collection.links if isinstance(link, SharedThrough)]
    if not found and shared:
        return _shared(world, collection, shared[0])
    return Timed.plain(either(*found)) if found else None


def _shared(world: World, collection: Collection, link: SharedThrough) -> Timed | None:
    owners = world.collections.get(link.through)
    here = link.here or key_of(collection)
    if owners is None or owners.system != collection.system or here is None:
        return None
    leaving = goes_with(world, owners)
    if leaving is None:
        return None
    on = ((here, link.there),)
    some = Related(owners.table, on, both(world.rows(owners), leaving.find))
    used = used_elsewhere(world, collection)
    staying = either(Related(owners.table, on, both(world.rows(owners), negate(leaving.find))), used)
    still = either(Related(owners.table, on, both(world.rows(owners), negate(leaving.still))), used)
    return Timed(both(some, negate(staying)), negate(still), written=True)


def leads_to_people(world: World, collection: Collection, seen: tuple[str, ...] = ()) -> bool:
    if collection.person is not None:
        return True
    if collection.id in seen:
        return False
    for link in collection.links:
        target = link.through if isinstance(link, SharedThrough) else link.target
        other = world.collections.get(target)
        if not isinstance(link, Mention) and other and leads_to_people(world, other, (*seen, collection.id)):
            return True
    return False


def on_hold(world: World, collection: Collection, seen: tuple[str, ...] = ()) -> Condition:
    """Rows of people whose data is on hold, reached by the collection's own links in the same store, and by the keys
    of people in another. A row that can be tied to nobody is never on hold; the plan says so."""
    if collection.id in world.frozen:
        return Everything()
    if collection.id in seen:
        return NOTHING
    seen = (*seen, collection.id)
    found: list[Condition] = []
    if collection.person is not None and (key := key_of(collection)):
        found.append(InKeys((field_of(key),), names.held(collection.id, key)))
    for link in collection.links:
        match link:
            case BelongsTo():
                led = link_target(world, link)
                if led is None:
                    continue
                target, there = led
                if target.person is not None or target.system != collection.system or target.id in seen:
                    if leads_to_people(world, target):
                        held = InKeys((field_of(link.here),), names.held(target.id, there))
                        found.append(both(where_of(link.when), held))
                else:
                    inner = on_hold(world, target, seen)
                    if inner != NOTHING:
                        there_held = Related(target.table, ((link.here, there),), both(world.rows(target), inner))
                        found.append(both(where_of(link.when), there_held))
            case SharedThrough(through=through, there=there):
                owners = world.collections.get(through)
                here = link.here or key_of(collection)
                if owners is not None and owners.system == collection.system and here is not None:
                    inner = _held_keys(owners) if owners.id in seen else on_hold(world, owners, seen)
                    if inner != NOTHING:
                        found.append(Related(owners.table, ((here, there),), both(world.rows(owners), inner)))
            case Mention():
                continue
    return either(*found)


def _held_keys(people: Collection) -> Condition:
    """People on hold by their keys, where their own links lead round in a circle."""
    key = key_of(people) if people.person is not None else None
    return InKeys((field_of(key),), names.held(people.id, key)) if key is not None else NOTHING


def key_questions(world: World, prefix: str) -> tuple[KeyQuestion, ...]:
    """Which key sets to write down, in the order to ask them, so that every row that goes with people can still be
    found when the rows that led to it are gone. ``prefix`` is ``goes`` or ``held``; the people's own keys are given.

    Links may lead round in a circle (answers to answers, accounts under accounts): such questions come last, and are
    asked again until they find nothing new.
    """
    wanted: dict[str, KeyQuestion] = {}
    waiting = _wanted_fields(world)
    while waiting:
        ready = [pair for pair in waiting if _answerable(world, pair[0], prefix, set(wanted))]
        for collection, field in ready or list(waiting):
            waiting.remove((collection, field))
            if field == key_of(collection) and not _belongs_to_people(world, collection) and collection.person:
                continue
            rows = _rows_of_people(world, collection, prefix)
            if rows is not None:
                question = KeyQuestion(
                    NAMES[prefix](collection.id, field),
                    collection.system,
                    collection.table,
                    both(world.rows(collection), rows),
                    (field_of(field),),
                )
                wanted[question.name] = question
    return tuple(wanted.values())


def _rows_of_people(world: World, collection: Collection, prefix: str) -> Condition | None:
    if not _belongs_to_people(world, collection) and collection.person is not None and (key := key_of(collection)):
        return InKeys((field_of(key),), NAMES[prefix](collection.id, key))
    if prefix == "held":
        held = on_hold(world, collection)
        return None if held == NOTHING else held
    goes = goes_with(world, collection)
    return goes.find if goes else None


def _belongs_to_people(world: World, collection: Collection) -> bool:
    """Its rows go with others: people may, too (the members of an organisation)."""
    led = [link_target(world, link) for link in collection.links if isinstance(link, BelongsTo)]
    return any(target is not None and leads_to_people(world, target[0]) for target in led)


def _wanted_fields(world: World) -> list[tuple[Collection, str]]:
    """Every (collection, field) that a link of another collection leads to."""
    pairs: dict[tuple[str, str], tuple[Collection, str]] = {}
    for collection in world.collections.values():
        for link in collection.links:
            if isinstance(link, SharedThrough):
                continue
            led = link_target(world, link)
            if led and leads_to_people(world, led[0]):
                pairs.setdefault((led[0].id, led[1]), led)
    return list(pairs.values())


def _answerable(world: World, collection: Collection, prefix: str, known: set[str]) -> bool:
    rows = _rows_of_people(world, collection, prefix)
    if rows is None:
        return True
    given = {
        NAMES[prefix](people.id, key)
        for people in world.collections.values()
        if people.person is not None and (key := key_of(people))
    }
    return key_sets(rows) <= known | given


def untied(world: World, collection: Collection) -> bool:
    """True when no link leads from the rows to a person: neither a hold nor an erasure can reach them."""
    return not leads_to_people(world, collection)


def owner_fields(collection: Collection) -> tuple[str, ...]:
    """The fields of a row that say whose it is."""
    return tuple(dict.fromkeys(link.here for link in collection.links if isinstance(link, BelongsTo)))
