"""A row with several owners stays while anything else refers to it: then it is not theirs alone."""

from __future__ import annotations

from collections.abc import Iterator

from troth.planning.world import World
from troth.stores.conditions import Condition, Everything, Related, either
from troth.stores.contract import CollectionInfo, Reference
from troth.systems.model import BelongsTo, Collection, Mention, SharedThrough


def used_elsewhere(world: World, collection: Collection) -> Condition:
    """Rows of a shared collection that rows of others refer to: an address that a store has, too."""
    return either(
        *(
            Related(info.name, tuple(zip(reference.target_fields, reference.fields, strict=True)), Everything())
            for info, reference in _foreign(world, collection)
        )
    )


def users(world: World, collection: Collection) -> tuple[str, ...]:
    """The tables whose rows keep a shared one, for people."""
    return tuple(dict.fromkeys(info.part_of or info.name for info, _ in _foreign(world, collection)))


def _foreign(world: World, collection: Collection) -> Iterator[tuple[CollectionInfo, Reference]]:
    """References from rows that are neither the owners nor said to go with the shared row."""
    shared = [link for link in collection.links if isinstance(link, SharedThrough)]
    if shared:
        for info, reference in world.references_to(collection):
            others = world.on_table(collection.system, info.name)
            if not any(_said(other, reference, collection, shared) for other in others):
                yield info, reference


def _said(other: Collection, reference: Reference, collection: Collection, shared: list[SharedThrough]) -> bool:
    if any(link.through == other.id and link.there in reference.fields for link in shared):
        return True
    return any(
        isinstance(link, BelongsTo | Mention) and link.target == collection.id and link.here in reference.fields
        for link in other.links
    )
