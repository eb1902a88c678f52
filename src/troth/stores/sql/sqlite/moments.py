# ruff: noqa: S608 — the grammar is put together from constants of this file alone
"""Moments as SQLite holds them: texts and numbers, told apart value by value (the grammar is in ``sql/moments.py``).

The grammar is written as text and not put together from expressions: it stands in a statement as often as a condition
names a moment, and SQLite's parser holds no more than a hundred things open at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

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


def before(value: Expr, day: str, local: str, utc: str) -> Test:
    """The moment in ``value`` lies before the same instant in each of three forms; null where there is none."""
    others = [sa.literal(each, sa.Text()) for each in (day, local, utc)]
    return _over(value, lambda moment: _Before(moment, *others))


def day_of(value: Expr) -> Expr:
    """``value`` where it is a day, null anywhere else."""
    return _over(value, _Day)


def time_of(value: Expr) -> Expr:
    """``value`` where it is a naive time, in one way of writing them; null anywhere else."""
    return _over(value, _Time)


def offset_of(value: Expr) -> Expr:
    """``value`` in UTC where it is a time with its offset, in whole seconds; null anywhere else."""
    return _over(value, _Offset)


def usual(value: Expr) -> Test:
    """A naive time as most applications write it, in whole seconds: SQLite counts it and writes it the same again. Such
    texts sort as the moments do."""
    return sa.and_(value >= "0001-01-01", sa.func.datetime(value, "+0 days") == value)


def _over(value: Expr, reading: Callable[[Expr], Expr]) -> Expr:
    """A reading names its value many times."""
    if isinstance(value, sa.ColumnClause):
        return reading(value)
    return let(lambda it: reading(it["moment"]), moment=value)


_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"

_NAIVE = "substr(replace({0}, 'T', ' ') || ':00', 1, 19)"
"""Whole seconds, in one way of writing them."""

_USUAL = "$v >= '0001-01-01' AND datetime($v, '+0 days') = $v"

_NO_DAY = (
    f"typeof($v) != 'text' OR $v NOT GLOB '{_DAY}*' OR $v < '0001-01-01'"
    " OR date(substr($v, 1, 10), '+0 days') IS NOT substr($v, 1, 10)"
)
"""SQLite counts 30 February as 1 March: a day that comes back as another one is none."""

_SECONDS = "??????????[ T][0-2][0-9]:[0-5][0-9]:[0-5][0-9]"

_IS_TIME = (
    f"substr({{0}} || ':00', 1, 19) GLOB '{_SECONDS}' AND substr({{0}}, 12, 2) < '24'"
    " AND (substr({0}, 20) = '' OR substr({0}, 20) GLOB '.[0-9]*' AND length({0}) < 30"
    " AND substr({0}, 21) NOT GLOB '*[^0-9]*')"
)
"""A time comes after the day, and nothing after the time."""

_FULL = "substr(it.time || ':00', 1, 19)"

_SHIFTED = (
    f"(SELECT CASE WHEN {_FULL} NOT GLOB '{_SECONDS}' OR substr(it.time, 12, 2) > '23' OR length(it.time) > 29"
    " OR length(it.time) > 19 AND substr(it.time, 20) NOT GLOB '.[0-9]*' OR substr(it.time, 21) GLOB '*[^0-9]*'"
    " OR it.zone GLOB '  *' THEN NULL WHEN ltrim(it.zone) = 'Z'"
    f" THEN datetime({_FULL}) WHEN ltrim(it.zone) GLOB '[+-][01][0-9]:[0-5][0-9]'"
    f" THEN datetime({_FULL} || ltrim(it.zone)) WHEN ltrim(it.zone) GLOB '[+-][01][0-9][0-5][0-9]'"
    f" THEN datetime({_FULL} || substr(ltrim(it.zone), 1, 3) || ':' || substr(ltrim(it.zone), 4))"
    f" WHEN ltrim(it.zone) GLOB '[+-][01][0-9]' THEN datetime({_FULL} || ltrim(it.zone) || ':00') END"
    " FROM (SELECT substr($v, 1, length($v) - length(zone)) AS time, zone"
    " FROM (SELECT ltrim(substr($v, 17), '0123456789:.') AS zone)) AS it)"
)
"""Whole seconds in UTC of a time with its offset: what comes after all that a time is written in, or after one space
more. SQLite is given the offset as it reads one."""


class _Reading(FunctionElement[Any]):
    """Text in which each expression stands wherever its name does: ``$v`` is the value, a column."""

    inherit_cache = True
    names: tuple[str, ...] = ("v",)
    text: str


class _Before(_Reading):
    inherit_cache = True
    type = sa.Boolean()
    names = ("v", "day", "local", "utc")
    text = (
        f"CASE WHEN {_USUAL} THEN $v < $local WHEN {_NO_DAY} THEN NULL WHEN length($v) = 10 THEN $v < $day"
        f" WHEN {_IS_TIME.format('$v')} THEN {_NAIVE.format('$v')} < $local ELSE {_SHIFTED} < $utc END"
    )


class _Day(_Reading):
    inherit_cache = True
    type = sa.Text()
    text = f"CASE WHEN {_NO_DAY} THEN NULL WHEN length($v) = 10 THEN $v END"


class _Time(_Reading):
    inherit_cache = True
    type = sa.Text()
    text = (
        f"CASE WHEN {_NO_DAY} THEN NULL WHEN {_IS_TIME.format('$v')} THEN {_NAIVE.format('$v')} || substr($v, 20) END"
    )


class _Offset(_Reading):
    inherit_cache = True
    type = sa.Text()
    text = f"CASE WHEN {_NO_DAY} OR length($v) = 10 OR {_IS_TIME.format('$v')} THEN NULL ELSE {_SHIFTED} || 'Z' END"


_NAME = re.compile(r"\$(\w+)")


@compiles(_Reading, "sqlite")
def _written(element: _Reading, compiler: SQLCompiler, **how: Any) -> str:
    found = {name: compiler.process(part, **how) for name, part in zip(element.names, element.clauses, strict=True)}
    return _NAME.sub(lambda name: found[name[1]], element.text)
