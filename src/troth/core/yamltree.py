"""Plain values out of YAML nodes, with the place of each; aliases that would grow without end are stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from troth.core.diagnostics import Diagnostics, Mark

Tree: TypeAlias = "bool | int | float | str | date | list[Tree] | dict[str, Tree] | None"
Where: TypeAlias = tuple[str | int, ...]
"""A way into the tree: keys and list positions."""

MOST_VALUES = 100_000
DEEPEST = 40

_TAG = "tag:yaml.org,2002:"


@dataclass(slots=True)
class TreeReader:
    """Turns nodes into values. ``broken``: something was found after which the tree cannot be trusted."""

    file: str
    found: Diagnostics
    keys: dict[Where, Mark] = field(default_factory=dict)
    values: dict[Where, Mark] = field(default_factory=dict)
    broken: bool = False
    _count: int = 0
    _open: list[Node] = field(default_factory=list)

    def mark(self, node: Node) -> Mark:
        return Mark(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def value(self, node: Node, way: Where, depth: int) -> Tree:
        self.values[way] = self.mark(node)
        self._count += 1
        if self.broken:
            return None
        if self._count > MOST_VALUES:
            here = self.keys.get(way[:1]) or self.mark(node)
            return self._stop(here, "aliases make this file larger than any policy is", "write the values out instead")
        if depth > DEEPEST:
            return self._stop(self.mark(node), "values are nested too deep", f"at most {DEEPEST} levels are read")
        if any(node is other for other in self._open):
            return self._stop(self.mark(node), "an anchor contains itself", "remove the alias (*name) inside it")
        self._open.append(node)
        try:
            return self._value(node, way, depth)
        finally:
            self._open.pop()

    def mapping(self, node: MappingNode, way: Where, depth: int) -> dict[str, Tree]:
        tree: dict[str, Tree] = {}
        merged: dict[str, tuple[Node, Node]] = {}
        for key, value in node.value:
            if isinstance(key, ScalarNode) and key.tag == f"{_TAG}merge":
                merged.update({k.value: (k, v) for k, v in self._merged(value)})
                continue
            if not isinstance(key, ScalarNode):
                self.found.error(
                    "Y011", "a key is a text, not a group", self.mark(key), 'put quotes around patterns: "{a,b}_name"'
                )
                continue
            name = str(key.value)
            inside = (*way, name)
            if name in tree:
                self.found.error(
                    "Y007",
                    f"'{name}' is written twice in the same group",
                    self.mark(key),
                    f"the first is at line {self.keys[inside].line}; remove one of them or give it another name",
                )
                continue
            self.keys[inside] = self.mark(key)
            tree[name] = self.value(value, inside, depth + 1)
        for name, (key, value) in merged.items():
            if name not in tree:
                self.keys[(*way, name)] = self.mark(key)
                tree[name] = self.value(value, (*way, name), depth + 1)
        return tree

    def _merged(self, node: Node) -> Iterator[tuple[ScalarNode, Node]]:
        """Keys that ``<<:`` brings in, of one mapping or a list of them; the first of two wins."""
        sources = list(reversed(node.value)) if isinstance(node, SequenceNode) else [node]
        for source in sources:
            if not isinstance(source, MappingNode):
                self.found.error("Y009", "<<: takes a mapping", self.mark(source), "write the keys out instead")
                continue
            for key, value in source.value:
                if isinstance(key, ScalarNode) and key.tag != f"{_TAG}merge":
                    yield key, value

    def _value(self, node: Node, way: Where, depth: int) -> Tree:
        if isinstance(node, MappingNode) and node.tag == f"{_TAG}map":
            return self.mapping(node, way, depth)
        if isinstance(node, SequenceNode) and node.tag == f"{_TAG}seq":
            return [self.value(item, (*way, index), depth + 1) for index, item in enumerate(node.value)]
        if isinstance(node, ScalarNode):
            try:
                return _scalar(str(node.tag).removeprefix(_TAG), _text(node))
            except ValueError:
                pass
        self.found.error(
            "Y010", "a tag that these files do not use", self.mark(node), "remove the word that begins with !"
        )
        return None

    def _stop(self, mark: Mark, message: str, hint: str) -> Tree:
        self.broken = True
        self.found.error("Y008", message, mark, hint)
        return None


def _text(node: ScalarNode) -> str:
    """The words of a scalar. ruamel marks with a BEL where lines of a folded text were joined, to write them back."""
    text = str(node.value)
    return text.replace("\a", "") if node.style == ">" else text


def _scalar(tag: str, text: str) -> Tree:
    """The value of a plain word; ``ValueError`` for a tag that is not one of YAML's plain ones."""
    match tag:
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int":
            return _integer(text)
        case "float":
            return float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan").lower())
        case "str":
            return text
        case "timestamp":
            return _day(text)
        case _:
            raise ValueError(tag)


def _integer(text: str) -> int | str:
    """Numbers as people write them; anything longer than a store's integer stays text."""
    plain = text.replace("_", "")
    if len(plain) > 19:
        return text
    return int(plain, 0) if plain.lstrip("+-")[:2].lower() in {"0x", "0o", "0b"} else int(plain)


def _day(text: str) -> date | str:
    """A day; a moment, or a day that no calendar has, stays text for whoever expects a day to complain about."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text
