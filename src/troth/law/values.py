"""What the law's data files hold, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from troth.core.periods import Period

Confidence: TypeAlias = Literal["S", "S2", "M"]
"""``S`` the text itself was read; ``S2`` a third party quotes it; ``M`` from memory, to be checked before use."""


@dataclass(frozen=True, slots=True)
class Words:
    """The same sentence in English and French; ``{name}`` stands for what the case fills in."""

    en: str
    fr: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where something is written, and between which days it is in force. ``until`` ``None``: no end is known."""

    text: str
    confidence: Confidence
    since: date
    until: date | None = None

    def in_force(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class LawfulBasis:
    """One of the six bases of Article 6(1) GDPR, by its key (``6.1.b``)."""

    key: str
    article: str
    title: Words
    source: Source


@dataclass(frozen=True, slots=True)
class ErasureRule:
    """One step of the decision on an erasure request (Article 17), tried in ``order``; the first that fits decides.

    ``code`` names the condition for the code that evaluates it; ``bases`` narrows it to purposes on one of these.
    ``reason`` is the refusal's code where the outcome refuses or defers.
    """

    order: int
    code: str
    article: str
    bases: tuple[str, ...]
    outcome: Literal[
        "forward",
        "refuse",
        "defer",
        "confirm_then_erase",
        "object_then_erase",
        "withdraw_then_erase",
        "erase",
        "combine",
    ]
    reason: str | None
    words: Words
    source: Source


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a request is refused or deferred, in words for the person (Art. 12(4)). ``fills`` names the placeholders."""

    code: str
    article: str
    words: Words
    fills: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Right:
    """A right of the person, and for which bases (``a`` to ``f``) it is there: ``yes``, ``no``, or ``cond``, which
    ``conditions`` say in words. ``countries``: only where the controller's authority is of one of these."""

    id: str
    article: str
    title: Words
    words: Words
    bases: Mapping[str, Literal["yes", "no", "cond"]]
    conditions: Mapping[str, Words]
    countries: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Statute:
    """How long a text obliges or allows to keep something. ``period`` is ``None`` where the text names no length;
    ``start`` is an event as policies name them."""

    id: str
    reference: str
    country: str
    data: Words
    period: Period | None
    start: str | None
    of_year: Literal["calendar", "financial"] | None
    bound: Literal["max", "min", "both", "reference"]
    note: str
    source: Source


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """How long something may take: a calendar ``period``, ``working_days``, elapsed ``hours``, or ``days`` on which
    something is done. ``choice``: no text gives the number; it is ours."""

    id: str
    article: str
    period: Period
    working_days: int
    hours: int
    days: tuple[int, ...]
    choice: bool
    note: str
    source: Source


@dataclass(frozen=True, slots=True)
class Authority:
    """A supervisory authority (Article 51): where people complain (Article 77)."""

    id: str
    country: str
    name: str
    url: str
    confidence: Confidence
