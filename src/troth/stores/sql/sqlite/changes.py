"""Changing rows in SQLite: one transaction per batch that holds the file's write lock from its first statement on."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from troth.stores.contract import ChangeRefused
from troth.stores.sql.catalog import Table
from troth.stores.sql.expressions import Expr, Test
from troth.stores.sql.server import Batch


class SqliteChanges:
    def begin(self, connection: sa.Connection) -> None:
        """Nobody else writes from here on, so what the batch tests stays as it was tested."""
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def run(self, connection: sa.Connection, batch: Batch) -> int:
        if batch.left is not None and batch.table.runs_on("update"):
            return self._watched(connection, batch, batch.left)
        changed = int(connection.execute(self.statement(batch)).rowcount)
        if changed == 0 and batch.table.runs_on(batch.event):
            still: sa.Select[Any] = (
                sa.select(sa.literal_column("1")).select_from(batch.rows).where(batch.where).limit(1)
            )
            if connection.execute(still).first() is not None:
                raise kept_back(batch)
        return changed

    def statement(self, batch: Batch) -> sa.UpdateBase:
        key = _key(batch)
        due = sa.select(*key).select_from(batch.rows).where(batch.where).limit(batch.limit).correlate(None)
        return _change(batch, _where(key, due))

    def refresh(self, table: Table) -> sa.TextClause | None:
        return None  # SQLite has no views that keep rows

    def _watched(self, connection: sa.Connection, batch: Batch, left: Test) -> int:
        """With the rows written down first: triggers run after the change, and what they put back is looked for."""
        key = _key(batch)
        names = [f"k{at}" for at in range(len(key))]
        connection.exec_driver_sql(f"CREATE TEMP TABLE troth_batch ({', '.join(names)})")
        written = sa.table("troth_batch", *(sa.column(name) for name in names), schema="temp")
        due = sa.select(*key).select_from(batch.rows).where(batch.where).limit(batch.limit).correlate(None)
        connection.execute(sa.insert(written).from_select(names, due))
        these = _where(key, sa.select(*(written.c[name] for name in names)).correlate(None))
        changed = int(connection.execute(_change(batch, these)).rowcount)
        back = sa.select(sa.func.count()).select_from(batch.rows).where(these, left)
        if connection.execute(back).scalar_one():
            raise kept_back(batch)
        connection.exec_driver_sql("DROP TABLE temp.troth_batch")
        return changed


def _key(batch: Batch) -> list[Expr]:
    if batch.table.row_id is not None:
        return [batch.rows.c[batch.table.row_id]]
    if not batch.table.info.key:
        raise ChangeRefused(f"{batch.table.name} has no key and no row number by which its rows could be told apart")
    return [batch.rows.c[name] for name in batch.table.info.key]


def _where(key: list[Expr], due: sa.Select[Any]) -> sa.ColumnElement[bool]:
    return key[0].in_(due) if len(key) == 1 else sa.tuple_(*key).in_(due)


def _change(batch: Batch, where: sa.ColumnElement[bool]) -> sa.UpdateBase:
    if batch.values is None:
        return sa.delete(batch.rows).where(where)
    return sa.update(batch.rows).where(where).values(batch.values)


def kept_back(batch: Batch) -> ChangeRefused:
    names = ", ".join(one.name for one in batch.table.info.triggers if batch.event in one.events)
    what = "keeps rows from being deleted" if batch.values is None else "puts back what a mask takes out"
    return ChangeRefused(
        f"{batch.table.name}: the store {what}; what runs there: {names}",
        hint="switch the trigger off, or declare the table as done by hand",
    )
