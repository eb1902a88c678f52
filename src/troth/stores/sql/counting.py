"""Counting a selection with its oldest and latest start, in one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from troth.stores.conditions import Field
from troth.stores.contract import Count, Selection
from troth.stores.sql import moments
from troth.stores.sql.catalog import Table
from troth.stores.sql.compile import Compiler
from troth.stores.sql.expressions import Expr, Extreme, Extremes

Query: TypeAlias = sa.Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Counting:
    """A query and how its one row reads. ``extremes`` is ``None`` for the quick query, whose answer only stands when
    every known moment has the usual form."""

    query: Query
    zone: ZoneInfo
    extremes: Sequence[Extreme] | None
    gathers: bool

    def answer(self, row: sa.Row[Any]) -> Count | None:
        values = list(row)
        number: int = values[0]
        if self.extremes is None:
            oldest, latest, known, usual = values[1:]
            if known != usual:
                return None
            read = [None if end is None else moments.read_text(end, self.zone) for end in (oldest, latest)]
            return Count(number, *read)
        ends = [self._moment(self.extremes[at // 2], end) for at, end in enumerate(values[1:])]
        return Count(number, moments.earliest(ends[::2]), moments.latest(ends[1::2]))

    def _moment(self, extreme: Extreme, value: str | int | float | Decimal | None) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, str):
            return moments.read_text(value, self.zone)
        scale = {"seconds": 1_000_000, "milliseconds": 1_000}.get(extreme.reads, 1)
        count = int(value * scale)
        if extreme.reads == "local_us":
            return moments.from_microseconds(count, self.zone)
        return moments.from_microseconds(count, ZoneInfo("UTC"))


def compiled_count(
    compiler: Compiler, table: Table, selection: Selection, start: Field | None, *, usual: bool
) -> Counting | None:
    """The query; with ``usual`` the quick one, or ``None`` where the dialect or the field has none."""
    rows = table.clause()
    found = Extremes()
    if start is not None:
        unit = moments.unit_of(selection.where, start)
        found = compiler.expressions.extremes(compiler.cell(table, rows, start), unit)
    columns: list[Expr]
    if not usual:
        columns = [one.then(end(one.expr)) for one in found.each for end in (sa.func.min, sa.func.max)]
    elif found.usual is not None:
        value, test = found.usual
        columns = [sa.func.min(value), sa.func.max(value), sa.func.count(value), sa.func.count(sa.case((test, 1)))]
    else:
        return None
    query = sa.select(sa.func.count(), *columns).select_from(rows)
    query = query.where(compiler.test(table, rows, selection.where))
    return Counting(query, compiler.zone, None if usual else found.each, compiler.gathers)
