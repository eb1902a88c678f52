"""Moments: which cutoff each kind of value is compared with, and how what a store answers becomes an aware moment.

A text is a moment when it reads

    YYYY-MM-DD                                     a day
    YYYY-MM-DD[T ]HH:MM[:SS[.fraction]]            a naive time, read in the system's zone
    the same, then Z, ±HH, ±HHMM or ±HH:MM         a time with its offset (one space may stand before it)

in the calendar as it is (no 30 February), years 0001 to 9999. Anything else is no moment: unknown, never before any. A
number is a moment only with a declared unit, when it is positive and no later than the year 9999 (0 is what
applications write for "none"); with such a unit, nothing but a number is a moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from troth.stores.conditions import All, AnyOf, Before, Condition, Field, Not, Related, Unit

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 — counted from without a zone; the zone is put on at the end
LAST_SECOND = 253_402_300_799
"""9999-12-31T23:59:59 in seconds since 1970."""

DAY = r"(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
TIME = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?"
OFFSET = r" ?(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)"

_TEXT = re.compile(rf"(?P<day>{DAY})([T ](?P<time>{TIME})(?P<offset>{OFFSET})?)?")


@dataclass(frozen=True, slots=True)
class Cutoff:
    """One instant in every form a store compares with: ``day``; ``local``, naive in the system's zone; ``utc``."""

    day: date
    local: datetime
    utc: datetime

    @classmethod
    def of(cls, before: Before, zone: ZoneInfo) -> Cutoff:
        utc = before.instant.astimezone(UTC).replace(microsecond=0)
        try:
            local = utc.astimezone(zone).replace(tzinfo=None)
        except OverflowError:
            local = utc.replace(tzinfo=None)
        return cls(before.day, local, utc)

    def number(self, unit: Unit) -> int:
        seconds = (self.utc.replace(tzinfo=None) - EPOCH) // timedelta(seconds=1)
        return seconds * (1000 if unit == "epoch_ms" else 1)


def last_number(unit: Unit) -> int:
    return LAST_SECOND * 1000 + 999 if unit == "epoch_ms" else LAST_SECOND


def unit_of(where: Condition, field: Field) -> Unit:
    """How numbers in ``field`` count, as some ``Before`` inside ``where`` says; ``native`` when none does."""
    match where:
        case Before(field=found, unit=unit) if found == field:
            return unit
        case All(conditions=parts) | AnyOf(conditions=parts):
            for part in parts:
                if (unit := unit_of(part, field)) != "native":
                    return unit
            return "native"
        case Not(condition=inner):
            return unit_of(inner, field)
        case Related():
            return "native"
        case _:
            return "native"


def at_zone(naive: datetime, zone: ZoneInfo) -> datetime:
    """A naive time of the system's zone as a moment in UTC; one at the edge of the calendar stays where it is."""
    try:
        return naive.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        return naive.replace(tzinfo=UTC)


def from_microseconds(count: int, zone: ZoneInfo) -> datetime:
    """Microseconds from 1970 on a clock of ``zone``, held inside the calendar."""
    try:
        naive = EPOCH + timedelta(microseconds=count)
    except OverflowError:
        naive = datetime.min if count < 0 else datetime.max  # noqa: DTZ901
    return at_zone(naive, zone)


def read_text(text: str, zone: ZoneInfo) -> datetime | None:
    """The moment that ``text`` says, by the grammar above."""
    found = _TEXT.fullmatch(text)
    if found is None:
        return None
    try:
        day = date.fromisoformat(found["day"])
    except ValueError:
        return None
    if found["time"] is None:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    time = datetime.fromisoformat(f"{found['day']} {found['time']}")
    if found["offset"] is None:
        return at_zone(time, zone)
    try:
        return datetime.fromisoformat(f"{time.isoformat()}{found['offset'].strip()}").astimezone(UTC)
    except OverflowError:
        return time.replace(tzinfo=UTC)


def earliest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
