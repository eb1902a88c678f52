"""Key sets in PostgreSQL: bound arrays, or a temporary table filled by COPY."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import psycopg
import sqlalchemy as sa

from troth.stores.sql.expressions import Expr, Named, Operand, Test
from troth.stores.sql.server import Rows


class Arrays:
    def member(self, name: str, operands: Sequence[Operand], rows: Rows) -> Test:
        arrays = [_array(operand, [row[at] for row in rows]) for at, operand in enumerate(operands)]
        if len(operands) == 1:
            return operands[0].expr == sa.any_(arrays[0])
        names = [f"k{at}" for at in range(len(arrays))]
        keys = sa.func.unnest(*arrays).table_valued(*names).render_derived(name="keys")
        query = sa.select(*(keys.c[name] for name in names)).correlate(None)
        return sa.tuple_(*(operand.expr for operand in operands)).in_(query)


def _array(operand: Operand, parts: list[object]) -> Expr:
    array = sa.literal(parts, sa.ARRAY(operand.type))
    return array if operand.cast is None else sa.cast(array, Named(f"{operand.cast}[]"))


class PostgresqlKeys:
    bound = Arrays()

    def create(self, connection: sa.Connection, table: str, operands: Sequence[Operand]) -> None:
        columns = (
            sa.Column(f"k{at}", operand.type if operand.cast is None else Named(operand.cast))
            for at, operand in enumerate(operands)
        )
        connection.execute(sa.schema.CreateTable(sa.Table(table, sa.MetaData(), *columns, prefixes=["TEMPORARY"])))

    def fill(self, connection: sa.Connection, table: str, rows: Rows) -> None:
        connection.exec_driver_sql(f"TRUNCATE pg_temp.{table}")
        driver = cast("psycopg.Connection", connection.connection.driver_connection)
        with driver.cursor() as cursor, cursor.copy(f"COPY pg_temp.{table} FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)
        connection.exec_driver_sql(f"ANALYZE pg_temp.{table}")

    def temporary(self, table: str, columns: Sequence[str]) -> sa.TableClause:
        return sa.table(table, *(sa.column(name) for name in columns), schema="pg_temp")
