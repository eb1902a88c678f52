"""Key sets in MariaDB: listed, as one JSON array, or in a temporary table with an index."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date

import sqlalchemy as sa

from troth.stores.sql.expressions import Operand, Test
from troth.stores.sql.keys import SMALL, Written, member_of
from troth.stores.sql.mariadb.texts import EXACT
from troth.stores.sql.server import Rows

_TEXT = f"CHARACTER SET utf8mb4 COLLATE {EXACT}"


class Unsigned(sa.BigInteger):
    """A whole number that needs all of its 64 bits."""


class Bytes(sa.LargeBinary):
    """Bytes; written out for people as hexadecimal."""

    def literal_processor(self, dialect: sa.Dialect) -> Callable[..., str]:
        def written(value: bytes) -> str:
            return f"X'{value.hex()}'"

        return written


_LISTED = (Bytes, sa.Numeric, sa.Double)


class JsonTable:
    """Few keys are listed, which an index serves best; many travel in one bound value. Bytes and fractions, which have
    no exact form there, are always listed."""

    def member(self, name: str, operands: Sequence[Operand], rows: Rows) -> Test:
        if len(rows) <= SMALL or any(isinstance(one.type, _LISTED) for one in operands):
            return Written().member(name, operands, rows)
        packed = json.dumps([[_packed(part) for part in row] for row in rows], ensure_ascii=False)
        columns = [
            f"k{at} {_type(operand, max(len(str(row[at])) for row in rows))} PATH '$[{at}]'"
            for at, operand in enumerate(operands)
        ]
        table = sa.text(f"JSON_TABLE(:keys, '$[*]' COLUMNS ({', '.join(columns)})) AS given")
        table = table.bindparams(sa.bindparam("keys", packed, sa.Text(), unique=True))
        found = [sa.literal_column(f"given.k{at}", one.type) for at, one in enumerate(operands)]
        return member_of(operands, sa.select(*found).select_from(table).correlate(None))


def _packed(part: object) -> object:
    return part.isoformat() if isinstance(part, date) else part


def _type(operand: Operand, length: int) -> str:
    match operand.type:
        case sa.Text():
            return f"VARCHAR({length}) {_TEXT}" if length <= 4_000 else f"LONGTEXT {_TEXT}"
        case _:
            return _plain(operand)


def _plain(operand: Operand) -> str:
    match operand.type:
        case Unsigned():
            return "BIGINT UNSIGNED"
        case sa.BigInteger():
            return "BIGINT"
        case sa.Date():
            return "DATE"
        case sa.DateTime():
            return "DATETIME(6)"
        case sa.Double():
            return "DOUBLE"
        case sa.Numeric():
            return "DECIMAL(65,30)"
        case Bytes():
            return "LONGBLOB"
        case _:
            return f"LONGTEXT {_TEXT}"


class MariadbKeys:
    bound = JsonTable()

    def create(self, connection: sa.Connection, table: str, operands: Sequence[Operand]) -> None:
        """A temporary table ends no transaction, and nobody else sees it."""
        types = [_plain(operand) for operand in operands]
        columns = ", ".join(f"k{at} {kind}" for at, kind in enumerate(types))
        index = ", ".join(f"k{at}(190)" if kind.startswith("LONG") else f"k{at}" for at, kind in enumerate(types))
        connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {table} ({columns}, KEY ({index})) ENGINE=InnoDB")

    def fill(self, connection: sa.Connection, table: str, rows: Rows) -> None:
        connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 — a name of our own
        marks = ", ".join(["%s"] * len(rows[0]))
        connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({marks})", list(rows))  # noqa: S608

    def temporary(self, table: str, columns: Sequence[str]) -> sa.TableClause:
        return sa.table(table, *(sa.column(name) for name in columns))
