"""Read one YAML file into plain values, and remember where each of them stands.

What can be wrong before anybody looks at the meaning is found here (codes ``Y…``): the file is absent, is not text, is
not YAML, repeats a key, or is built to grow without end. The text is composed with ruamel.yaml's round-trip loader
(YAML 1.2: ``yes`` and ``on`` are words); values are made here, so that every duplicate key is reported, not the first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode
from ruamel.yaml.reader import ReaderError

from troth.core.diagnostics import Diagnostics, Mark
from troth.core.yamltree import DEEPEST, Tree, TreeReader, Where

LARGEST_FILE = 4_000_000


@dataclass(frozen=True, slots=True)
class Document:
    """One file's values. ``keys`` tells where a key stands, ``values`` where its value does; both by way."""

    file: str
    tree: dict[str, Tree]
    keys: Mapping[Where, Mark]
    values: Mapping[Where, Mark]
    revision: str
    """SHA-256 of the file's bytes, in hexadecimal."""

    def key(self, *way: str | int) -> Mark:
        """Where the key that ``way`` ends with stands; the nearest thing around it when it is not there."""
        return self._nearest(self.keys, way)

    def value(self, *way: str | int) -> Mark:
        """Where the value at ``way`` stands; the nearest thing around it when it is not there."""
        return self._nearest(self.values, way)

    def _nearest(self, marks: Mapping[Where, Mark], way: Where) -> Mark:
        if way in marks:
            return marks[way]
        while way:
            if way in self.keys:
                return self.keys[way]
            if isinstance(way[-1], int) and way in self.values:
                return self.values[way]
            way = way[:-1]
        return Mark(self.file)


def read_document(path: Path, found: Diagnostics) -> Document | None:
    """The file's values, or ``None`` after telling ``found`` why there are none."""
    mark = Mark(str(path))
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        found.error("Y001", f"there is no file {path.name} here", mark, "create it, or run: troth init")
        return None
    except IsADirectoryError:
        found.error("Y002", "this is a directory, not a file", mark, f"name the file inside it: {path / path.name}")
        return None
    except OSError as error:
        found.error("Y002", f"the file cannot be read: {error.strerror}", mark, "make it readable for this user")
        return None
    if len(raw) > LARGEST_FILE:
        found.error("Y008", f"the file is larger than {LARGEST_FILE // 1_000_000} MB", mark, "is this the right file?")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        found.error(
            "Y003", "the file is not UTF-8 text from here on", Mark(mark.file, line, column), "save it as UTF-8"
        )
        return None
    return parse_document(text, mark.file, found, hashlib.sha256(raw).hexdigest())


def parse_document(text: str, file: str, found: Diagnostics, revision: str = "") -> Document | None:
    """Like ``read_document``, for text already read."""
    node = _compose(text, file, found)
    if node is None:
        return None
    reader = TreeReader(file, found)
    if not isinstance(node, MappingNode):
        found.error("Y009", f"{_named(node)} stands where keys are due", reader.mark(node), "begin with: troth: 1")
        return None
    tree = reader.mapping(node, (), 0)
    return None if reader.broken else Document(file, tree, reader.keys, reader.values, revision)


def _compose(text: str, file: str, found: Diagnostics) -> Node | None:
    if _brackets(text) > 10 * DEEPEST:
        found.error("Y008", "values are nested too deep", Mark(file), f"at most {DEEPEST} levels are read")
        return None
    try:
        node: Node | None = YAML(typ="rt").compose(text)
    except MarkedYAMLError as error:
        place = error.problem_mark or error.context_mark
        mark = Mark(file, place.line + 1, place.column + 1) if place else Mark(file)
        code, message, hint = _explain(error, text.splitlines(), mark)
        found.error(code, message, mark, hint)
        return None
    except ReaderError as error:
        before = text[: error.position] if isinstance(error.position, int) else ""
        mark = Mark(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        found.error("Y006", "a character that YAML does not allow", mark, "remove the control character here")
        return None
    except RecursionError:
        found.error("Y008", "values are nested too deep", Mark(file), f"at most {DEEPEST} levels are read")
        return None
    except (YAMLError, ValueError):
        found.error("Y006", "this is not YAML", Mark(file), "check the file's first lines")
        return None
    if node is None:
        found.error("Y004", "the file is empty", Mark(file), "begin with: troth: 1")
    return node


def _brackets(text: str) -> int:
    """About how deep brackets nest; the YAML reader takes seconds to give up on thousands."""
    depth = deepest = 0
    for mark in text if text.count("[") + text.count("{") > 10 * DEEPEST else "":
        if mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "]}" and depth:
            depth -= 1
    return deepest


def _explain(error: MarkedYAMLError, lines: list[str], mark: Mark) -> tuple[str, str, str]:
    """Code, message and what to do. ruamel's own words are used as keys only: they may repeat the text."""
    problem = f"{error.problem or ''} {error.context or ''}"
    line = lines[mark.line - 1] if mark.line <= len(lines) else ""
    at = line[mark.column - 1 : mark.column]
    if "\\t" in problem:
        return "Y005", "a tab stands where spaces are due", "indent with spaces"
    if "undefined alias" in problem:
        return "Y006", "a word that begins with * names an anchor, and there is none", 'quote patterns: "*email": email'
    if "another document" in problem:
        return "Y009", "a second document begins here", "keep one document in the file: remove the line ---"
    if "mapping values are not allowed" in problem:
        return "Y006", "a second ': ' on this line, or wrong indentation", 'quote text that holds ": "'
    if at == "{":
        return "Y006", "a brace opens inside braces", 'quote references and patterns: "${NAME}", "{a,b}_name"'
    if "block end" in problem or "indent" in problem:
        return "Y006", "this line's indentation fits no line above it", "align it with the lines of its group"
    if at and at in "@`%&!|>*":
        return "Y006", f"a text cannot begin with {at}", "put quotes around it"
    if "flow mapping" in problem or "flow sequence" in problem:
        return "Y006", "braces or brackets are not closed, or a comma is missing", "close the group that is open here"
    if "end of stream" in problem:
        return "Y006", "a quote is not closed", "close the quotation that is open here"
    return "Y006", "this is not YAML", "look at this place and the line above it"


def _named(node: Node) -> str:
    if isinstance(node, SequenceNode):
        return "a list"
    return "keys" if isinstance(node, MappingNode) else "a single text"
