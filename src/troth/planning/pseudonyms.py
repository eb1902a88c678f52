"""Promises that an item is kept under a pseudonym: the values have its form, and nothing in the same store leads from
them to a person. That is as far as one can honestly look: a key kept elsewhere, or a copy, is not seen."""

from __future__ import annotations

from collections.abc import Iterator

from troth.planning.asks import Ask
from troth.planning.check import SCANNED_FORMS, Measure
from troth.planning.facts import Facts, told
from troth.planning.scope import leads_to_people, link_target
from troth.planning.world import World, field_of
from troth.register.promises import Promise
from troth.stores.conditions import Malformed, both
from troth.systems.model import Collection, MappedField, SharedThrough

_IDENTIFYING = ("user.contact", "user.name", "user.government_id", "user.financial", "user.authorization")
"""Fideslang categories of items that name somebody by themselves."""


def pseudonym(world: World, promise: Promise, _: Facts) -> Iterator[Measure]:
    spoken = world.policy.measures[promise.id.partition(".")[2]]
    if not spoken.items:
        said = "the policy does not say which items are kept under a pseudonym"
        hint = "write items: [processing.item] beside it under security: in policy.yaml"
        yield told(promise, "", "unprovable", said, hint, code="PSEUDONYM-UNSAID")
    for processing, item in spoken.items:
        places = [
            (collection, mapped)
            for collection in world.collections.values()
            for mapped in collection.fields
            if mapped.rule.item == item
            and any(use.processing == processing for use in world.field_purposes(collection, mapped))
        ]
        if not places:
            said = f"no line of systems.yaml says where {processing}.{item} is"
            yield told(promise, "", "unprovable", said, "add the line", code="PSEUDONYM-UNSAID")
        for collection, mapped in places:
            yield _form(world, promise, collection, mapped, processing)
            yield _linked(world, promise, collection, mapped, frozenset(each for _, each in spoken.items))


def _form(world: World, promise: Promise, collection: Collection, mapped: MappedField, processing: str) -> Measure:
    item = world.policy.processings[processing].items[mapped.rule.item]
    form, fields = mapped.rule.form or item.form, (mapped.name,)
    if mapped.rule.encrypted or form is None or form in SCANNED_FORMS:
        said = f"no form of {mapped.name} is declared that would tell a pseudonym from a name"
        if mapped.rule.encrypted:
            said = f"{mapped.name} is encrypted by the application: held, not readable"
        hint = "declare form: hashed or form: first-half where that is its form"
        return told(promise, collection.id, "unprovable", said, hint, code="PSEUDONYM-FORM", fields=fields)
    wrong = both(world.rows(collection), Malformed(field_of(mapped.name), form))
    return Measure(
        (promise.id,),
        collection.id,
        fields,
        "PSEUDONYM-CLEAR",
        "broken",
        Ask(collection.system, collection.table, wrong),
        f"{mapped.name} does not have the form {form}",
        f"bring the values into the form {form}, where they are written",
    )


def _linked(
    world: World, promise: Promise, collection: Collection, mapped: MappedField, items: frozenset[str]
) -> Measure:
    fields = (mapped.name,)
    if way := next(_ways(world, collection, mapped, items), None):
        hint = "keep what leads from a pseudonym to a person in another store, under other roles"
        return told(promise, collection.id, "broken", way, hint, code="PSEUDONYM-LINKED", fields=fields)
    said = (
        f"nothing declared in {collection.system} leads from {mapped.name} to a person; other stores were not compared"
    )
    return told(promise, collection.id, "kept", said, code="KEPT", fields=fields)


def _ways(world: World, collection: Collection, mapped: MappedField, items: frozenset[str]) -> Iterator[str]:
    """How somebody with this store alone could tell whose pseudonym it is."""
    if collection.person is not None:
        yield f"{collection.id} is a table of people"
    named = [each.name for each in collection.fields if each.rule.item not in items and _names(world, collection, each)]
    if named:
        yield f"{', '.join(named)} in the same row names the person"
    for link in collection.links:
        led = None if isinstance(link, SharedThrough) else link_target(world, link)
        if led is not None and led[0].system == collection.system and leads_to_people(world, led[0]):
            yield f"{collection.table}.{link.here} leads to {led[0].id} in the same store"
    for other in world.collections.values():
        same = [each.name for each in other.fields if each.rule.item == mapped.rule.item]
        if other.system == collection.system and other.id != collection.id and same and leads_to_people(world, other):
            yield f"{other.id} holds the same item beside people, in the same store"


def _names(world: World, collection: Collection, mapped: MappedField) -> bool:
    """One of its purposes has it as an item that names somebody."""
    items = (world.item(use, mapped) for use in world.field_purposes(collection, mapped))
    return any(item is not None and (item.category or "").startswith(_IDENTIFYING) for item in items)
