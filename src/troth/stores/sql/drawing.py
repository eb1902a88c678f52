"""Rows drawn at random by their places in a table, without a look at the others: a draw from a very large table costs
no more than from a small one. Every place is as likely as any other, and so is every row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import SystemRandom
from typing import Any

import sqlalchemy as sa

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
