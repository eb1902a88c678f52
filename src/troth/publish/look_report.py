"""What the page of a first look is made of: values alone, since this room knows none of the guesses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class HeldTable:
    """One table. ``items`` → their columns; none of a table that only leads to people. ``relation``: the name of the
    words that say whose its rows are, by the table ``target``. ``months`` (``2026-05``): how many sampled rows."""

    table: str
    rows: int | None
    items: Mapping[str, tuple[str, ...]]
    relation: str
    target: str
    oldest: datetime | None
    latest: datetime | None
    months: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Wrong:
    """One place where something looks wrong: exact ``rows``, or ``hits`` of ``drawn`` values of a sample. ``scheme``:
    of passwords, how they are kept."""

    code: str
    table: str
    column: str
    rows: int | None
    hits: int
    drawn: int
    scheme: str


@dataclass(frozen=True, slots=True)
class LookReport:
    """One look. ``unread`` and ``limits`` are English sentences; ``commands`` come next, in this order."""

    database: str
    convention: str
    at: date
    version: str
    tables: tuple[HeldTable, ...]
    wrong: tuple[Wrong, ...]
    others: tuple[str, ...]
    undecided: tuple[str, ...]
    unread: tuple[str, ...]
    limits: tuple[str, ...]
    commands: tuple[str, ...]
