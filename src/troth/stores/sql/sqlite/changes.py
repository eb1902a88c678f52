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

    def run(self, connection: sa.Connection, batch: Batch, portion: int | None = None) -> int:
        due = _found(batch) if portion is None else _portion(batch, portion)
        if batch.left is not None and batch.table.runs_on("update"):
            return self._watched(connection, batch, due, batch.left)
        changed = _changed(connection, _change(batch, _where(_key(batch), due)))
        if changed == 0 and portion is None and batch.table.runs_on(batch.event):
            still: sa.Select[Any] = (
                sa.select(sa.literal_column("1")).select_from(batch.rows).where(batch.where).limit(1)
            )
            if connection.execute(still).first() is not None:
                raise kept_back(batch)
        return changed

    def survey(self, connection: sa.Connection, batch: Batch, most: int) -> int:
        key = _key(batch)
        written = _written("troth_due", len(key))
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql("DROP TABLE IF EXISTS temp.troth_due")
        connection.exec_driver_sql(f"CREATE TEMP TABLE troth_due ({', '.join(written.c.keys()[1:])})")
        due = sa.select(*key).select_from(batch.rows).where(batch.where).limit(most).correlate(None)
        connection.execute(sa.insert(written).from_select(list(written.c.keys()[1:]), due))
        rows = int(connection.execute(sa.select(sa.func.count()).select_from(written)).scalar_one())
        return -(-rows // batch.limit)

    def waiting(self, connection: sa.Connection) -> int:
        """Who waits for a file's lock, SQLite does not know."""
        return 0

    def statement(self, batch: Batch) -> sa.UpdateBase:
        return _change(batch, _where(_key(batch), _found(batch)))

    def refresh(self, table: Table) -> sa.TextClause | None:
        return None  # SQLite has no views that keep rows

    def _watched(self, connection: sa.Connection, batch: Batch, due: sa.Select[Any], left: Test) -> int:
        """With the rows written down first: triggers run after the change, and what they put back is looked for."""
        key = _key(batch)
        written = _written("troth_batch", len(key))
        names = list(written.c.keys()[1:])
        connection.exec_driver_sql(f"CREATE TEMP TABLE troth_batch ({', '.join(names)})")
        connection.execute(sa.insert(written).from_select(names, due))
        these = _where(key, sa.select(*(written.c[name] for name in names)).correlate(None))
        changed = _changed(connection, _change(batch, these))
        back = sa.select(sa.func.count()).select_from(batch.rows).where(these, left)
        if connection.execute(back).scalar_one():
            raise kept_back(batch)
        connection.exec_driver_sql("DROP TABLE temp.troth_batch")
        return changed


def _written(name: str, width: int) -> sa.TableClause:
    """A temporary table of keys in the order in which they were found."""
    return sa.table(name, sa.column("rowid"), *(sa.column(f"k{at}") for at in range(width)), schema="temp")


def _found(batch: Batch) -> sa.Select[Any]:
    return sa.select(*_key(batch)).select_from(batch.rows).where(batch.where).limit(batch.limit).correlate(None)


def _portion(batch: Batch, portion: int) -> sa.Select[Any]:
    """Rows of one portion that still meet the condition."""
    key = _key(batch)
    written = _written("troth_due", len(key))
    first = portion * batch.limit
    due = sa.select(*(written.c[f"k{at}"] for at in range(len(key))))
    due = due.where(written.c.rowid > first, written.c.rowid <= first + batch.limit).correlate(None)
    return sa.select(*key).select_from(batch.rows).where(_where(key, due), batch.where).correlate(None)


def _key(batch: Batch) -> list[Expr]:
    if batch.table.row_id is not None:
        return [batch.rows.c[batch.table.row_id]]
    if not batch.table.info.key:
        raise ChangeRefused(
            f"{batch.table.name} has no key and no row number by which its rows could be told apart",
            code="STORE-REFUSED",
        )
    return [batch.rows.c[name] for name in batch.table.info.key]


def _where(key: list[Expr], due: sa.Select[Any]) -> sa.ColumnElement[bool]:
    return key[0].in_(due) if len(key) == 1 else sa.tuple_(*key).in_(due)


def _change(batch: Batch, where: sa.ColumnElement[bool]) -> sa.UpdateBase:
    if batch.values is None:
        return sa.delete(batch.rows).where(where)
    return sa.update(batch.rows).where(where).values(batch.values)


def _changed(connection: sa.Connection, change: sa.UpdateBase) -> int:
    """Rows that the change has changed. Python's driver does not count what begins with WITH."""
    rows = int(connection.execute(change).rowcount)
    return rows if rows >= 0 else int(connection.exec_driver_sql("SELECT changes()").scalar_one())


def kept_back(batch: Batch) -> ChangeRefused:
    names = ", ".join(one.name for one in batch.table.info.triggers if batch.event in one.events)
    what = "keeps rows from being deleted" if batch.values is None else "puts back what a mask takes out"
    return ChangeRefused(
        f"{batch.table.name}: the store {what}; what runs there: {names}",
        hint="switch the trigger off, or declare the table as done by hand",
        code="STORE-TRIGGER",
    )
