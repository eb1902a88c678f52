"""What is known of a database before anybody has said what it means: its schema and a summary of a bounded sample.

Values never get this far. A sample is summed up where it is read: how many values had which shape (``shapes.py``). The
few words that are kept are those of type and state columns (``User``, ``closed``) and the names of JSON keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from troth.stores.contract import CollectionInfo, FieldInfo

WORDS_KEPT = 12
"""Different values of one type or state column that are kept; with more of them it is no such column."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a sample of one column (or of one path into a JSON column) showed."""

    filled: int = 0
    """Sampled rows that hold something."""
    distinct: int = 0
    shapes: Mapping[str, int] = field(default_factory=dict)
    """Shape → how many of the filled values have it."""
    words: tuple[str, ...] = ()
    """All the values of a type or state column, when they are few."""
    paths: Mapping[str, Seen] = field(default_factory=dict)
    """Of JSON: dotted path → what is there."""
    longest: int = 0
    months: Mapping[str, int] = field(default_factory=dict)
    """Of moments: month (``2026-05``) → how many of the filled values lie in it."""

    def share(self, *shapes: str) -> float:
        """Which part of the filled values has one of these shapes."""
        return sum(self.shapes.get(shape, 0) for shape in shapes) / self.filled if self.filled else 0.0


NOTHING_SEEN = Seen()


@dataclass(frozen=True, slots=True)
class TableFacts:
    """One base table: its description, how many rows it has, and what the sample showed."""

    info: CollectionInfo
    rows: int | None = None
    """``None``: nobody could count."""
    sampled: int = 0
    seen: Mapping[str, Seen] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.info.name

    @property
    def columns(self) -> tuple[FieldInfo, ...]:
        return self.info.fields

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.info.fields)

    def of(self, column: str) -> Seen:
        return self.seen.get(column, NOTHING_SEEN)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of ``asked`` different values sampled from a column, ``found`` are keys of the table that its name points at."""

    found: int
    asked: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that guesses are made from."""

    tables: Mapping[str, TableFacts]
    agreed: Mapping[tuple[str, str, str], Agreement] = field(default_factory=dict)
    """(table, column, target table) → what the sample says."""
    types: Mapping[str, str] = field(default_factory=dict)
    """Django: number of a content type → table."""
    apps: frozenset[str] = frozenset()
    """Django: the applications' names, that tables begin with."""
    undeclared: tuple[str, ...] = ()
    """Tables that could not be read, with the reason."""
