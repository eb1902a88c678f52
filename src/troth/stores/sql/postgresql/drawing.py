"""Rows of a PostgreSQL table drawn by their places: a page, and a number in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from troth.stores.sql.drawing import WORTH, dice, draw
from troth.stores.sql.server import Reading

MOST = 291
"""Rows that a page of eight kilobytes can hold."""


def drawn_by_place(connection: sa.Connection, reading: Reading) -> list[sa.Row[Any]] | None:
    """``None`` for whatever has no pages of its own (a view, a table in parts), and for a small table. Of a page with
    more than four times as many rows as the average, some are never drawn."""
    limit, table = reading.limit, reading.table
    if not limit or table.row_id != "ctid" or table.parts:
        return None
    name = connection.dialect.identifier_preparer.format_table(reading.rows)
    size = sa.text("select pg_relation_size(cast(:name as regclass)) / current_setting('block_size')::int")
    pages = int(connection.execute(size, {"name": name}).scalar_one())
    average = max(1, table.info.rows_estimate or 0) // max(1, pages)
    numbers = min(MOST, 4 * average + 16)
    if pages * max(1, average) < WORTH * limit:
        return None
    place = reading.rows.c.ctid
    query = reading.query.add_columns(place).where(place == sa.func.any(sa.text("cast(:places as tid[])")))

    def throw() -> Mapping[object, sa.Row[Any]]:
        places = [f"({dice.randrange(pages)},{dice.randint(1, numbers)})" for _ in range(3 * limit)]
        return {row[-1]: row for row in connection.execute(query, {"places": places})}

    return draw(limit, throw)
