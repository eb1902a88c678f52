"""Adding acceptances to policy.yaml as a person would: the file keeps its comments, its order and its form.

Text is put in at the places that the YAML reader names; nothing else of the file is written anew. What came out is read
again and compared with what was meant, so that a form that is not understood is refused rather than spoilt.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from troth.core.diagnostics import Diagnostics
from troth.core.errors import Refused
from troth.core.fileform import TO_CONFIRM
from troth.core.yamlfile import parse_document
from troth.policy.model import Acceptance

KEY = "accepted"


def with_accepted(text: str, entries: Sequence[Acceptance]) -> str:
    """The file's text with these acceptances after those that it has. Raises ``Refused`` (``ACCEPT-FORM``) where the
    form of the file gives no place to put them."""
    meant = [_plain(each) for each in entries]
    written = _written(text, meant)
    before, after = _tree(text), _tree(written)
    if before is None or after is None:
        raise _refused()
    had = before.pop(KEY, None)
    if after.pop(KEY, None) != [*(had if isinstance(had, list) else []), *meant] or before != after:
        raise _refused()
    return written


def _plain(entry: Acceptance) -> dict[str, object]:
    """An entry as the file says it; what is absent is left out."""
    values: dict[str, object] = {"promise": entry.promise}
    if entry.collection is not None:
        values["collection"] = entry.collection
    if entry.fields:
        fields = CommentedSeq(entry.fields)
        fields.fa.set_flow_style()
        values["fields"] = fields
    return {**values, "reason": entry.reason, "owner": entry.owner, "until": entry.until}


def _written(text: str, entries: Sequence[dict[str, object]]) -> str:
    try:
        root: Node | None = YAML(typ="rt").compose(text)
    except YAMLError:
        raise _refused() from None
    if not isinstance(root, MappingNode) or root.flow_style:
        raise _refused()
    lines = text.splitlines()
    for key, value in root.value:
        if isinstance(key, ScalarNode) and key.value == KEY:
            return _into(lines, key, value, entries)
    while lines and not lines[-1].strip():
        lines.pop()
    return _joined([*lines, "", f"{KEY}:", *_items(entries, 2)])


def _into(lines: list[str], key: ScalarNode, value: Node, entries: Sequence[dict[str, object]]) -> str:
    """After the last entry of a list; in the place of an empty value."""
    start = value.start_mark
    if isinstance(value, SequenceNode) and value.value:
        if value.flow_style:
            end = value.end_mark
            line, at = lines[end.line], end.column - 1
            before = "".join([*lines[: end.line], line[:at]]).rstrip()
            comma = " " if before.endswith(",") else ", "
            lines[end.line] = f"{line[:at].rstrip()}{comma}{_flow(entries)}{line[at:]}"
            return _joined(lines)
        return _joined(_inserted(lines, _last_line(value) + 1, _items(entries, start.column)))
    empty = isinstance(value, SequenceNode) or (isinstance(value, ScalarNode) and value.value in ("", "null", "~"))
    if not empty and not (isinstance(value, ScalarNode) and value.value == TO_CONFIRM):
        raise _refused()
    line = key.start_mark.line
    if start.line == line == value.end_mark.line:
        lines[line] = lines[line][: start.column].rstrip() + lines[line][value.end_mark.column :]
    return _joined(_inserted(lines, line + 1, _items(entries, 2)))


def _inserted(lines: list[str], at: int, new: Sequence[str]) -> list[str]:
    return [*lines[:at], *new, *lines[at:]]


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines) + "\n"


def _last_line(node: Node) -> int:
    """The line on which the last word of a node stands; what only follows it (blank lines, comments) does not count."""
    if isinstance(node, SequenceNode | MappingNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    end = node.end_mark
    return int(end.line) - (1 if end.column == 0 and end.line > node.start_mark.line else 0)


def _items(entries: Sequence[dict[str, object]], column: int) -> list[str]:
    return [f"{' ' * column}{line}" for line in _dumped(entries).splitlines()]


def _flow(entries: Sequence[dict[str, object]]) -> str:
    """``{promise: …}, {promise: …}``: each entry in one line, without the dash of a list."""
    made = []
    for each in entries:
        entry = CommentedMap(each)
        entry.fa.set_flow_style()
        made.append(entry)
    return ", ".join(line.removeprefix("- ") for line in _dumped(made).splitlines())


def _dumped(entries: Sequence[dict[str, object]]) -> str:
    yaml = YAML()
    yaml.representer.ignore_aliases = lambda *_: True
    yaml.width = 10_000
    yaml.allow_unicode = True
    stream = io.StringIO()
    yaml.dump(list(entries), stream)
    return stream.getvalue()


def _tree(text: str) -> dict[str, object] | None:
    document = parse_document(text, "policy.yaml", Diagnostics())
    return dict(document.tree) if document else None


def _refused() -> Refused:
    return Refused(
        "the form of policy.yaml leaves no place to add acceptances to",
        hint="write accepted: as a list, one entry a line, or add the entries by hand",
        code="ACCEPT-FORM",
    )
