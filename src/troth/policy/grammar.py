"""The sentence a retention rule is written as: ``180 days from recorded``, ``until account_closed + 30 days``.

    rule   = "to confirm" | until | [bound] period "from" start
    until  = "until" start ["+" period]
    bound  = "at most" (usual) | "at least" | "exactly"
    start  = event | "end of" ["calendar" | "financial"] "year of" event
    period = "180 days" | "1 year and 6 months" | "P1Y6M"
    event  = small letters, digits and _

``write`` gives the sentence back; reading it again gives the same value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from troth.core.filewords import EVENT, quoted
from troth.core.periods import Period

LONGEST_MONTHS, LONGEST_DAYS = 12 * 1000, 366 * 1000
"""A thousand years: nothing a policy means is longer, and every day reached stays in the calendar's range."""

Bound = Literal["max", "min", "both"]
OfYear = Literal["calendar", "financial"]

_START = re.compile(r"^(?:(?:the )?end of (?:(calendar|financial) )?year of )?(\S+)$")
_BOUNDS: dict[str, Bound] = {"at most": "max", "at least": "min", "exactly": "both"}
_WRITTEN: dict[Bound, str] = {"max": "at most ", "min": "at least ", "both": "exactly "}
_FORMS = (
    "write it like '180 days from recorded', '10 years from end of year of paid' or 'until account_closed + 30 days'"
)


class GrammarError(ValueError):
    """The text is not a rule. ``code`` ends a diagnostic's code; ``hint`` says how to write it."""

    def __init__(self, code: str, message: str, hint: str = _FORMS) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Statement:
    """What a rule's text says; ``bound`` is ``None`` when it names none. No event and no period: to confirm.

    ``until``: written as "until EVENT", which says that the event may not have come yet.
    """

    event: str | None = None
    period: Period | None = None
    of_year: OfYear | None = None
    bound: Bound | None = None
    until: bool = False


def parse_rule(text: str) -> Statement:
    """Read a rule. Raises ``GrammarError``."""
    words = " ".join(text.split())
    if words == "to confirm":
        return Statement()
    if words.startswith("until "):
        start, plus, period = words.removeprefix("until ").partition(" + ")
        event, of_year = parse_start(start)
        return Statement(event, parse_period(period) if plus else Period(), of_year, until=True)
    bound = next((bound for bound in _BOUNDS if words.startswith(f"{bound} ")), None)
    length, joined, start = words.removeprefix(f"{bound} ").partition(" from ")
    if not joined:
        if _is_period(length):
            raise GrammarError(
                "201", f"{quoted(words)} does not say from when", f"write it like '{length} from recorded'"
            )
        raise GrammarError("201", f"{quoted(words)} is not a retention rule")
    event, of_year = parse_start(start)
    return Statement(event, parse_period(length), of_year, _BOUNDS[bound] if bound else None)


def parse_start(text: str) -> tuple[str, OfYear | None]:
    """The event a clock starts with, and whether it is the end of the event's year. Raises ``GrammarError``."""
    found = _START.match(text)
    if not found:
        raise GrammarError("201", f"{quoted(text)} is not a start", "write an event, or 'end of year of' and an event")
    event = found[2]
    if not EVENT.match(event):
        raise GrammarError(
            "203", f"{quoted(event)} cannot name an event", "use small letters, digits and _: account_closed"
        )
    if found[0] == event:
        return event, None
    return event, "financial" if found[1] == "financial" else "calendar"


def parse_period(text: str) -> Period:
    """A period, or several joined by ``and``. Raises ``GrammarError``."""
    total = Period()
    for part in text.split(" and "):
        try:
            period = Period.parse(part)
        except ValueError:
            raise GrammarError(
                "202", f"{quoted(text)} is not a period", "write it like '180 days', '1 year' or 'P1Y6M'"
            ) from None
        total = Period(total.months + period.months, total.days + period.days)
    if total.months > LONGEST_MONTHS or total.days > LONGEST_DAYS:
        raise GrammarError(
            "202", f"{quoted(text)} is longer than a thousand years", "use 'until' with an event instead"
        )
    return total


def write_rule(statement: Statement) -> str:
    """The sentence for a statement, in the form people write."""
    if statement.event is None or statement.period is None:
        return "to confirm"
    start = statement.event if statement.of_year is None else f"end of {_year(statement.of_year)} of {statement.event}"
    if statement.until:
        return f"until {start}" + (f" + {statement.period}" if statement.period != Period() else "")
    return f"{_WRITTEN[statement.bound] if statement.bound else ''}{statement.period} from {start}"


def _year(of_year: OfYear) -> str:
    return "financial year" if of_year == "financial" else "year"


def _is_period(text: str) -> bool:
    try:
        parse_period(text)
    except GrammarError:
        return False
    return True
