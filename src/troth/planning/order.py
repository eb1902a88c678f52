"""In which order collections are gone through: what refers before what is referred to, so that no row is ever without
the rows it needs, and no row goes before those that are found through it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from troth.planning.events import Timed
from troth.planning.guards import can_be_emptied
from troth.planning.reading import Reading
from troth.planning.world import World
from troth.stores.conditions import All, AnyOf, Condition, Not, Related, columns, either
from troth.stores.contract import CollectionInfo, Reference
from troth.systems.model import BelongsTo


@dataclass(frozen=True, slots=True)
class Edge:
    """``child`` is gone through before ``parent``. ``reference`` is the foreign key that demands it, if one does;
    ``nullable``: it can be emptied, and no row is found by it. ``finds``: rows of the child are found by the
    parent's."""

    child: str
    parent: str
    table: str = ""
    reference: Reference | None = None
    nullable: bool = False
    finds: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """``detached``: foreign keys (collection id, reference) emptied first, to open a circle. ``hard``: (table,
    reference name) pairs in a circle that nothing can open; ``selves``: those of them inside one table."""

    collections: tuple[str, ...]
    detached: tuple[tuple[str, Reference], ...] = ()
    hard: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    selves: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def order(world: World, readings: Mapping[str, Reading]) -> Order:
    edges = [*_reference_edges(world, readings), *_link_edges(world, readings)]
    detached: list[tuple[str, Reference]] = []
    hard: set[tuple[str, str]] = set()
    selves: set[tuple[str, str]] = set()
    for edge in list(edges):
        if edge.child == edge.parent:
            edges.remove(edge)
            if edge.reference is not None and edge.nullable:
                detached.append((edge.child, edge.reference))
            elif edge.reference is not None:
                selves.add((edge.table, edge.reference.name))
    while True:
        sorter = TopologicalSorter({name: set[str]() for name in sorted(world.collections)})
        for edge in edges:
            sorter.add(edge.parent, edge.child)
        try:
            found = tuple(sorter.static_order())
        except CycleError as circle:
            for edge in _weakest(edges, circle.args[1]):
                edges.remove(edge)
                if edge.reference is not None and edge.nullable:
                    detached.append((edge.child, edge.reference))
                elif edge.reference is not None:
                    hard.add((edge.table, edge.reference.name))
            continue
        return Order(found, tuple(dict.fromkeys(detached)), frozenset(hard), frozenset(selves))


def _weakest(edges: list[Edge], circle: list[str]) -> list[Edge]:
    """Everything that leads from one collection of a circle to the next, where it is easiest to do without: references
    that can be emptied, links by which nothing is found, references that then keep rows; where rows are found comes
    last."""
    steps = {*pairwise(circle), *pairwise(reversed(circle))}
    between: dict[tuple[str, str], list[Edge]] = {}
    for edge in edges:
        if (edge.child, edge.parent) in steps:
            between.setdefault((edge.child, edge.parent), []).append(edge)
    return min(
        between.values(),
        key=lambda together: max(
            (not edge.nullable, edge.finds, edge.reference is not None, edge.child, edge.parent) for edge in together
        ),
    )


def _reference_edges(world: World, readings: Mapping[str, Reading]) -> list[Edge]:
    edges = []
    for target in world.collections.values():
        for info, reference in world.references_to(target):
            for child in world.on_table(target.system, info.name):
                nullable = _nullable(info, reference, readings.get(child.id))
                edges.append(Edge(child.id, target.id, info.name, reference, nullable))
    return edges


def _nullable(info: CollectionInfo, reference: Reference, reading: Reading | None) -> bool:
    fields = {*reference.fields}
    needed = columns(_tested(reading, holds=True)) if reading is not None else frozenset[str]()
    return can_be_emptied(info, reference) and not fields & {*info.key} and not fields & needed


def _link_edges(world: World, readings: Mapping[str, Reading]) -> list[Edge]:
    edges = []
    for collection in world.collections.values():
        reading = readings.get(collection.id)
        tested = _tested(reading, holds=False) if reading is not None else None
        belongs = {link.target for link in collection.links if isinstance(link, BelongsTo)}
        for other in world.collections.values():
            finds = tested is not None and other.system == collection.system and _relies_on(tested, other.table)
            if other.id != collection.id and (finds or other.id in belongs):
                edges.append(Edge(collection.id, other.id, finds=finds))
    return edges


def _relies_on(condition: Condition, table: str, *, positive: bool = True) -> bool:
    """The condition would cease to be true if rows of ``table`` were gone."""
    match condition:
        case Related(collection=name, where=inner):
            return (positive and name == table) or _relies_on(inner, table, positive=positive)
        case All(conditions=parts) | AnyOf(conditions=parts):
            return any(_relies_on(part, table, positive=positive) for part in parts)
        case Not(condition=inner):
            return _relies_on(inner, table, positive=not positive)
        case _:
            return False


def _tested(reading: Reading, *, holds: bool) -> Condition:
    """What every batch tests of a row, whichever of its parts has ended. Holds need no order: rows that keep others
    from going do not go themselves."""
    ends = [each for each in (reading.row, *(group.ends for group in reading.groups)) if isinstance(each, Timed)]
    if holds:
        return either(*map(reading.again, ends))
    return either(*(each.still if each.written else each.find for each in ends))
