"""Declared forms in SQLite, which has patterns (GLOB) and no regular expressions of its own."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from troth.stores.sql.expressions import Expr, Test, let
from troth.stores.sql.forms import SCHEMES
from troth.stores.sql.sqlite.moments import glob


def hashed(text: Expr) -> Test:
    length = sa.func.length(text)
    return sa.or_(*(sa.and_(glob(text, found.pattern), length >= found.length) for found in SCHEMES))


def first_half(text: Expr) -> Test:
    text = sa.func.lower(text)
    plain = sa.case((glob(text, "::ffff:*.*"), sa.func.substr(text, 8)), else_=text)
    return sa.or_(let(lambda it: _first_half_v4(it["ip"]), ip=_unprefixed(plain, "*.0.0", 16)),
                  let(lambda it: _first_half_v6(it["ip"]), ip=_unprefixed(text, "*::", 48)))  # fmt: skip


def _unprefixed(text: Expr, pattern: str, longest: int) -> Expr:
    """The address without a prefix length of at most ``longest``, where it has the form that may bear one."""
    slash = sa.func.instr(text, "/")
    prefixes = [f"/{bits}" for bits in range(longest + 1)]
    short = sa.and_(glob(text, f"{pattern}/*"), sa.func.substr(text, slash).in_(prefixes))
    return sa.case((short, sa.func.substr(text, 1, slash - 1)), else_=text)


def _first_half_v4(text: Expr) -> Test:
    length = sa.func.length(text)
    head = sa.case(
        (
            sa.or_(glob(text, "*.*.0.0"), glob(text, "*.*.x.x"), glob(text, "*.*.[*].[*]")),
            sa.func.substr(text, 1, length - 4),
        ),
        (glob(text, "*.*.xxx.xxx"), sa.func.substr(text, 1, length - 8)),
        else_=text,
    )

    def halves(it: Mapping[str, Expr]) -> Test:
        dot = sa.func.instr(it["head"], ".")
        first, second = sa.func.substr(it["head"], 1, dot - 1), sa.func.substr(it["head"], dot + 1)
        return sa.and_(dot > 1, _is_byte(first), _is_byte(second))

    return let(halves, head=head)


def _is_byte(text: Expr) -> Test:
    return sa.and_(
        sa.func.length(text).between(1, 3),
        sa.not_(glob(text, "*[^0-9]*")),
        sa.or_(sa.func.length(text) == 1, sa.func.substr(text, 1, 1) != "0"),
        sa.cast(text, sa.Integer()) <= 255,
    )


def _first_half_v6(text: Expr) -> Test:
    length = sa.func.length(text)
    head = sa.case(
        (glob(text, "*::"), sa.func.substr(text, 1, length - 2)),
        (glob(text, "*:*:*:0:0:0:0:0"), sa.func.substr(text, 1, length - 10)),
        (glob(text, "*:*:*:0000:0000:0000:0000:0000"), sa.func.substr(text, 1, length - 25)),
    )
    return let(
        lambda it: sa.and_(
            sa.or_(text == "::", _groups(it["head"])), sa.or_(glob(text, "*::"), glob(it["head"], "*:*:*"))
        ),
        head=head,
    )


def _groups(head: Expr) -> Test:
    """One to three groups of one to four hexadecimal digits."""
    wrong = ("*[^0-9a-f:]*", "*:*:*:*", "*::*", ":*", "*:", f"*{'[0-9a-f]' * 5}*")
    return sa.and_(head != "", *(sa.not_(glob(head, pattern)) for pattern in wrong))
