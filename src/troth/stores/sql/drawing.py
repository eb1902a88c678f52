"""Rows drawn at random by their places in a table, without a look at the others: a draw from a very large table costs
no more than from a small one. Every place is as likely as any other, and so is every row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import SystemRandom
from typing import Any

import sqlalchemy as sa

from troth.stores.sql.expressions import Expr, Test
from troth.stores.sql.server import Reading

ROUNDS = 20
"""Times that places are thrown; a table with more gaps than that is read in random order instead."""

WORTH = 20
"""A table with fewer places than so many for each row wanted is as well read whole."""

dice = SystemRandom()


def draw(limit: int, throw: Callable[[], Mapping[object, sa.Row[Any]]]) -> list[sa.Row[Any]] | None:
    """``limit`` rows, or ``None`` where too few places hold one. ``throw`` gives rows by place, each time others."""
    found: dict[object, sa.Row[Any]] = {}
    for _ in range(ROUNDS):
        found.update(throw())
        if len(found) >= limit:
            return dice.sample(list(found.values()), limit)
    return None


def drawn_by_number(
    connection: sa.Connection, reading: Reading, number: Expr, among: Callable[[Sequence[int]], Test]
) -> list[sa.Row[Any]] | None:
    """Rows by a whole ``number`` that each has its own; ``among``: it is one of these. ``None`` for a small table, and
    for one with too many gaps between its numbers."""
    limit = reading.limit
    if not limit:
        return None
    first, last = (
        connection.execute(sa.select(end(number)).select_from(reading.rows)).scalar_one()
        for end in (sa.func.min, sa.func.max)  # two questions, since one of both may read the whole table
    )
    if first is None or last - first < WORTH * limit:
        return None
    query = reading.query.add_columns(number)

    def throw() -> Mapping[object, sa.Row[Any]]:
        numbers = [dice.randint(first, last) for _ in range(2 * limit)]
        return {row[-1]: row for row in connection.execute(query.where(among(numbers)))}

    return draw(limit, throw)
