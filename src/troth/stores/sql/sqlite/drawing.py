"""Rows of a SQLite table drawn by their numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from troth.stores.sql.drawing import drawn_by_number
from troth.stores.sql.expressions import Test
from troth.stores.sql.server import Reading


def drawn_by_row(connection: sa.Connection, reading: Reading) -> list[sa.Row[Any]] | None:
    """``None`` for a table without numbers, too."""
    row_id = reading.table.row_id
    if row_id is None or reading.table.parts:
        return None
    number = reading.rows.c[row_id]

    def among(numbers: Sequence[int]) -> Test:
        chosen = sa.func.json_each(sa.literal(json.dumps(numbers), sa.Text())).table_valued("value")
        return number.in_(sa.select(chosen.c.value))

    return drawn_by_number(connection, reading, number, among)
