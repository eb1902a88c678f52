"""Moments in PostgreSQL: its own types, numbers with a unit, and texts by the grammar in ``sql/moments.py``."""

from __future__ import annotations

import sqlalchemy as sa

from troth.stores.conditions import Unit
from troth.stores.sql.expressions import Expr, Test
from troth.stores.sql.moments import DAY, OFFSET, TIME, Cutoff, last_number


def moment_case(text: Expr, day: Expr, naive: Expr, offset: Expr) -> Expr:
    """One of three by the form of ``text``; null for anything else. CASE, since casts may only see what they can read,
    and PostgreSQL orders the parts of an AND as it likes."""
    exists = sa.cast(sa.func.substr(text, 9, 2), sa.Integer()) <= sa.extract(
        "day",
        sa.cast(sa.func.substr(text, 1, 7).concat("-01"), sa.Date())
        + sa.literal_column("interval '1 month - 1 day'", sa.Interval()),
    )
    kinds = sa.case(
        (text.regexp_match(f"^{DAY}$"), day),
        (text.regexp_match(f"^{DAY}[T ]{TIME}$"), naive),
        else_=offset,
    )
    real = sa.case((exists, kinds))
    return sa.case((text.regexp_match(f"^{DAY}([T ]{TIME}({OFFSET})?)?$"), real))


def number(text: Expr) -> Expr:
    return sa.case((text.regexp_match(r"^[0-9]{1,15}(\.[0-9]{1,9})?$"), sa.cast(text, sa.Numeric())))


def counted(value: Expr, cutoff: Cutoff, unit: Unit) -> Test:
    kind = sa.BigInteger()
    return sa.and_(value < sa.literal(cutoff.number(unit), kind), value > sa.literal(0, sa.Integer()))


def within(value: Expr, unit: Unit) -> Expr:
    inside = sa.and_(value > sa.literal(0, sa.Integer()), value <= sa.literal(last_number(unit), sa.BigInteger()))
    return sa.case((inside, sa.cast(value, sa.Numeric())))


def finite(moment: Expr) -> Expr:
    return sa.case((sa.func.isfinite(moment), moment))


def microseconds(moment: Expr) -> Expr:
    return sa.cast(sa.extract("epoch", moment) * 1_000_000, sa.BigInteger())
