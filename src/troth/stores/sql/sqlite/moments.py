"""Moments as SQLite holds them: texts and numbers, told apart value by value (the grammar is in ``sql/moments.py``)."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from troth.stores.sql.expressions import Expr, Test, let


def glob(text: Expr, pattern: str) -> Test:
    return text.bool_op("GLOB", precedence=5)(sa.literal(pattern, sa.Text()))


def counted(value: Expr) -> Expr:
    """A number, or the number that a text of digits says."""
    wrong = ("*[^0-9.]*", "*.*.*", ".*", "*.")
    digits = sa.and_(
        sa.func.typeof(value) == "text",
        value != "",
        *(sa.not_(glob(value, pattern)) for pattern in wrong),
        sa.func.instr(value.concat("."), ".") <= 16,
        sa.func.length(value) <= 25,
    )
    return sa.case(
        (sa.func.typeof(value).in_(["integer", "real"]), value),
        (digits, sa.cast(value, sa.Numeric())),
    )


def moment_case(value: Expr, a_day: Expr, a_time: Expr, offset: Callable[[Expr], Expr]) -> Expr:
    """One of three by the form of the text, null for anything else. ``offset`` is given the whole seconds in UTC."""
    shifted = let(
        lambda it: sa.case((_is_time(it["base"]), offset(sa.func.datetime(naive(it["base"]).concat(it["shift"]))))),
        base=_without_offset(value),
        shift=_offset(value),
    )
    return sa.case(
        (sa.or_(sa.func.typeof(value) != "text", _no_day(value)), sa.null()),
        (sa.func.length(value) == 10, a_day),
        (_is_time(value), a_time),
        else_=shifted,
    )


def usual(value: Expr) -> Test:
    """A naive time as most applications write it, in whole seconds: SQLite counts it and writes it the same again. Such
    texts sort as the moments do."""
    return sa.and_(value >= "0001-01-01", sa.func.datetime(value, "+0 days") == value)


def _real_day(value: Expr) -> Expr:
    """The day as SQLite counts it: 30 February becomes 1 March. A day that comes back as another one is none."""
    return sa.func.date(sa.func.substr(value, 1, 10), "+0 days")


def _no_day(value: Expr) -> Test:
    digits = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*"
    first, real = sa.func.substr(value, 1, 10), _real_day(value)
    return sa.or_(sa.not_(glob(value, digits)), value < "0001-01-01", real.is_(None), real != first)


def _is_time(value: Expr) -> Test:
    seconds = sa.and_(
        glob(sa.func.substr(value, 17, 3), ":[0-5][0-9]"), sa.or_(sa.func.length(value) == 19, _has_fraction(value))
    )
    return sa.and_(
        sa.func.substr(value, 11, 1).in_([" ", "T"]),
        glob(sa.func.substr(value, 12, 5), "[0-2][0-9]:[0-5][0-9]"),
        sa.func.substr(value, 12, 2) < "24",
        sa.or_(sa.func.length(value) == 16, seconds),
    )


def _has_fraction(value: Expr) -> Test:
    return sa.and_(
        sa.func.substr(value, 20, 1) == ".",
        sa.func.length(value).between(21, 29),
        sa.not_(glob(sa.func.substr(value, 21), "*[^0-9]*")),
    )


def _without_offset(value: Expr) -> Expr:
    """The text before its offset and the one space that may stand there; null when there is no offset."""
    length = sa.func.length(value)
    cut = sa.case(
        (glob(value, "*Z"), length - 1),
        (glob(value, "*[+-][01][0-9]:[0-5][0-9]"), length - 6),
        (glob(value, "*[+-][01][0-9][0-5][0-9]"), length - 5),
        (glob(value, "*[+-][01][0-9]"), length - 3),
    )
    return let(
        lambda it: sa.func.substr(value, 1, it["cut"] - (sa.func.substr(value, it["cut"], 1) == " ")),
        cut=cut,
    )


def _offset(value: Expr) -> Expr:
    """The offset as SQLite reads one."""
    return sa.case(
        (glob(value, "*[+-][01][0-9]:[0-5][0-9]"), sa.func.substr(value, -6)),
        (
            glob(value, "*[+-][01][0-9][0-5][0-9]"),
            sa.func.substr(value, -5, 3).concat(":").concat(sa.func.substr(value, -2)),
        ),
        (glob(value, "*[+-][01][0-9]"), sa.func.substr(value, -3).concat(":00")),
        else_="",
    )


def day(value: Expr) -> Expr:
    return sa.func.substr(value, 1, 10)


def naive(value: Expr) -> Expr:
    """Whole seconds, in one way of writing them."""
    return sa.func.substr(sa.func.replace(value, "T", " ").concat(":00"), 1, 19)
