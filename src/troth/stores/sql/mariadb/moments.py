"""Moments in MariaDB: its own types, numbers with a unit, and texts by the grammar in ``sql/moments.py``.

The session's zone is UTC, so a TIMESTAMP reads as the instant it is. ``0000-00-00``, a month or day of zero and a day
that the calendar has not are no moments: unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import DATETIME

from troth.stores.conditions import Unit
from troth.stores.sql.expressions import Expr, Test
from troth.stores.sql.moments import DAY, EPOCH, OFFSET, TIME, Cutoff, last_number

_MICROSECOND: Expr = sa.literal_column("MICROSECOND")
_MINUTE = 60_000_000


def known(element: Expr, kind: str) -> Test:
    """It is a day of the calendar, with its time or not."""
    day = element if kind == "date" else sa.func.date(element)
    real = sa.func.from_days(sa.func.to_days(element)) == day
    return sa.and_(element >= sa.literal("0001-01-01", sa.Text()), real)


def microseconds(moment: Expr) -> Expr:
    """Since 1970."""
    start = sa.literal(EPOCH.isoformat(" "), sa.Text())
    return sa.func.timestampdiff(_MICROSECOND, start, moment, type_=sa.BigInteger())


def matches(text: Expr, pattern: str) -> Test:
    """From one end of the text to the other: the end of a line is not the end."""
    return text.regexp_match(sa.literal(f"(?s)\\A(?:{pattern})\\z", sa.Text()))


def day_of(text: Expr) -> Expr:
    """Microseconds of a text that is a day; null for anything else."""
    return _read(text, DAY, lambda: microseconds(sa.cast(text, sa.Date())))


def time_of(text: Expr) -> Expr:
    """Microseconds of a naive time, on its own clock."""
    return _read(text, f"{DAY}[T ]{TIME}", lambda: _local(text))


def offset_of(text: Expr) -> Expr:
    """Microseconds of a time with its offset, in UTC. Its offset is taken off the number: at the edges of the calendar
    the moment itself could not be written."""
    offset = sa.func.regexp_substr(text, sa.literal(rf"{OFFSET.removeprefix(' ?')}\z", sa.Text()))
    length = sa.func.char_length(offset)
    local = sa.func.trim(sa.func.left(text, sa.func.char_length(text) - length))
    hours = sa.cast(sa.func.substr(offset, 2, 2), sa.Integer())
    minutes = sa.case((length > 3, sa.cast(sa.func.right(offset, 2), sa.Integer())), else_=0)
    size = (hours * 60 + minutes) * _MINUTE
    shift = sa.case((length == 1, 0), (sa.func.left(offset, 1) == sa.literal("-", sa.Text()), -size), else_=size)
    return _read(text, f"{DAY}[T ]{TIME}{OFFSET}", lambda: _local(local) - shift)


def before(text: Expr, cutoff: Cutoff) -> Test:
    return sa.or_(
        day_of(text) < _count(datetime(cutoff.day.year, cutoff.day.month, cutoff.day.day)),  # noqa: DTZ001 — a day
        time_of(text) < _count(cutoff.local),
        offset_of(text) < _count(cutoff.utc.replace(tzinfo=None)),
    )


def number(text: Expr) -> Expr:
    return sa.case((matches(text, r"[0-9]{1,15}(\.[0-9]{1,9})?"), sa.cast(text, sa.Numeric(30, 9))))


def counted(value: Expr, cutoff: Cutoff, unit: Unit) -> Test:
    return sa.and_(value < sa.literal(cutoff.number(unit), sa.BigInteger()), value > sa.literal(0, sa.Integer()))


def within(value: Expr, unit: Unit) -> Expr:
    inside = sa.and_(value > sa.literal(0, sa.Integer()), value <= sa.literal(last_number(unit), sa.BigInteger()))
    return sa.case((inside, sa.cast(value, sa.Numeric(30, 9))))


def _count(moment: datetime) -> Expr:
    since = moment - EPOCH
    return sa.literal((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds, sa.BigInteger())


def _local(text: Expr) -> Expr:
    return microseconds(sa.cast(sa.func.left(text, 26), DATETIME(fsp=6)))


def _read(text: Expr, pattern: str, read: Callable[[], Expr]) -> Expr:
    """CASE, since what reads a moment must only see what is one."""
    first = sa.cast(sa.func.concat(sa.func.left(text, 7), sa.literal("-01", sa.Text())), sa.Date())
    exists = sa.cast(sa.func.substr(text, 9, 2), sa.Integer()) <= sa.func.dayofmonth(sa.func.last_day(first))
    return sa.case((matches(text, pattern), sa.case((exists, read()))))
