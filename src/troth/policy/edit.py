"""Adding acceptances to policy.yaml as a person would: the file keeps its comments, its order and its form.

Text is put in at the places that the YAML reader names; nothing else of the file is written anew. What came out is read
again and compared with what was meant, so that a form that is not understood is refused rather than spoilt.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import Node, ScalarNode, SequenceNode

from troth.core.diagnostics import Diagnostics
from troth.core.errors import Refused
from troth.core.yamledit import cleared, entry_of, is_blank, joined, last_line, put_into_flow, root_of
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
    root = root_of(text)
    if root is None:
        raise _refused()
    lines = text.splitlines()
    if there := entry_of(root, KEY):
        return _into(lines, *there, entries)
    while lines and not lines[-1].strip():
        lines.pop()
    return joined([*lines, "", f"{KEY}:", *_items(entries, 2)])


def _into(lines: list[str], key: ScalarNode, value: Node, entries: Sequence[dict[str, object]]) -> str:
    """After the last entry of a list; in the place of an empty value."""
    if is_blank(value):
        cleared(lines, key, value)
        at, column = key.start_mark.line + 1, 2
    elif not isinstance(value, SequenceNode):
        raise _refused()
    elif value.flow_style:
        put_into_flow(lines, value, _flow(entries))
        return joined(lines)
    else:
        at, column = last_line(value) + 1, value.start_mark.column
    return joined([*lines[:at], *_items(entries, column), *lines[at:]])


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
