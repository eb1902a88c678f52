"""Changing rows in PostgreSQL: one transaction per batch, on one snapshot.

A batch runs at REPEATABLE READ. A row that somebody else has changed since the snapshot was taken makes the batch fail
with a serialization error, and it is run anew on what is there then: so a row is only ever changed as it was tested.
At READ COMMITTED that would hang on what the server tests again after it has waited for a lock, in which scans by
``ctid`` have long been lax.

Rows are found again by ``ctid``. For a table that shows other tables' rows (partitions, inheritance), the same ``ctid``
names one row in each of them, so it travels with ``tableoid``.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.base import PGDialect

from troth.stores.contract import ChangeRefused
from troth.stores.sql.catalog import Table
from troth.stores.sql.expressions import Named
from troth.stores.sql.server import Batch

ISOLATION: Final = "REPEATABLE READ"

_DUE = sa.table("troth_due", sa.column("portion"), sa.column("part"), sa.column("places"), schema="pg_temp")

_PREPARER = PGDialect().identifier_preparer  # type: ignore[no-untyped-call]


_WAITING: Final = (
    "select count(*) from (select distinct pid from pg_locks where not granted) as waiting"
    " where pg_backend_pid() = any(pg_blocking_pids(pid))"
)


class PostgresqlChanges:
    def begin(self, connection: sa.Connection) -> None:
        """The session's transactions are all of the right kind, from their first statement on."""

    def run(self, connection: sa.Connection, batch: Batch, portion: int | None = None) -> int:
        if batch.gathers:
            make_room(connection)
        if portion is not None:
            changed = self._portion(connection, batch, portion)
        else:
            changed = self._parts(connection, batch) if batch.table.parts else self._plain(connection, batch)
            if changed == 0 and batch.table.runs_on(batch.event):
                still = sa.exists(sa.select(sa.literal_column("1")).select_from(batch.rows).where(batch.where))
                if connection.execute(sa.select(still)).scalar_one():
                    raise kept_back(batch)
        return changed

    def survey(self, connection: sa.Connection, batch: Batch, most: int) -> int:
        """One array of places for each portion and part: what a scan by ``ctid`` takes as it is."""
        if batch.gathers:
            make_room(connection)
        connection.exec_driver_sql(
            "CREATE TEMPORARY TABLE IF NOT EXISTS troth_due (portion bigint, part oid, places tid[])"
        )
        connection.exec_driver_sql("TRUNCATE pg_temp.troth_due")
        number = (sa.func.row_number().over() - sa.literal(1, sa.BigInteger())).label("number")
        found = _limited(batch, most, batch.rows.c.tableoid.label("part"), batch.rows.c.ctid.label("place"), number)
        due = found.subquery("due")
        portion = due.c.number.op("/")(sa.literal(batch.limit, sa.BigInteger()))
        rows = sa.select(portion, due.c.part, sa.func.array_agg(due.c.place)).group_by(portion, due.c.part)
        connection.execute(sa.insert(_DUE).from_select(["portion", "part", "places"], rows))
        return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(_DUE.c.portion), -1))).scalar_one()) + 1

    def waiting(self, connection: sa.Connection) -> int:
        """Asked of the table of locks, which every role may read; who waits for somebody that waits for us is not
        counted."""
        return int(connection.exec_driver_sql(_WAITING).scalar_one())

    def statement(self, batch: Batch) -> sa.UpdateBase:
        if not batch.table.parts:
            return _change(batch, _by_ctid(batch), only=True)
        due = _due(batch, batch.rows.c.tableoid, batch.rows.c.ctid)
        rows = sa.tuple_(batch.rows.c.tableoid, batch.rows.c.ctid)
        return _change(batch, rows.in_(due), only=False)

    def refresh(self, table: Table) -> sa.TextClause | None:
        if table.info.kind != "materialized_view":
            return None
        how = "MATERIALIZED VIEW CONCURRENTLY" if table.concurrent else "MATERIALIZED VIEW"
        return sa.text(f"REFRESH {how} {_PREPARER.format_table(table.clause())}".replace(":", "\\:"))

    def _plain(self, connection: sa.Connection, batch: Batch) -> int:
        return _execute(connection, batch, _change(batch, _by_ctid(batch), only=True))

    def _portion(self, connection: sa.Connection, batch: Batch, portion: int) -> int:
        number = _DUE.c.portion == sa.literal(portion, sa.BigInteger())
        changed = 0
        for part in connection.execute(sa.select(sa.cast(_DUE.c.part, sa.BigInteger())).where(number)).scalars().all():
            oid = sa.cast(sa.literal(part, sa.BigInteger()), Named("oid"))
            places = sa.select(_DUE.c.places).where(number, _DUE.c.part == oid).correlate(None).scalar_subquery()
            rows = batch.rows.c.ctid == sa.any_(sa.cast(places, Named("tid[]")))
            if batch.table.parts:
                rows = sa.and_(batch.rows.c.tableoid == oid, rows)
            changed += _execute(
                connection, batch, _change(batch, sa.and_(rows, batch.where), only=not batch.table.parts)
            )
        return changed

    def _parts(self, connection: sa.Connection, batch: Batch) -> int:
        """The rows' places are asked first, table by table, and given back: joining on both would read every part."""
        due = _due(batch, batch.rows.c.tableoid, batch.rows.c.ctid).subquery("due")
        places = sa.cast(sa.func.array_agg(due.c.ctid), sa.Text())
        query = sa.select(sa.cast(due.c.tableoid, sa.BigInteger()).label("part"), places.label("places"))
        changed = 0
        for part, where in connection.execute(query.group_by(due.c.tableoid)).all():
            rows = sa.and_(
                batch.rows.c.tableoid == sa.cast(sa.literal(part, sa.BigInteger()), Named("oid")),
                batch.rows.c.ctid == sa.any_(sa.cast(sa.literal(where, sa.Text()), Named("tid[]"))),
            )
            changed += _execute(connection, batch, _change(batch, rows, only=False))
        return changed


def _due(batch: Batch, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return _limited(batch, batch.limit, *columns)


def _limited(batch: Batch, most: int, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    query = sa.select(*columns).select_from(batch.rows).where(batch.where)
    query = query.limit(sa.literal(most, sa.BigInteger())).correlate(None)
    return query if batch.table.parts else query.with_hint(batch.rows, "ONLY", "postgresql")


def _by_ctid(batch: Batch) -> sa.ColumnElement[bool]:
    """An array, since that is what a scan by ``ctid`` is made for; a join would often read the whole table."""
    due = _due(batch, batch.rows.c.ctid)
    return batch.rows.c.ctid == sa.any_(sa.func.array(due.scalar_subquery()))


def _change(batch: Batch, where: sa.ColumnElement[bool], *, only: bool) -> sa.UpdateBase:
    change: sa.UpdateBase
    if batch.values is None:
        change = sa.delete(batch.rows).where(where)
    else:
        change = sa.update(batch.rows).where(where).values(batch.values)
    return change.with_hint("ONLY", dialect_name="postgresql") if only else change


def _execute(connection: sa.Connection, batch: Batch, change: sa.UpdateBase) -> int:
    if batch.left is None or not batch.table.runs_on("update"):
        return int(connection.execute(change).rowcount)
    done = change.returning(batch.left.label("left")).cte("done")
    count = sa.select(sa.func.count(), sa.func.count(sa.literal_column("1")).filter(done.c.left)).select_from(done)
    changed, left = connection.execute(count).one()
    if left:
        raise kept_back(batch)
    return int(changed)


def make_room(connection: sa.Connection) -> None:
    """For this transaction. What a statement gathers is looked up by hashing where the planner thinks that it has the
    memory, and searched through for each row where not. Servers before 13 have no such setting."""
    connection.exec_driver_sql(
        "select set_config(name, least(1000, greatest(setting::float8, 262144 / kb))::text, true) from pg_settings,"
        " (select setting::float8 as kb from pg_settings where name = 'work_mem') as work"
        " where name = 'hash_mem_multiplier'"
    )


def kept_back(batch: Batch) -> ChangeRefused:
    names = ", ".join(one.name for one in batch.table.info.triggers if batch.event in one.events)
    what = "keeps rows from being deleted" if batch.values is None else "puts back what a mask takes out"
    return ChangeRefused(
        f"{batch.table.name}: the store {what}; what runs there: {names}",
        hint="switch it off for the role that Troth writes with, or declare the table as done by hand",
        code="STORE-TRIGGER",
    )
