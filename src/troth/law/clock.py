"""When an answer is due. Days are the controller's legal days; the day of receipt is not counted, a period of months
ends on the same date or on the month's last, and an end on a day of rest moves to the next working day (Art. 3 of
Regulation 1182/71). Retention is not counted here: a maximum never gains a day (``core/periods.py``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from troth.core.errors import Refused
from troth.law.read import time_limit
from troth.law.workdays import Workdays


@dataclass(frozen=True, slots=True)
class Suspension:
    """Somebody was asked who they are, or what they want, on ``asked``, and answered on ``answered`` (``None``: not
    yet). The clock stands still between the two (EDPB Guidelines 01/2022, 159; recital 63)."""

    asked: date
    answered: date | None = None

    def days(self, today: date) -> int:
        return max(0, ((self.answered or today) - self.asked).days)


@dataclass(frozen=True, slots=True)
class Due:
    """The last day for an answer. ``nominal``: before days of rest move it; ``rest``: why they did; ``strict``: as if
    nothing had suspended it, since no text says for how long it may; ``extendable``: the last day on which an extension
    can be told; ``extended``: with one, from receipt; ``extended_strict``: with the shorter of the two readings."""

    received: date
    nominal: date
    day: date
    rest: tuple[str, ...]
    strict: date
    extendable: date
    extended: date
    extended_strict: date


def received_on(instant: datetime, zone: ZoneInfo) -> date:
    """The legal day of an instant. Raises ``ValueError`` for a naive one."""
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone has no legal day")
    return instant.astimezone(zone).date()


def due(
    received: date, workdays: Workdays, suspensions: Sequence[Suspension] = (), *, today: date | None = None
) -> Due:
    """The days that a request received on ``received`` has (Art. 12(3) GDPR). ``today`` is where an unanswered question
    counts to; without it, it does not suspend yet. A question asked too late does not suspend."""
    month, three = time_limit("response", received), time_limit("extended", received)
    in_time = workdays.after(received, time_limit("identity_asked", received).working_days)
    counted = [each for each in suspensions if received <= each.asked <= in_time]
    waited = {each.asked + timedelta(days=n) for each in counted for n in range(each.days(today or each.asked))}
    still = timedelta(days=len(waited))
    first, last = month.period.after(received), three.period.after(received)
    nominal = first + still
    day, rest = workdays.rolled(nominal)
    strict, _ = workdays.rolled(first)
    extended, _ = workdays.rolled(last + still)
    months_left = type(month.period)(months=three.period.months - month.period.months)
    shorter, _ = workdays.rolled(min(last, months_left.after(first)) + still)
    return Due(received, nominal, day, rest, strict, day, extended, min(extended, shorter))


@dataclass(frozen=True, slots=True)
class Extension:
    """The two further months of Art. 12(3) GDPR, told to the person on ``told`` with the reasons."""

    told: date
    why: str


def extend(due: Due, told: date, why: str, before: Extension | None = None) -> Extension:
    """Raises ``Refused`` where the law allows none: a second one, one without a reason, or one told too late."""
    if before is not None:
        wrong = f"the time was extended on {before.told}, and can be extended once"
    elif not why.strip():
        wrong = "an extension needs its reason: complexity, or the number of the person's requests"
    elif told > due.extendable:
        wrong = f"an extension had to be told until {due.extendable}, and it is {told}"
    elif told < due.received:
        wrong = f"the request came in on {due.received}, after {told}"
    else:
        return Extension(told, why.strip())
    raise Refused(wrong, hint=f"answer until {due.day} (Art. 12(3) GDPR)", code="LAW-EXTENSION")


def until(day: date, zone: ZoneInfo) -> datetime:
    """The last second of a legal day, in UTC: a period ends with its last day's last hour (Art. 3(2))."""
    return datetime.combine(day, time(23, 59, 59), zone).astimezone(UTC)


def breach_notice(aware: datetime) -> datetime:
    """Until when a breach is notified to the authority (Art. 33(1) GDPR): elapsed hours, in the zone of ``aware``."""
    hours = time_limit("breach", aware.date()).hours
    return (aware.astimezone(UTC) + timedelta(hours=hours)).astimezone(aware.tzinfo)
