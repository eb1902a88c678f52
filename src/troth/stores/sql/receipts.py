"""The one table of ours in a store: what each batch did, committed with the batch."""

from __future__ import annotations

import sqlalchemy as sa

from troth.stores.access import RECEIPTS
from troth.stores.contract import Receipt, ReceiptKey


def receipt_table(schema: str | None) -> sa.Table:
    """Numbers and names of plans and steps; nothing of a row."""
    return sa.Table(
        RECEIPTS,
        sa.MetaData(schema=schema),
        sa.Column("plan", sa.String(128), primary_key=True),
        sa.Column("step", sa.String(255), primary_key=True),
        sa.Column("batch", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.current_timestamp()),
        mariadb_engine="InnoDB",
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
    )


def find(connection: sa.Connection, table: sa.Table, key: ReceiptKey) -> Receipt | None:
    query = sa.select(table.c.rows).where(
        table.c.plan == key.plan, table.c.step == key.step, table.c.batch == key.batch
    )
    rows = connection.execute(query).scalar_one_or_none()
    return None if rows is None else Receipt(key, rows, replayed=True)


def keep(connection: sa.Connection, table: sa.Table, receipt: Receipt) -> None:
    key = receipt.key
    connection.execute(sa.insert(table).values(plan=key.plan, step=key.step, batch=key.batch, rows=receipt.rows))


def ddl(table: sa.Table, dialect: sa.Dialect) -> str:
    """The CREATE TABLE statement, for whoever has the right to run it."""
    return " ".join(str(sa.schema.CreateTable(table).compile(dialect=dialect)).split())
