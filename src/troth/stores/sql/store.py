"""The store contract over any SQL server: one connection, kept; compiled conditions; batches with their receipts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import count
from typing import Any, TypeVar, assert_never
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import exc

from troth.core.errors import TrothError
from troth.stores.access import Access, Granting
from troth.stores.conditions import Field, Held, Key, both, either
from troth.stores.contract import (
    Capabilities,
    Change,
    ChangeRefused,
    Count,
    Delete,
    Health,
    Mask,
    Receipt,
    ReceiptKey,
    Refresh,
    Rewrite,
    Schema,
    Selection,
    StoreUnavailable,
    Value,
)
from troth.stores.sql import receipts
from troth.stores.sql.batches import Step
from troth.stores.sql.catalog import Catalog, Table
from troth.stores.sql.compile import Compiler, KeySource, by_column, table_of
from troth.stores.sql.counting import Counting, compiled_count
from troth.stores.sql.explain import granting_text, written_out
from troth.stores.sql.expressions import Cell, Expr, Expressions
from troth.stores.sql.keys import Temporary, Written
from troth.stores.sql.problems import forbids, may_succeed, problem
from troth.stores.sql.rewriting import written_anew
from troth.stores.sql.server import Batch, Reading, Server

ATTEMPTS = 5
"""Times a batch is tried, each on what is there then, when somebody else changes its rows meanwhile."""

T = TypeVar("T")


class SqlStore:
    """One store. Questions and changes go over one connection, streams over others of their own."""

    def __init__(self, server: Server, *, writable: bool, zone: ZoneInfo) -> None:
        self._server = server
        self._writable = writable
        self._zone = zone
        self._connection: sa.Connection | None = None
        self._keys: KeySource = server.keys.bound
        self._known: Catalog | None = None
        self._receipts: sa.Table | None = None
        self._step: Step | None = None
        self._errors = (exc.SQLAlchemyError, OSError, server.engine.dialect.loaded_dbapi.Error)

    @property
    def capabilities(self) -> Capabilities:
        return self._server.capabilities

    def check(self) -> Health:
        return self._asked(self._server.health)

    def access(self) -> Access:
        return self._asked(self._server.access)

    def describe(self) -> Schema:
        self._known = None
        return self._catalog().schema

    def count(self, selection: Selection, start: Field | None = None) -> Count:
        quick = self._counted(selection, start, usual=True)
        found = self._counted(selection, start, usual=False) if quick is None else quick
        if found is None:
            raise AssertionError("the plain count always answers")
        return found

    def _counted(self, selection: Selection, start: Field | None, *, usual: bool) -> Count | None:
        def compiled() -> Counting | None:
            table, compiler = self._table(selection.collection), self._compiler(selection.keys)
            return compiled_count(compiler, table, selection, start, usual=usual)

        counting = self._guarded(compiled)
        if counting is None:
            return None

        def row(connection: sa.Connection) -> sa.Row[Any]:
            if counting.gathers:
                self._server.gather(connection)
            return connection.execute(counting.query).one()

        return counting.answer(self._asked(row))

    def read(
        self, selection: Selection, fields: tuple[Field, ...], *, limit: int | None = None, sample: bool = False
    ) -> Iterator[tuple[Value, ...]]:
        def compiled() -> Reading:
            table, compiler = self._table(selection.collection), self._compiler(selection.keys, self._server.keys.bound)
            rows = table.clause()
            cells = (compiler.cell(table, rows, name) for name in fields)
            columns = [_readable(compiler.expressions, cell).label(f"f{at}") for at, cell in enumerate(cells)]
            query = sa.select(*columns).select_from(rows).where(compiler.test(table, rows, selection.where))
            return Reading(table, rows, query, limit, sample, compiler.gathers)

        return self._streamed(self._guarded(compiled), len(fields))

    def apply(self, change: Change, key: ReceiptKey) -> Receipt:
        if not self._writable:
            raise ChangeRefused(
                "this connection was opened for reading alone", hint="use the write connection", code="STORE-RIGHTS"
            )
        if isinstance(change, Rewrite):
            table = self._table(change.collection) if change.collection is not None else None
            server, budget = self._server, change.budget
            return Receipt(
                key, 0, shown=written_anew(server.physical, server.engine.connect, table, budget, self._errors)
            )
        receipt_table = self._receipt_table()
        work = self._guarded(lambda: self._work(change, key))

        def batch(connection: sa.Connection, attempt: int) -> Receipt:
            self._server.changes.begin(connection)
            done = receipts.find(connection, receipt_table, key)
            if done is None:
                done = Receipt(key, work(connection, attempt), waiting=self._server.changes.waiting(connection))
                receipts.keep(connection, receipt_table, done)
            return done

        for attempt in count():
            try:
                return self._transaction(partial(batch, attempt=attempt))
            except self._errors as error:
                again = attempt + 1 < ATTEMPTS and may_succeed(error)
                failure = None if again else self._failed(error, changing=True)
            if failure is not None:
                raise failure
        raise AssertionError("unreachable")

    def explain(self, request: Selection | Change | Granting) -> str:
        if isinstance(request, Granting):
            catalog = self._catalog()
            return self._asked(lambda connection: granting_text(connection, self._server, catalog, request))
        if isinstance(request, Rewrite):
            table = self._table(request.collection) if request.collection is not None else None
            measured = self._asked(lambda connection: self._server.physical.measure(connection, table))
            return measured.words(request.budget)
        return self._guarded(lambda: self._explained(request))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._server.engine.dispose()

    # compiling

    def _catalog(self) -> Catalog:
        if self._known is None:
            self._known = self._asked(self._server.catalog)
        return self._known

    def _table(self, name: str) -> Table:
        """A table; one we don't know may have been made since we looked."""
        if name not in self._catalog().tables:
            self._known = None
        return table_of(self._catalog(), name)

    def _compiler(self, keys: Mapping[str, tuple[Key, ...]], source: KeySource | None = None) -> Compiler:
        self._open()
        return Compiler(self._catalog(), self._server.expressions(), self._zone, keys, source or self._keys)

    def _work(self, change: Delete | Mask | Refresh, key: ReceiptKey) -> Callable[[sa.Connection, int], int]:
        """What one batch does inside its transaction; returns the number of rows."""
        if isinstance(change, Refresh):
            statement = self._refresh(change)
            return lambda connection, _: 0 * connection.execute(statement).rowcount
        connection, catalog = self._open(), self._catalog()
        if self._step is None or not self._step.fits(key, catalog):
            batch, lasting = self._compiled(change)
            self._step = Step(key.plan, key.step, self._catalog(), change, batch, lasting)
        elif not self._step.compiled_for(change):
            batch, lasting = self._compiled(change)
            self._step.take(change, batch, lasting=lasting)
        step, changes = self._step, self._server.changes
        step.survey(connection, changes)
        return lambda connection, attempt: step.run(connection, changes, attempt)

    def _compiled(self, change: Delete | Mask) -> tuple[Batch, bool]:
        used = self._keys.used if isinstance(self._keys, Temporary) else 0
        batch = self._as_batch(change, self._keys)
        return batch, not isinstance(self._keys, Temporary) or self._keys.used == used

    def _as_batch(self, change: Delete | Mask, source: KeySource) -> Batch:
        selection = change.selection
        table = self._table(selection.collection)
        if table.info.kind != "table":
            raise ChangeRefused(
                f"{table.name} is a {table.info.kind.replace('_', ' ')}: change what it shows instead",
                code="STORE-REFUSED",
            )
        if table.no_receipts:
            raise ChangeRefused(
                f"{table.name}: {table.no_receipts}, so a batch could be done and not be written down",
                hint="convert the table, or declare it as done by hand",
                code="STORE-ENGINE",
            )
        compiler = self._compiler(selection.keys, source)
        rows = table.clause()
        if isinstance(change, Delete):
            where = compiler.test(table, rows, selection.where)
            return Batch(table, rows, where, change.limit, gathers=compiler.gathers)
        held = either(*(Held(name, blank) for name, blank in change.blanks))
        values: dict[str, Expr] = {}
        for name, blanks in by_column(change.blanks).items():
            column = table.column(name)
            if column.info.generated:
                raise ChangeRefused(f"the store computes {table.name}.{name} itself", code="STORE-CONSTRAINT")
            cell = Cell(rows.c[name], column)
            values[name] = compiler.expressions.blanked(cell, blanks)
        where = compiler.test(table, rows, both(selection.where, held))
        return Batch(table, rows, where, change.limit, values, compiler.test(table, rows, held), compiler.gathers)

    def _refresh(self, change: Refresh) -> sa.TextClause:
        statement = self._server.changes.refresh(self._table(change.collection))
        if statement is None:
            raise ChangeRefused(
                f"{change.collection} keeps no copy of other rows, so there is nothing to refresh", code="STORE-REFUSED"
            )
        return statement

    def _explained(self, request: Selection | Delete | Mask | Refresh) -> str:
        statement: sa.Select[Any] | sa.UpdateBase | sa.TextClause
        match request:
            case Selection():
                table, compiler = self._table(request.collection), self._compiler(request.keys, Written())
                rows = table.clause()
                statement = sa.select(sa.func.count()).select_from(rows)
                statement = statement.where(compiler.test(table, rows, request.where))
            case Delete() | Mask():
                statement = self._server.changes.statement(self._as_batch(request, Written()))
            case Refresh():
                statement = self._refresh(request)
            case _:
                assert_never(request)
        return written_out(statement, self.capabilities.kind)

    # asking

    def _open(self) -> sa.Connection:
        if self._connection is None:
            self._connection = self._server.engine.connect()
            self._keys = Temporary(self._connection, self._server.keys) if self._writable else self._server.keys.bound
        return self._connection

    def _transaction(self, work: Callable[[sa.Connection], T]) -> T:
        connection = self._open()
        try:
            with connection.begin():
                return work(connection)
        except (TrothError, *self._errors):
            raise
        except BaseException:
            # Interrupted at an unknown place, maybe inside the commit: the session is of no further use.
            self._drop()
            raise

    def _asked(self, work: Callable[[sa.Connection], T]) -> T:
        return self._guarded(lambda: self._transaction(work))

    def _guarded(self, work: Callable[[], T]) -> T:
        """Errors of a driver become ours outside of its handler, so that nothing of what it said hangs on to them."""
        try:
            return work()
        except self._errors as error:
            failure = self._failed(error)
        raise failure

    def _failed(self, error: BaseException, *, changing: bool = False) -> Exception:
        failure = problem(error, changing=changing)
        self._known = None
        if isinstance(failure, StoreUnavailable):
            self._drop()
        return failure

    def _drop(self) -> None:
        """Whatever state the session is in, the next call begins with a new one."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
        self._connection = None
        self._keys = self._server.keys.bound
        self._step = None

    def _streamed(self, reading: Reading, width: int) -> Iterator[tuple[Value, ...]]:
        try:
            for chunk in self._server.stream(self._server.engine.connect, reading):
                for row in chunk:
                    yield tuple(row[:width])
        except self._errors as error:
            failure = problem(error, changing=False)
        else:
            return
        raise failure

    # receipts

    def _receipt_table(self) -> sa.Table:
        """Made on first use, when the role may."""
        if self._receipts is not None:
            return self._receipts
        table = receipts.receipt_table(self._server.home)
        if not self._catalog().receipts:
            statement = receipts.ddl(table, self._server.engine.dialect)
            try:
                self._transaction(lambda connection: connection.exec_driver_sql(statement))
            except self._errors as error:
                refused = forbids(error)
                failure: Exception = ChangeRefused(
                    f"{table.name} is not there and this role may not make it; batches are written down in it",
                    hint=f"let somebody who may run this, and grant SELECT and INSERT on it: {statement}",
                    code="STORE-RIGHTS",
                )
                if not refused:
                    failure = self._failed(error, changing=True)
                self._known = None
                if refused or not self._catalog().receipts:
                    raise failure from None
        self._receipts = table
        return table


def _readable(expressions: Expressions, cell: Cell) -> Expr:
    """A value to be read: JSON paths as text; PostgreSQL's ``char(n)`` without the spaces it is filled up with."""
    if cell.path:
        return expressions.operand(cell).expr
    return sa.cast(cell.element, sa.Text()) if cell.column.base == "bpchar" else cell.element
