"""Key sets in SQLite: one bound JSON array, or a temporary table."""

from __future__ import annotations

import json
from collections.abc import Sequence

import sqlalchemy as sa

from troth.stores.sql.expressions import Expr, Operand, Test
from troth.stores.sql.keys import member_of
from troth.stores.sql.server import Rows


class JsonArray:
    def member(self, name: str, operands: Sequence[Operand], rows: Rows) -> Test:
        """Bytes, which JSON has not, travel in one bound value; the array then says where each part of it lies."""
        store = bytearray()
        packed = [[_part(part, store) for part in row] for row in rows]
        one = len(operands) == 1
        text = json.dumps([row[0] for row in packed] if one else packed, ensure_ascii=False)
        keys = sa.func.json_each(sa.literal(text, sa.Text())).table_valued("value", "type").alias("keys")
        columns: list[Expr] = []
        for at in range(len(operands)):
            value: Expr = keys.c.value if one else sa.func.json_extract(keys.c.value, f"$[{at}]")
            if any(isinstance(row[at], bytes) for row in rows):
                kind: Expr = keys.c.type if one else sa.func.json_type(keys.c.value, f"$[{at}]")
                value = sa.case((kind == "array", _unpacked(value, bytes(store))), else_=value)
            columns.append(value)
        return member_of(operands, sa.select(*columns).correlate(None))


def _part(part: object, store: bytearray) -> object:
    if not isinstance(part, bytes):
        return part
    store += part
    return [len(store) - len(part) + 1, len(part)]


def _unpacked(value: Expr, store: bytes) -> Expr:
    place, length = sa.func.json_extract(value, "$[0]"), sa.func.json_extract(value, "$[1]")
    return sa.func.substr(sa.literal(store, sa.LargeBinary()), place, length)


class SqliteKeys:
    bound = JsonArray()

    def create(self, connection: sa.Connection, table: str, operands: Sequence[Operand]) -> None:
        connection.exec_driver_sql(f"CREATE TEMP TABLE {table} ({', '.join(f'k{at}' for at in range(len(operands)))})")

    def fill(self, connection: sa.Connection, table: str, rows: Rows) -> None:
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql(f"DELETE FROM temp.{table}")  # noqa: S608 — a name of our own
        marks = ", ".join("?" * len(rows[0]))
        connection.exec_driver_sql(f"INSERT INTO temp.{table} VALUES ({marks})", list(rows))  # noqa: S608

    def temporary(self, table: str, columns: Sequence[str]) -> sa.TableClause:
        return sa.table(table, *(sa.column(name) for name in columns), schema="temp")
