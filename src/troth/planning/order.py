"""In which order collections are gone through: what refers before what is referred to, so that no row is ever without
the rows it needs, and no row goes before those that are found through it."""

from __future__ import annotations

from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from troth.planning.guards import can_be_emptied
from troth.planning.world import World
from troth.stores.contract import Reference
from troth.systems.model import BelongsTo, Through


@dataclass(frozen=True, slots=True)
class Edge:
    """``child`` is gone through before ``parent``. ``reference`` is the foreign key that demands it, if one does."""

    child: str
    parent: str
    table: str = ""
    reference: Reference | None = None
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """``detached``: foreign keys (collection id, reference) emptied first, to open a circle. ``hard``: (table,
    reference name) pairs in a circle that nothing can open."""

    collections: tuple[str, ...]
    detached: tuple[tuple[str, Reference], ...] = ()
    hard: frozenset[tuple[str, str]] = field(default_factory=frozenset)


def order(world: World) -> Order:
    edges = [*_reference_edges(world), *_link_edges(world)]
    detached: list[tuple[str, Reference]] = []
    for edge in list(edges):
        if edge.child == edge.parent:
            edges.remove(edge)
            if edge.reference is not None and edge.nullable:
                detached.append((edge.child, edge.reference))
    hard: set[tuple[str, str]] = set()
    while True:
        sorter = TopologicalSorter({name: set[str]() for name in sorted(world.collections)})
        for edge in edges:
            sorter.add(edge.parent, edge.child)
        try:
            found = tuple(sorter.static_order())
        except CycleError as circle:
            edge = _weakest(edges, circle.args[1])
            edges.remove(edge)
            if edge.reference is not None and edge.nullable:
                detached.append((edge.child, edge.reference))
            elif edge.reference is not None:
                hard.add((edge.table, edge.reference.name))
            continue
        return Order(found, tuple(detached), frozenset(hard))


def _weakest(edges: list[Edge], circle: list[str]) -> Edge:
    """The edge of a circle that is easiest to do without: one that can be emptied, one without a foreign key, any."""
    steps = set(pairwise(circle))
    inside = [edge for edge in edges if (edge.child, edge.parent) in steps or (edge.parent, edge.child) in steps]
    return min(inside, key=lambda edge: (not edge.nullable, edge.reference is not None, edge.child, edge.parent))


def _reference_edges(world: World) -> list[Edge]:
    edges = []
    for target in world.collections.values():
        for info, reference in world.references_to(target):
            for child in world.on_table(target.system, info.name):
                nullable = can_be_emptied(info, reference) and not {*info.key} & {*reference.fields}
                edges.append(Edge(child.id, target.id, info.name, reference, nullable))
    return edges


def _link_edges(world: World) -> list[Edge]:
    edges = []
    for collection in world.collections.values():
        targets = [link.target for link in collection.links if isinstance(link, BelongsTo)]
        targets += [source.collection for source in collection.events.values() if isinstance(source, Through)]
        edges += [
            Edge(collection.id, target) for target in targets if target in world.collections and target != collection.id
        ]
    return edges
