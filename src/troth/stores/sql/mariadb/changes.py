"""Changing rows in MariaDB: one transaction per batch, in which whatever is changed is locked as it was tested.

InnoDB reads a row that a statement changes as it is now, locks it, and tests it then; so DELETE … LIMIT takes what
is due when it is taken. At READ COMMITTED, rows that turn out not to be due are let go at once.

Where one statement cannot do it (a condition that gathers rows of other tables first; triggers that may put a value
back; places written down before), the keys of the rows are read with their locks, and the change names them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import sqlalchemy as sa

from troth.stores.contract import ChangeRefused, Reference
from troth.stores.sql.catalog import Table
from troth.stores.sql.explain import written_out
from troth.stores.sql.expressions import Expr, Test
from troth.stores.sql.server import Batch

_AT_ONCE = 500
"""Keys that one statement names."""

_EXACT_KEYS = frozenset({"integer", "decimal", "text", "date", "datetime", "datetime_tz", "uuid", "bytes"})

_DUE = "troth_due"


class MariadbChanges:
    def begin(self, connection: sa.Connection) -> None:
        """The session's transactions begin with their first statement."""

    def run(self, connection: sa.Connection, batch: Batch, portion: int | None = None) -> int:
        if portion is not None or batch.gathers or _watched(batch) or list(_childless(batch)):
            return self._by_keys(connection, batch, portion)
        return int(connection.execute(_change(batch, batch.where, batch.limit)).rowcount)

    def survey(self, connection: sa.Connection, batch: Batch, most: int) -> int:
        """Without a key there is no place to write down."""
        key = _key(batch)
        if not key:
            return 0
        names = [f"k{at}" for at in range(len(key))]
        found = sa.select(*(column.label(name) for name, column in zip(names, key, strict=True))).select_from(
            batch.rows
        )
        empty = found.limit(0).compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
        connection.exec_driver_sql(f"DROP TEMPORARY TABLE IF EXISTS {_DUE}")
        connection.exec_driver_sql(
            f"CREATE TEMPORARY TABLE {_DUE} (number BIGINT AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB AS {empty}"
        )
        due = sa.table(_DUE, *map(sa.column, names))
        connection.execute(sa.insert(due).from_select(names, found.where(batch.where).limit(most)))
        last = connection.exec_driver_sql(f"SELECT max(number) FROM {_DUE}").scalar_one()  # noqa: S608 — our own name
        return -(-int(last or 0) // batch.limit)

    def waiting(self, connection: sa.Connection) -> int:
        """Who waits is told to roles with the right PROCESS alone, which shows everybody's statements: not asked."""
        return 0

    def statement(self, batch: Batch) -> sa.UpdateBase:
        """What gathers rows is written inside: no statement of change may begin with WITH."""
        if not batch.gathers:
            return _change(batch, batch.where, batch.limit)
        key = _needed(batch)
        found = sa.select(*key).select_from(batch.rows).where(batch.where).limit(batch.limit)
        text = written_out(found, "mariadb").rstrip(";")
        due: Expr = sa.literal_column(f"(SELECT * FROM ({text}) AS due)")  # noqa: S608 — a statement of our own
        row: Expr = key[0] if len(key) == 1 else sa.tuple_(*key)
        return _change(batch, row.bool_op("IN")(due), None)

    def refresh(self, table: Table) -> sa.TextClause | None:
        return None  # MariaDB has no views that keep rows

    def _by_keys(self, connection: sa.Connection, batch: Batch, portion: int | None) -> int:
        key = _needed(batch)
        found = sa.select(*key).select_from(batch.rows).where(batch.where)
        if portion is not None:
            number = sa.column("number", sa.BigInteger())
            due = sa.table(_DUE, number, *(sa.column(f"k{at}") for at in range(len(key))))
            first = portion * batch.limit
            found = found.join_from(
                due, batch.rows, sa.and_(*(one == due.c[f"k{at}"] for at, one in enumerate(key)))
            ).where(due.c.number > first, due.c.number <= first + batch.limit)
        rows = cast("Sequence[sa.Row[Any]]", connection.execute(found.limit(batch.limit).with_for_update()).all())
        these = [_these(key, rows[at : at + _AT_ONCE]) for at in range(0, len(rows), _AT_ONCE)]
        if childless := list(_childless(batch)):
            return _leaves_first(connection, batch, these, sa.and_(*childless))
        changed = sum(_execute(connection, batch, each) for each in these)
        if batch.left is not None and batch.table.runs_on("update"):
            for each in these:
                back = sa.select(sa.func.count()).select_from(batch.rows).where(each, batch.left)
                if connection.execute(back).scalar_one():
                    raise _put_back(batch)
        return changed


def _leaves_first(connection: sa.Connection, batch: Batch, these: Sequence[Test], childless: Test) -> int:
    """Rows of one table that refer to each other: InnoDB looks at each row when it is removed and not at the end of the
    statement, so those that nobody refers to go first, and then those that nobody refers to any more. What is left then
    the server refuses, and says why."""
    changed = 0
    while gone := sum(_execute(connection, batch, sa.and_(each, childless)) for each in these):
        changed += gone
    return changed + sum(_execute(connection, batch, each) for each in these)


def _execute(connection: sa.Connection, batch: Batch, where: Test) -> int:
    return int(connection.execute(_change(batch, where, None)).rowcount)


def _watched(batch: Batch) -> bool:
    return batch.left is not None and batch.table.runs_on("update")


def _key(batch: Batch) -> list[Expr]:
    """The columns by which a row is found again: its key, or else a group that is unique and never null."""
    columns = batch.table.columns
    for names in (batch.table.info.key, *batch.table.info.unique):
        found = [columns[name] for name in names if name in columns]
        if found and all(one.kind in _EXACT_KEYS and not one.info.nullable for one in found):
            return [batch.rows.c[name] for name in names]
    return []


def _needed(batch: Batch) -> list[Expr]:
    key = _key(batch)
    if not key:
        raise ChangeRefused(
            f"{batch.table.name} has no key by which its rows could be told apart",
            hint="give the table a primary key, or declare it as done by hand",
            code="STORE-REFUSED",
        )
    return key


def _these(key: Sequence[Expr], rows: Sequence[sa.Row[Any]]) -> Test:
    """Keys of several fields are written so that an index is looked up for each."""
    if len(key) == 1:
        return key[0].in_([row[0] for row in rows])
    return sa.or_(*(sa.and_(*(one == part for one, part in zip(key, row, strict=True))) for row in rows))


def _childless(batch: Batch) -> Iterator[Test]:
    """Of a removal: no other row of the table refers to this one by a foreign key that would forbid it."""
    table = batch.table
    if batch.values is not None:
        return
    for reference in table.info.references:
        if reference.target == table.name and reference.on_delete == "no_action":
            child = table.clause().alias("child")
            refers = (child.c[here] == batch.rows.c[there] for here, there in _pairs(reference))
            query: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(child)
            yield sa.not_(sa.exists(query.where(*refers).correlate_except(child)))


def _pairs(reference: Reference) -> Iterator[tuple[str, str]]:
    return zip(reference.fields, reference.target_fields, strict=True)


def _change(batch: Batch, where: Test, limit: int | None) -> sa.UpdateBase:
    change: sa.UpdateBase
    if batch.values is None:
        change = sa.delete(batch.rows).where(where)
    else:
        kept = {name: batch.rows.c[name] for name in batch.table.kept if name not in batch.values}
        change = sa.update(batch.rows).where(where).values({**batch.values, **kept})
    return change if limit is None else change.with_dialect_options(mariadb_limit=limit)


def _put_back(batch: Batch) -> ChangeRefused:
    names = ", ".join(one.name for one in batch.table.info.triggers if "update" in one.events)
    return ChangeRefused(
        f"{batch.table.name}: the store puts back what a mask takes out; what runs there: {names}",
        hint="drop the trigger or let it leave the change alone, or declare the table as done by hand",
        code="STORE-TRIGGER",
    )
