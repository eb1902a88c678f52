"""Putting text into a YAML file as a person would: nothing but what is put in is written anew.

Places are those that the YAML reader names; lines count from 0 here, as it counts them. Whoever edits reads the result
again and compares it with what was meant.
"""

from __future__ import annotations

from collections.abc import Sequence

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from troth.core.fileform import TO_CONFIRM


def root_of(text: str) -> MappingNode | None:
    """The file's keys, one a line; ``None`` for any other form."""
    try:
        root: Node | None = YAML(typ="rt").compose(text)
    except YAMLError:
        return None
    return root if isinstance(root, MappingNode) and not root.flow_style else None


def entry_of(mapping: MappingNode, name: str) -> tuple[ScalarNode, Node] | None:
    """A key and its value."""
    for key, value in mapping.value:
        if isinstance(key, ScalarNode) and key.value == name:
            return key, value
    return None


def last_line(node: Node) -> int:
    """The line on which the last word of a node stands; what only follows it (blank lines, comments) does not count."""
    if isinstance(node, SequenceNode | MappingNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return last_line(last[1] if isinstance(last, tuple) else last)
    end = node.end_mark
    return int(end.line) - (1 if end.column == 0 and end.line > node.start_mark.line else 0)


def is_blank(value: Node) -> bool:
    """Nothing is there yet: an empty value, an empty list or mapping, or the words *to confirm*."""
    if isinstance(value, SequenceNode | MappingNode):
        return not value.value
    return isinstance(value, ScalarNode) and value.value in ("", "null", "~", TO_CONFIRM)


def cleared(lines: list[str], key: Node, value: Node) -> None:
    """Take a blank value out of its key's line, so that a block can follow."""
    start, end = value.start_mark, value.end_mark
    if start.line == key.start_mark.line == end.line:
        lines[start.line] = lines[start.line][: start.column].rstrip() + lines[start.line][end.column :]


def put_into_flow(lines: list[str], node: Node, words: str) -> None:
    """Write ``words`` before the bracket that closes ``node``."""
    end = node.end_mark
    line, at = lines[end.line], end.column - 1
    before = "".join([*lines[: end.line], line[:at]]).rstrip()
    comma = "" if before.endswith(("[", "{")) else " " if before.endswith(",") else ", "
    lines[end.line] = f"{line[:at].rstrip()}{comma}{words}{line[at:]}"


def joined(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"
