"""Whose rows a copy holds: those of the person, and those of others in which the person is mentioned.

It differs from what goes with a person in an erasure (``scope.py``): a shared row is every owner's, whoever else has
it, and other people under one's account are not one's own data. Links inside a store are followed in the question
itself, so that no key of a large collection is ever held in memory; key sets are for people, other stores, and circles.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from troth.planning import names
from troth.planning.plan import KeyQuestion
from troth.planning.scope import key_of, leads_to_people, link_target
from troth.planning.world import World, field_of, where_of
from troth.stores.conditions import NOTHING, Condition, InKeys, Related, both, either, negate
from troth.systems.model import BelongsTo, Collection, Mention, SharedThrough


@dataclass(slots=True)
class Theirs:
    """``questions``: the key sets that the conditions need, in the order to ask them."""

    world: World
    questions: dict[str, KeyQuestion] = field(default_factory=dict)

    def rows(self, collection: Collection, seen: tuple[str, ...] = ()) -> Condition:
        """Rows of ``collection`` that are the person's; ``NOTHING`` when no link leads to one."""
        if collection.person is not None:
            key = key_of(collection)
            return InKeys((field_of(key),), names.of(collection.id, key)) if key else NOTHING
        seen = (*seen, collection.id)
        found = [self._linked(collection, link, seen) for link in collection.links]
        own = [self._shared(collection, link, seen) for link in collection.links if isinstance(link, SharedThrough)]
        return either(*found, *own)

    def mentioning(self, collection: Collection) -> Condition:
        """Rows of others that name the person, or something of theirs."""
        found: list[Condition] = []
        for link in collection.links:
            led = link_target(self.world, link) if isinstance(link, Mention) else None
            if isinstance(link, Mention) and led is not None and self.rows(led[0]) != NOTHING:
                found.append(both(where_of(link.when), InKeys((field_of(link.here),), self.keys(*led))))
        return both(either(*found), negate(self.rows(collection))) if found else NOTHING

    def keys(self, collection: Collection, there: str, seen: tuple[str, ...] = ()) -> str:
        """The key set with the values of ``there`` in the person's rows; asks for it unless it is given."""
        name = names.of(collection.id, there)
        given = collection.person is not None and there == key_of(collection)
        if not given and name not in self.questions:
            where = both(self.world.rows(collection), self.rows(collection, seen))
            self.questions[name] = KeyQuestion(name, collection.system, collection.table, where, (field_of(there),))
        return name

    def _linked(self, collection: Collection, link: object, seen: tuple[str, ...]) -> Condition:
        led = link_target(self.world, link) if isinstance(link, BelongsTo) else None
        if not isinstance(link, BelongsTo) or led is None:
            return NOTHING
        target, there = led
        if not leads_to_people(self.world, target):
            return NOTHING
        when, here = where_of(link.when), (field_of(link.here),)
        if target.id in seen:
            return both(when, InKeys(here, self._circle(target, there)))
        if (inner := self.rows(target, seen)) == NOTHING:
            return NOTHING
        given = target.person is not None and there == key_of(target)
        if given or target.system != collection.system:
            return both(when, InKeys(here, self.keys(target, there, seen)))
        return both(when, Related(target.table, ((link.here, there),), both(self.world.rows(target), inner)))

    def _shared(self, collection: Collection, link: SharedThrough, seen: tuple[str, ...]) -> Condition:
        owners = self.world.collections.get(link.through)
        here = link.here or key_of(collection)
        if owners is None or owners.system != collection.system or here is None or owners.id in seen:
            return NOTHING
        if (inner := self.rows(owners, seen)) == NOTHING:
            return NOTHING
        return Related(owners.table, ((here, link.there),), both(self.world.rows(owners), inner))

    def _circle(self, target: Collection, there: str) -> str:
        """Links lead round in a circle (answers to answers): the set is asked again until it finds nothing new."""
        name = names.of(target.id, there)
        if name not in self.questions:
            self.questions[name] = KeyQuestion(name, target.system, target.table, NOTHING, (field_of(there),))
            where = both(self.world.rows(target), self.rows(target))
            self.questions[name] = KeyQuestion(name, target.system, target.table, where, (field_of(there),))
        return name
