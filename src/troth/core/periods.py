"""Calendar periods: "1 year" is not 365 days, and a maximum never gains a day.

``last_day = start + period`` with the day clamped to the month's end (Reg. 1182/71 art. 3(2)(c)); data is due from
the day after. There is no rolling over weekends: deletion is not an answer to a person (domain rules 2.2, 7.2).
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

_WORDS = re.compile(r"^\s*(\d+)\s*(day|week|month|year)s?\s*$")
_ISO = re.compile(r"^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?$")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A span of calendar time: whole months (a year is twelve) and whole days."""

    months: int = 0
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``180 days``, ``1 year`` or ISO 8601 ``P1Y6M``. Raises ``ValueError`` that names both forms."""
        if words := _WORDS.match(text):
            number, unit = int(words[1]), words[2]
            return {
                "day": cls(days=number),
                "week": cls(days=7 * number),
                "month": cls(months=number),
                "year": cls(months=12 * number),
            }[unit]
        iso = _ISO.match(text.strip())
        if iso and any(iso.groups()):
            years, months, weeks, days = (int(group or 0) for group in iso.groups())
            return cls(months=12 * years + months, days=7 * weeks + days)
        raise ValueError(f"'{text}' is not a period; write it like '180 days', '1 year' or 'P1Y6M'")

    def __str__(self) -> str:
        years, months = divmod(self.months, 12)
        named = [(years, "year"), (months, "month"), (self.days, "day")]
        parts = [f"{number} {word}{'s' if number != 1 else ''}" for number, word in named if number]
        return " and ".join(parts) or "0 days"

    def after(self, start: date) -> date:
        """The last day of a period that starts on ``start``. Raises ``ValueError`` beyond the year 9999."""
        year, month = divmod(start.year * 12 + start.month - 1 + self.months, 12)
        if year > date.max.year:
            raise ValueError(f"{self} after {start} is beyond the calendar")
        day = min(start.day, calendar.monthrange(year, month + 1)[1])
        return date(year, month + 1, day) + timedelta(days=self.days)

    def first_kept_start(self, today: date) -> date:
        """The earliest start whose last day has not passed on ``today``: what starts before it is due.

        ``start < first_kept_start(today)`` is the same as ``after(start) < today``, which a store can answer from
        an index. Periods only ever move a date forward in order, so there is exactly one such day.
        """
        guess = _months_before(today - timedelta(days=self.days), self.months)
        while self.after(guess) >= today:
            guess -= timedelta(days=1)
        while self.after(guess) < today:
            guess += timedelta(days=1)
        return guess


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < 1:
        raise ValueError(f"{months} months before {day} is before the calendar")
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def end_of_year(day: date, last: tuple[int, int] = (12, 31)) -> date:
    """The last day of the (financial) year that ``day`` is in; ``last`` is that year's closing month and day."""
    closing = _closing(day.year, last)
    return closing if day <= closing else _closing(day.year + 1, last)


def first_kept_start_of_year(period: Period, today: date, last: tuple[int, int] = (12, 31)) -> date:
    """Like ``Period.first_kept_start`` for periods that run from the end of the (financial) year.

    What happened before the returned day belongs to a year whose end plus ``period`` lies before ``today``.
    """
    kept = period.first_kept_start(today)
    year_end = end_of_year(kept, last)
    return _closing(year_end.year - 1, last) + timedelta(days=1)


def _closing(year: int, last: tuple[int, int]) -> date:
    month, day = last
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
