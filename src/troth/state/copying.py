"""All rows of our own database into another one of the same form, from a file to a server or back."""

from __future__ import annotations

from sqlalchemy import Connection, Table, delete, false, func, insert, select

from troth.state.tables import metadata

_PAGE = 100
"""Rows in memory at a time; one of key sets has thousands of keys."""


def copy_all(source: Connection, target: Connection) -> None:
    """Replace every row of ``target`` by those of ``source``; what both see is one moment of theirs."""
    for table in reversed(metadata.sorted_tables):
        target.execute(delete(table))
    for table in metadata.sorted_tables:
        rows = source.execution_options(yield_per=_PAGE).execute(select(table)).mappings()
        for part in rows.partitions():
            target.execute(insert(table), [dict(row) for row in part])
        if target.dialect.name == "postgresql":
            _count_on(target, table)


def _count_on(target: Connection, table: Table) -> None:
    """Rows that came with their numbers did not move the counter that gives the next one."""
    column = table.autoincrement_column
    if column is None:
        return
    counter = func.pg_get_serial_sequence(table.name, column.name)
    following = func.coalesce(func.max(column), 0) + 1
    target.execute(select(func.setval(counter, following, false())))
