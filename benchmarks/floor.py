"""The floor: what a good engineer would write by hand through psycopg, with the same effect as the product's run.

The same durability (each batch of 10,000 rows is committed with a line of its own that says so), the same test again in
each batch's statement, and the same count afterwards. ``bare`` is the single statement, which does none of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString

import psycopg

BATCH = 10_000

_OF_KEYS: dict[str, LiteralString] = {
    "messages": "ticket_id IN (SELECT id FROM tickets WHERE customer_id IN (SELECT id FROM goes))",
    "tickets": "customer_id IN (SELECT id FROM goes)",
    "orders": "customer_id IN (SELECT id FROM goes)",
    "sessions": "customer_id IN (SELECT id FROM goes)",
    "events": "customer_id IN (SELECT id FROM goes)",
    "customers": "id IN (SELECT id FROM goes)",
}
"""What refers, before what is referred to."""

_PAST: LiteralString = "happened_at < timestamptz '2025-01-01'"

_DUE: dict[str, LiteralString] = {
    "customers": "created_at < timestamptz '2016-01-01'",
    "orders": "ordered_at < timestamptz '2016-01-01'",
    "tickets": "opened_at < timestamptz '2016-01-01'",
    "messages": "sent_at < timestamptz '2016-01-01'",
    "sessions": "seen_at < timestamptz '2016-01-01'",
    "events": _PAST,
}


def erase(connection: psycopg.Connection, emails: Sequence[str]) -> int:
    """Rows of these people that are gone; counted again afterwards."""
    _receipts(connection)
    connection.execute("CREATE TEMP TABLE goes (id bigint PRIMARY KEY)")
    connection.execute("INSERT INTO goes SELECT id FROM customers WHERE email = ANY(%s)", [list(emails)])
    connection.execute("ANALYZE goes")
    gone = sum(_batches(connection, table, where) for table, where in _OF_KEYS.items())
    _none_left(connection, _OF_KEYS)
    return gone


def purge(connection: psycopg.Connection) -> int:
    _receipts(connection)
    gone = _batches(connection, "events", _PAST)
    _none_left(connection, {"events": _PAST})
    return gone


def check(connection: psycopg.Connection) -> int:
    """The bare queries of the promises: how many rows are past their time, and since when."""
    found = 0
    for table, where in _DUE.items():
        column = where.split(" ", 1)[0]
        row = connection.execute(f"SELECT count(*), min({column}) FROM {table} WHERE {where}").fetchone()
        found += row[0] if row else 0
    return found


def bare_erase(connection: psycopg.Connection, emails: Sequence[str]) -> int:
    connection.execute("CREATE TEMP TABLE goes (id bigint PRIMARY KEY)")
    connection.execute("INSERT INTO goes SELECT id FROM customers WHERE email = ANY(%s)", [list(emails)])
    with connection.transaction():
        return sum(_delete(connection, table, where) for table, where in _OF_KEYS.items())


def bare_purge(connection: psycopg.Connection) -> int:
    return _delete(connection, "events", _PAST)


def _receipts(connection: psycopg.Connection) -> None:
    connection.execute(
        "CREATE TABLE IF NOT EXISTS receipts (step text, batch int, rows int NOT NULL, PRIMARY KEY (step, batch))"
    )


def _batches(connection: psycopg.Connection, table: LiteralString, where: LiteralString) -> int:
    statement: LiteralString = (
        f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {where} LIMIT {BATCH})) AND {where}"
    )
    gone = batch = 0
    while True:
        with connection.transaction():
            rows = connection.execute(statement).rowcount
            connection.execute("INSERT INTO receipts VALUES (%s, %s, %s)", (table, batch, rows))
        gone, batch = gone + rows, batch + 1
        if rows < BATCH:
            return gone


def _delete(connection: psycopg.Connection, table: LiteralString, where: LiteralString) -> int:
    return connection.execute(f"DELETE FROM {table} WHERE {where}").rowcount


def _none_left(connection: psycopg.Connection, conditions: dict[str, LiteralString]) -> None:
    for table, where in conditions.items():
        row = connection.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()
        if row is None or row[0]:
            raise AssertionError(f"{table}: rows are left")
