"""Which links of a condition become parts of their own: common table expressions, each written and looked up once.

A link is an EXISTS inside the row's own test: indexes serve it best, and it stops at the first row it finds. But links
inside links inside links are more than some parsers take, and where a link stands many times, so does all that lies
below it. What a link asks of the other row never depends on this one, except through the columns they have in common;
so the values that those columns have in all rows that meet it can be gathered beforehand, under a name. That may read
the other table whole: only statements that would be too much otherwise have parts.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from troth.stores.conditions import All, AnyOf, Condition, Not, Related

MANY = 100
"""Links in one statement, all repetitions counted, from which those that stand more than once become parts."""

LINK, LOOKUP = 10, 18
"""Levels that a link takes around what is asked of the other row, and a lookup in a part."""

WAY = 20
"""Levels that are left free for what stands around a link that lies inside another."""


@dataclass(frozen=True, slots=True)
class Part:
    """Values of ``columns`` in the rows of ``collection`` that meet the condition of this number."""

    collection: str
    columns: tuple[str, ...]
    where: int


@dataclass(frozen=True, slots=True)
class _Node:
    """A condition by the numbers of those inside it. ``own``: the levels it takes around them; ``levels``: with them;
    ``links``: how many there are in all, each as often as it stands; ``holds``: the link has others inside."""

    inside: tuple[int, ...]
    own: int
    levels: int
    links: int
    part: Part | None
    holds: bool


@dataclass(slots=True)
class Parts:
    """For one statement. ``room``: levels that its parser has for a condition, if they are few; ``atom``: how many of
    them a condition without others inside takes; ``chosen``: what becomes a part."""

    room: int | None
    atom: Callable[[Condition], int]
    _numbers: dict[Hashable, int] = field(default_factory=dict)
    _nodes: list[_Node] = field(default_factory=list)
    _seen: dict[int, tuple[Condition, int]] = field(default_factory=dict)
    chosen: set[Part] = field(default_factory=set)

    def choose(self, whole: Condition) -> None:
        """Look at a condition of the statement, whole, before any of its links is asked for."""
        root = self._number(whole)
        deep = self.room is not None and self._nodes[root].levels > self.room
        many = self._nodes[root].links > MANY
        if deep or many:
            times, linked = self._standing(root)
            if many:
                self.chosen.update(self._repeated(times))
            if self.room is not None and deep:
                self.chosen.update(self._cut(times, linked, self.room))

    def part(self, link: Related) -> Part | None:
        """The part that this link becomes; none when it stays where it stands."""
        part = self._nodes[self._number(link)].part
        return part if part in self.chosen else None

    def _standing(self, root: int) -> tuple[list[int], list[bool]]:
        """By number: how often a condition stands in the one of this number, and whether inside a link."""
        times, linked = [0] * (root + 1), [False] * (root + 1)
        times[root] = 1
        for number in range(root, -1, -1):
            node = self._nodes[number]
            for inner in node.inside if times[number] else ():
                times[inner] += times[number]
                linked[inner] = linked[inner] or linked[number] or node.part is not None
        return times, linked

    def _repeated(self, times: list[int]) -> set[Part]:
        """Links with others inside that stand more than once."""
        standing: dict[Part, int] = {}
        for number, often in enumerate(times):
            node = self._nodes[number]
            if node.part is not None and node.holds:
                standing[node.part] = standing.get(node.part, 0) + often
        return {part for part, often in standing.items() if often > 1}

    def _cut(self, times: list[int], linked: list[bool], room: int) -> set[Part]:
        """Links inside links, from within: as few and as far down as what is left of each has the room it needs."""
        found: set[Part] = set()
        levels: list[int] = []
        for number, often in enumerate(times):
            node = self._nodes[number]
            takes = node.own + max((levels[inner] for inner in node.inside), default=0)
            if node.part is None or not often:
                pass
            elif node.part in self.chosen or takes > (room - WAY if linked[number] else room):
                found.add(node.part)
                takes = LOOKUP
            levels.append(takes)
        return found

    def _number(self, condition: Condition) -> int:
        """Equal conditions have the same number, and whatever lies inside one has a smaller one. Each object is looked
        at once, however often it stands."""
        known = self._seen.get(id(condition))
        if known is not None:
            return known[1]
        same: Hashable
        inside: tuple[int, ...] = ()
        match condition:
            case All(conditions=conditions) | AnyOf(conditions=conditions):
                inside = tuple(self._number(inner) for inner in conditions)
                same, own = (condition.kind, inside), 3
            case Not(condition=inner):
                inside = (self._number(inner),)
                same, own = (condition.kind, inside), 1
            case Related(where=inner):
                inside = (self._number(inner),)
                same, own = (condition.kind, condition.collection, condition.on, inside), LINK
            case _:
                # As text: to Python 1, 1.0 and True are equal, to a store they are not.
                same, own = repr(condition), self.atom(condition)
        number = self._numbers.get(same)
        if number is None:
            number = self._numbers[same] = len(self._nodes)
            self._nodes.append(self._node(condition, inside, own))
        self._seen[id(condition)] = (condition, number)
        return number

    def _node(self, condition: Condition, inside: tuple[int, ...], own: int) -> _Node:
        levels = own + max((self._nodes[number].levels for number in inside), default=0)
        links = sum(self._nodes[number].links for number in inside)
        if not isinstance(condition, Related):
            return _Node(inside, own, levels, links, None, holds=False)
        part = Part(condition.collection, tuple(far for _, far in condition.on), inside[0])
        return _Node(inside, own, levels, links + 1, part, holds=links > 0)
