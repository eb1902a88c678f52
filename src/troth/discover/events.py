"""When a row's clock starts: soft deletes, the moment a row was recorded, the moment of a bill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from troth.discover.columns import Certainty
from troth.discover.facts import TableFacts
from troth.discover.naming import fits, one, plain, words_of
from troth.discover.table_words import BILLED, CLOSED_AT, CLOSED_IF, RECORDED

Plain: TypeAlias = str | int | bool
EventName: TypeAlias = Literal["account_closed", "employment_ended", "recorded", "billed"]
MOMENTS = frozenset({"date", "datetime", "datetime_tz"})
"""Kinds of columns that hold a moment."""


@dataclass(frozen=True, slots=True)
class EventGuess:
    """``event`` of ``table`` is in ``column``; with ``states``, it has happened where the column holds one of them."""

    table: str
    event: EventName
    column: str
    reason: str
    certainty: Certainty
    states: tuple[Plain, ...] = ()


def closed(table: TableFacts, event: EventName) -> EventGuess | None:
    """A soft delete: a date first, else a state without a date that the sample has seen or the type allows."""
    for pattern in CLOSED_AT:
        for info in table.columns:
            if info.type in MOMENTS and fits((pattern,), plain(info.name)):
                return EventGuess(table.name, event, info.name, "a date of ending", "likely")
    for pattern, states in CLOSED_IF:
        for info in table.columns:
            if not fits((pattern,), plain(info.name)):
                continue
            kept = _states(table, info.name, info.type, states)
            if kept:
                return EventGuess(
                    table.name, event, info.name, "a state without a date: due since unknown", "weak", kept
                )
    return None


def _states(table: TableFacts, column: str, kind: str, states: tuple[Plain, ...]) -> tuple[Plain, ...]:
    if kind == "boolean":
        return tuple(each for each in states if isinstance(each, bool))
    if kind == "number":
        return tuple(each for each in states if isinstance(each, int) and not isinstance(each, bool))
    seen = {word.lower(): word for word in table.of(column).words}
    told = tuple(seen[each] for each in states if isinstance(each, str) and each in seen)
    if told or kind != "text":
        return told
    marks = tuple(each for each in states if isinstance(each, str) and len(each) == 1 and each.isupper())
    known = {word for word in seen if len(word) == 1}
    return marks if known & {"y", "n"} else ()


def recorded(table: TableFacts) -> EventGuess | None:
    """When the row was made, or the one date that is named after the table: ``rental_date`` of ``rental``."""
    moments = [info for info in table.columns if info.type in MOMENTS]
    for pattern in RECORDED:
        for info in moments:
            if fits((pattern,), plain(info.name)):
                return EventGuess(table.name, "recorded", info.name, "the row's own date", "likely")
    words = words_of(table.name)
    for info in moments:
        if plain(info.name) in {f"{word}_{end}" for word in words for end in ("date", "at", "on", "time")}:
            return EventGuess(table.name, "recorded", info.name, "a date named after the table", "likely")
    return None


def billed(table: TableFacts) -> EventGuess | None:
    moments = [info for info in table.columns if info.type in MOMENTS]
    for pattern in (*BILLED, f"{one(plain(table.name))}_date"):
        for info in moments:
            if fits((pattern,), plain(info.name)):
                return EventGuess(table.name, "billed", info.name, "a date of the bill", "likely")
    return None
