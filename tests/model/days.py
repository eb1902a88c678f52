"""Calendar days by the rules of the domain (7.1, 7.2), counted on fingers: nothing here is shared with the product."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.model.spec import Plain

from troth.policy.model import Rule

LEAP = 29


def day_of(value: Plain, unit: str, system_zone: str, legal_zone: str) -> date | None:
    """The legal day on which something happened, as a column says it; ``None`` when it says nothing."""
    legal = ZoneInfo(legal_zone)
    match value:
        case int() if unit == "epoch_s" and value > 0:
            return datetime.fromtimestamp(value, UTC).astimezone(legal).date()
        case str() if unit == "native":
            try:
                if len(value) == len("2024-02-29"):
                    return date.fromisoformat(value)
                naive = datetime.strptime(value, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 — the zone is put on next
            except ValueError:
                return None
            return naive.replace(tzinfo=ZoneInfo(system_zone)).astimezone(legal).date()
        case _:
            return None


def last_day(rule: Rule, start: date, year_end: tuple[int, int]) -> date:
    """The last day on which a row that started on ``start`` may (or must) be there under ``rule``."""
    assert rule.period is not None
    if rule.of_year is not None:
        start = _closing(start, (12, 31) if rule.of_year == "calendar" else year_end)
    day = start
    for _ in range(rule.period.months):
        day = _next_month(day)
    if day.day != start.day or day.month != start.month:
        day = _clamped(day.year, day.month, start.day)
    return day + timedelta(days=rule.period.days)


def _closing(day: date, last: tuple[int, int]) -> date:
    while (day.month, day.day) != last:
        day += timedelta(days=1)
    return day


def _next_month(day: date) -> date:
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return _clamped(year, month, day.day)


def _clamped(year: int, month: int, day: int) -> date:
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1
