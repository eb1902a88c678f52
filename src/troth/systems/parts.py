"""``systems.yaml`` together with its parts, ``systems/*.yaml``: one document, every place in its own file.

A part adds lines to systems that ``systems.yaml`` declares, under the same defaults; how a system is reached is said
there alone. Parts come after the file, in the order of their names: the last of two patterns is the later part's.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from troth.core.diagnostics import Diagnostics, Mark, did_you_mean
from troth.core.fileform import check_version
from troth.core.yamlfile import Document, read_document
from troth.core.yamltree import Tree, Where
from troth.systems.files import LinesFile

LINES = tuple(LinesFile.model_fields)
"""What a part may say of a system."""


def part_files(path: Path) -> tuple[Path, ...]:
    """The parts beside ``systems.yaml``: what is in the folder of its name, by name."""
    return tuple(sorted(path.with_suffix("").glob("*.yaml")))


def read_with_parts(path: Path, found: Diagnostics) -> Document | None:
    """Like ``read_document``; what is wrong in a part is told at its own place and left out."""
    whole = read_document(path, found)
    documents = [document for each in part_files(path) if (document := read_document(each, found))]
    if whole is None or not documents:
        return whole
    merging = _Merging(whole, found)
    for part in documents:
        merging.add(part)
    return merging.result([whole, *documents])


class _Merging:
    """``systems.yaml`` while parts are put into it. ``keys`` and ``values``: where everything stands, by its way."""

    def __init__(self, whole: Document, found: Diagnostics) -> None:
        self.file = Path(whole.file).name
        self.whole, self.found = whole, found
        self.keys, self.values = dict(whole.keys), dict(whole.values)
        written = whole.tree.get("systems")
        self.systems = dict(written) if isinstance(written, dict) else {}

    def result(self, documents: list[Document]) -> Document:
        revisions = "\n".join(each.revision for each in documents)
        tree = {**self.whole.tree, "systems": self.systems}
        revision = hashlib.sha256(revisions.encode()).hexdigest()
        return replace(self.whole, tree=tree, keys=self.keys, values=self.values, revision=revision)

    def add(self, part: Document) -> None:
        check_version(part, "S", self.found)
        for key in part.tree:
            if key not in ("troth", "systems"):
                self._error("312", f"'{key}' stands in {self.file} alone", part.key(key), f"move it to {self.file}")
        for name, lines in self._mapping(part, ("systems",), part.tree.get("systems")).items():
            known = self.systems.get(name)
            if not isinstance(known, dict):
                hint = did_you_mean(name, self.systems)
                self._error("313", f"{self.file} has no system '{name}'", part.key("systems", name), hint)
            else:
                added = self._mapping(part, ("systems", name), lines)
                self.systems[name] = self._system(name, dict(known), added, part)

    def _system(self, name: str, system: dict[str, Tree], lines: dict[str, Tree], part: Document) -> dict[str, Tree]:
        for section, added in lines.items():
            way: Where = ("systems", name, section)
            if section not in LINES:
                said = f"'{section}' is said of '{name}' in {self.file} alone"
                self._error("312", said, part.key(*way), f"move it to {self.file}; a part has {', '.join(LINES)}")
            elif section not in system:
                system[section] = added
                self._marks(part, way)
            elif section == "not_personal":
                before, after = (each if isinstance(each, list) else [each] for each in (system[section], added))
                system[section] = [*before, *after]
                self._marks(part, way, len(before))
            elif isinstance(had := system[section], dict):
                system[section] = self._joined(had, self._mapping(part, way, added), way, part)
        return system

    def _mapping(self, part: Document, way: Where, value: Tree) -> dict[str, Tree]:
        if value is None or isinstance(value, dict):
            return value or {}
        self._error("103", f"'{way[-1]}' takes keys and values", part.value(*way), "write it like {key: value}")
        return {}

    def _joined(self, had: dict[str, Tree], added: dict[str, Tree], way: Where, part: Document) -> dict[str, Tree]:
        joined = dict(had)
        for key, value in added.items():
            if key in joined:
                first = self.keys[(*way, key)]
                hint = f"keep one of them; the other is at line {first.line} of {Path(first.file).name}"
                self._error("314", f"'{key}' is in two files", part.key(*way, key), hint)
            else:
                joined[key] = value
                self._marks(part, (*way, key))
        return joined

    def _marks(self, part: Document, way: Where, after: int = 0) -> None:
        """Where everything under ``way`` stands; places in a list come ``after`` those that are there."""
        for known, marks in ((self.keys, part.keys), (self.values, part.values)):
            for each, mark in marks.items():
                if each[: len(way)] != way:
                    continue
                at = each[len(way)] if len(each) > len(way) else None
                moved = (*way, at + after, *each[len(way) + 1 :]) if isinstance(at, int) else each
                known.setdefault(moved, mark)

    def _error(self, code: str, message: str, mark: Mark, hint: str) -> None:
        self.found.error(f"S{code}", message, mark, hint)
