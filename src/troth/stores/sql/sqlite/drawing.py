"""Rows of a SQLite table drawn by their numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from troth.stores.sql.drawing import WORTH, dice, draw
from troth.stores.sql.server import Reading


def drawn_by_number(connection: sa.Connection, reading: Reading) -> list[sa.Row[Any]] | None:
    """``None`` for a table without numbers, a small one, and one with too many gaps between its numbers."""
    limit, row_id = reading.limit, reading.table.row_id
    if not limit or row_id is None or reading.table.parts:
        return None
    number = reading.rows.c[row_id]
    first, last = (
        connection.execute(sa.select(end(number)).select_from(reading.rows)).scalar_one()
        for end in (sa.func.min, sa.func.max)  # two questions, since one of both reads the whole table
    )
    if first is None or last - first < WORTH * limit:
        return None
    chosen = sa.func.json_each(sa.bindparam("numbers")).table_valued("value")
    query = reading.query.add_columns(number).where(number.in_(sa.select(chosen.c.value)))

    def throw() -> Mapping[object, sa.Row[Any]]:
        numbers = json.dumps([dice.randint(first, last) for _ in range(2 * limit)])
        return {row[-1]: row for row in connection.execute(query, {"numbers": numbers})}

    return draw(limit, throw)
