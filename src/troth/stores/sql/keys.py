"""Key sets on their way into a statement: written out for people, or in a temporary table that is filled once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy import exc

from troth.stores.sql.expressions import Operand, Test
from troth.stores.sql.problems import forbids
from troth.stores.sql.server import Keys, Rows

SMALL = 500
"""Keys up to this number travel inside the statement even where a temporary table could be made."""


class Written:
    """Every key in the statement's text: for ``explain`` alone."""

    def member(self, name: str, operands: Sequence[Operand], rows: Rows) -> Test:
        if len(operands) == 1:
            return operands[0].one_of([row[0] for row in rows])
        return sa.or_(
            *(sa.and_(*(one.one_of([part]) for one, part in zip(operands, row, strict=True))) for row in rows)
        )


@dataclass(slots=True)
class _Table:
    name: str
    rows: Rows


@dataclass(slots=True)
class Temporary:
    """Temporary tables of one connection. A table is made for each key set and the types it is compared in, and filled
    again only when the keys have changed. Where the store forbids temporary tables, keys are bound instead."""

    connection: sa.Connection
    keys: Keys
    _tables: dict[tuple[str, tuple[str, ...]], _Table] = field(default_factory=dict)
    _forbidden: bool = False
    used: int = 0
    """How often a temporary table has been put into a statement."""

    def member(self, name: str, operands: Sequence[Operand], rows: Rows) -> Test:
        if self._forbidden or len(rows) <= SMALL:
            return self.keys.bound.member(name, operands, rows)
        types = tuple(one.cast or repr(one.type) for one in operands)
        table = self._tables.get((name, types))
        if table is None:
            table = _Table(f"troth_keys_{len(self._tables) + 1}", ())
            if not self._made(table.name, operands):
                return self.keys.bound.member(name, operands, rows)
            self._tables[name, types] = table
        if table.rows != rows:
            table.rows = ()
            with self.connection.begin():
                self.keys.fill(self.connection, table.name, rows)
            table.rows = rows
        self.used += 1
        columns = [f"k{at}" for at in range(len(operands))]
        found = self.keys.temporary(table.name, columns)
        query = sa.select(*(found.c[column] for column in columns)).correlate(None)
        return member_of(operands, query)

    def _made(self, table: str, operands: Sequence[Operand]) -> bool:
        try:
            with self.connection.begin():
                self.keys.create(self.connection, table, operands)
        except exc.DBAPIError as error:
            if not forbids(error):
                raise
            self._forbidden = True
            return False
        return True


def member_of(operands: Sequence[Operand], query: sa.Select[tuple[object, ...]]) -> Test:
    if len(operands) == 1:
        return operands[0].expr.in_(query)
    return sa.tuple_(*(one.expr for one in operands)).in_(query)
