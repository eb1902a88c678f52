"""What each of a system's two connections needs to be allowed, and how that fits what it is allowed.

What a plan may have to do is read off the plans themselves: a retention run and an erasure are drafted over everything,
as of no data at all, and each step says what it deletes and which columns it writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from troth.planning.drafting import draft
from troth.planning.reading import Erasure, Retention
from troth.planning.world import World
from troth.stores.access import RECEIPTS, Grant, Right

_READ: frozenset[Right] = frozenset({"read"})


def needed_to_read(world: World, system: str, role: str) -> tuple[Grant, ...]:
    """To look, check and plan: the declared collections, and what refers to them by a foreign key."""
    declared = [each for each in world.collections.values() if each.system == system]
    names = {each.table for each in declared}
    names.update(info.name for each in declared for info, _ in world.references_to(each))
    return tuple(Grant(role, _READ, name) for name in sorted(names))


def needed_to_write(world: World, system: str, role: str) -> tuple[Grant, ...]:
    """To apply: reading again before each batch, what plans delete and write, and our own record of batches."""
    changes = tuple(_changes(world, system, role))
    receipts = Grant(role, frozenset({"read", "insert"}), RECEIPTS)
    return (*needed_to_read(world, system, role), *changes, receipts)


def _changes(world: World, system: str, role: str) -> Iterator[Grant]:
    whole = replace(world, frozen=frozenset())
    deleted: set[str] = set()
    written: dict[str, set[str]] = {}
    for question in (Retention(), Erasure()):
        for step in draft(whole, question).steps:
            if step.system == system and step.action == "delete":
                deleted.add(step.table)
            elif step.system == system and step.blanks:
                written.setdefault(step.table, set()).update(name.column for name, _ in step.blanks)
    yield from (Grant(role, frozenset({"delete"}), name) for name in sorted(deleted))
    yield from (Grant(role, frozenset({"update"}), name, tuple(sorted(written[name]))) for name in sorted(written))
    changed = deleted | set(written)
    for info in world.schemas[system].collections:
        if info.kind == "materialized_view" and changed & set(info.reads_from):
            yield Grant(role, frozenset({"refresh"}), info.name)
