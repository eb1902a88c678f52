"""Adding lines to systems.yaml as a person would: what is written there stays as it is, comments and order included.

What came out is read again and compared with what was meant, so that a form that is not understood is refused rather
than spoilt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.nodes import MappingNode, SequenceNode

from troth.core.diagnostics import Diagnostics
from troth.core.errors import Refused
from troth.core.yamledit import cleared, entry_of, is_blank, joined, last_line, put_into_flow, root_of
from troth.core.yamlfile import parse_document


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a section: ``words`` as YAML writes them (``key: value``, or a value alone in a list); ``block``:
    the same on lines of its own, without indentation, with its comment."""

    words: str
    block: tuple[str, ...]


def with_entries(text: str, system: str, entries: Mapping[str, Sequence[Entry]]) -> str:
    """The file's text with these entries, by section, at the end of each. Raises ``Refused`` (``DRAFT-FORM``) where the
    form of the file gives no place to put them."""
    root = root_of(text)
    systems = entry_of(root, "systems") if root else None
    own = entry_of(systems[1], system) if systems and isinstance(systems[1], MappingNode) else None
    if own is None or not isinstance(own[1], MappingNode) or own[1].flow_style:
        raise _refused(f"'{system}' is not written one key a line")
    written = _written(text.splitlines(), own[1], entries)
    _compare(text, written, system, entries)
    return written


def with_system(text: str, block: Sequence[str]) -> str:
    """The file's text with one more system, ``block`` without indentation, after those that it has."""
    root = root_of(text)
    there = entry_of(root, "systems") if root else None
    lines = text.splitlines()
    if there is None:
        return joined([*lines, "systems:", *_indented(block, 2)])
    key, value = there
    if is_blank(value):
        cleared(lines, key, value)
        at, column = key.start_mark.line + 1, 2
    elif isinstance(value, MappingNode) and not value.flow_style:
        at, column = last_line(value) + 1, value.start_mark.column
    else:
        raise _refused("systems: is not written one system a line")
    return joined([*lines[:at], *_indented(block, column), *lines[at:]])


def _written(lines: list[str], own: MappingNode, entries: Mapping[str, Sequence[Entry]]) -> str:
    """Blocks are put in from the last to the first, so that the places of those before them stay what they are."""
    column = own.start_mark.column
    blocks: dict[int, list[str]] = defaultdict(list)
    fresh: list[str] = []
    for section, added in entries.items():
        dash = "- " if section == "not_personal" else ""
        there = entry_of(own, section)
        if there is None:
            fresh += [*_indented([f"{section}:"], column), *_block(added, dash, column + 2)]
        elif is_blank(there[1]):
            cleared(lines, *there)
            blocks[there[0].start_mark.line + 1] += _block(added, dash, column + 2)
        elif not isinstance(there[1], SequenceNode if dash else MappingNode):
            raise _refused(f"'{section}' is neither a list nor keys and values")
        elif there[1].flow_style:
            put_into_flow(lines, there[1], ", ".join(each.words for each in added))
        else:
            blocks[last_line(there[1]) + 1] += _block(added, dash, there[1].start_mark.column)
    blocks[last_line(own) + 1] += fresh
    for at in sorted(blocks, reverse=True):
        lines[at:at] = blocks[at]
    return joined(lines)


def _block(entries: Sequence[Entry], dash: str, column: int) -> list[str]:
    made = []
    for each in entries:
        *comments, words = each.block
        made += [*comments, f"{dash}{words}"]
    return _indented(made, column)


def _indented(lines: Sequence[str], column: int) -> list[str]:
    return [f"{' ' * column}{line}" if line else line for line in lines]


def _compare(text: str, written: str, system: str, entries: Mapping[str, Sequence[Entry]]) -> None:
    """Nothing else may have changed than that the entries are there."""
    before, after = _tree(text), _tree(written)
    if before is None or after is None:
        raise _refused("the result would not be read as what was meant")
    own = before["systems"][system]
    for section, added in entries.items():
        values, had = [_value(each.words) for each in added], own.get(section)
        if section == "not_personal":
            own[section] = [*(had if isinstance(had, list) else []), *values]
        else:
            own[section] = had if isinstance(had, dict) else {}
            for value in values:
                own[section].update(value)
    if before != after:
        raise _refused("the result would not be read as what was meant")


def _value(words: str) -> Any:
    found = _tree(f"x: {{{words}}}") if ": " in words else _tree(f"x: {words}")
    return found["x"] if found else None


def _tree(text: str) -> dict[str, Any] | None:
    document = parse_document(text, "systems.yaml", Diagnostics())
    return dict(document.tree) if document else None


def _refused(why: str) -> Refused:
    return Refused(
        f"the form of systems.yaml leaves no place to add lines to: {why}",
        hint="write each key of the system, and each of its sections, on lines of their own; or add the lines by hand",
        code="DRAFT-FORM",
    )
