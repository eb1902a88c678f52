"""What every code means and what to do about it, in English and French: one place, for the docs and for help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from troth.core.diagnostics import Diagnostics
from troth.core.yamlfile import parse_document

FILES = ("diagnostics", "findings", "errors")
DIAGNOSTICS = frozenset({"yaml", "policy", "systems", "register"})
"""The groups of ``diagnostics.yaml``: codes that point into a file."""


@dataclass(frozen=True, slots=True)
class InBoth:
    """The same words in English and French."""

    en: str
    fr: str

    def __bool__(self) -> bool:
        return bool(self.en)

    def of(self, language: str) -> str:
        return self.fr if language == "fr" else self.en


NO_WORDS = InBoth("", "")


@dataclass(frozen=True, slots=True)
class Explanation:
    """One entry. Several ``names`` may share it; ``facts``: what its table shows beside (verdict, article, status)."""

    group: str
    names: tuple[str, ...]
    facts: Mapping[str, str]
    means: InBoth
    do: InBoth = NO_WORDS


@cache
def codes() -> tuple[Explanation, ...]:
    """Every code, in the order of the files. A code of two groups has two entries: it is met in two places."""
    return tuple(each for name in FILES for each in read_entries(name))


@cache
def terms() -> tuple[Explanation, ...]:
    """Every word of the glossary, in its order; the fact ``french`` is the word in French."""
    return tuple(read_entries("terms"))


def explained(code: str, *groups: str) -> tuple[Explanation, ...]:
    """The entries of one code, of these groups where some are named; empty for a code that there is not."""
    return tuple(each for each in codes() if code in each.names and (not groups or each.group in groups))


def diagnostics() -> Mapping[str, str]:
    """Code → meaning in English, of every diagnostic about the two files."""
    found = {name: each.means.en for each in codes() if each.group in DIAGNOSTICS for name in each.names}
    return MappingProxyType(found)


def read_entries(name: str) -> Iterator[Explanation]:
    """The entries of one file of this package, group by group; a malformed one is a bug and raises."""
    text = resources.files("troth.core").joinpath("explained", f"{name}.yaml").read_text(encoding="utf-8")
    found = Diagnostics()
    document = parse_document(text, name, found)
    if document is None or found.items:
        raise ValueError(f"the explanations of {name} are malformed: {found.items}")
    tree: dict[str, Any] = dict(document.tree)
    for group, entries in tree.items():
        for names, entry in entries.items():
            facts = {key: str(value) for key, value in entry.items() if key not in ("means", "do")}
            do = InBoth(**entry["do"]) if "do" in entry else NO_WORDS
            yield Explanation(group, tuple(names.split(", ")), facts, InBoth(**entry["means"]), do)
