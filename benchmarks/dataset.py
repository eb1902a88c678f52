"""The data: customers with 115 rows each, and one with a million, the same at every run. Nobody is real."""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql

TODAY = "2026-01-01"
"""The day that every run is as of."""

TABLES: dict[str, str] = {
    "customers": "id",
    "orders": "customer_id",
    "tickets": "customer_id",
    "messages": "ticket_id",
    "sessions": "customer_id",
    "events": "customer_id",
}
"""Each table and the column that leads to a customer (messages: through its ticket)."""

_SCHEMA: LiteralString = """
CREATE TABLE customers (
    id bigint PRIMARY KEY, email text NOT NULL UNIQUE, name text, phone text, created_at timestamptz NOT NULL);
CREATE TABLE orders (
    id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, total numeric(10, 2), note text,
    ordered_at timestamptz NOT NULL);
CREATE TABLE tickets (
    id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, subject text,
    opened_at timestamptz NOT NULL);
CREATE TABLE messages (
    id bigint PRIMARY KEY, ticket_id bigint NOT NULL REFERENCES tickets, body text, sent_at timestamptz NOT NULL);
CREATE TABLE sessions (
    id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, ip text, seen_at timestamptz NOT NULL);
CREATE TABLE events (
    id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, kind text, ip text,
    happened_at timestamptz NOT NULL);
"""

_INDEXES: LiteralString = """
CREATE INDEX ON orders (customer_id);
CREATE INDEX ON tickets (customer_id);
CREATE INDEX ON messages (ticket_id);
CREATE INDEX ON sessions (customer_id);
CREATE INDEX ON events (customer_id);
CREATE INDEX ON customers (created_at);
CREATE INDEX ON orders (ordered_at);
CREATE INDEX ON tickets (opened_at);
CREATE INDEX ON messages (sent_at);
CREATE INDEX ON sessions (seen_at);
CREATE INDEX ON events (happened_at);
"""

_ROWS: LiteralString = """
INSERT INTO customers SELECT i, 'c' || i || '@bench.example', 'Customer ' || i, '+331' || lpad(i::text, 8, '0'),
    timestamptz '2024-06-01' + i %% 300 * interval '1 day' FROM generate_series(1, %(people)s + 1) i;
INSERT INTO orders SELECT c * 15 + n, c, (c * 31 + n * 17) %% 9000 / 10.0, repeat(md5(c || 'o' || n), 2),
    timestamptz '2025-03-01' + (c * 7 + n) %% 300 * interval '1 day'
    FROM generate_series(1, %(people)s) c, generate_series(0, 14) n;
INSERT INTO tickets SELECT c * 5 + n, c, 'Ticket ' || md5(c || 't' || n),
    timestamptz '2025-03-01' + (c * 11 + n) %% 300 * interval '1 day'
    FROM generate_series(1, %(people)s) c, generate_series(0, 4) n;
INSERT INTO messages SELECT t.id * 3 + n, t.id, repeat(md5(t.id || 'm' || n), 6), t.opened_at + n * interval '1 hour'
    FROM tickets t, generate_series(0, 2) n;
INSERT INTO sessions SELECT c * 30 + n, c, '203.0.113.' || (c + n) %% 256,
    timestamptz '2025-03-01' + (c * 13 + n) %% 300 * interval '1 day'
    FROM generate_series(1, %(people)s) c, generate_series(0, 29) n;
INSERT INTO events SELECT c * 50 + n, c, 'view', '203.0.113.' || (c + n) %% 256,
    timestamptz '2025-03-01' + (c * 17 + n) %% 300 * interval '1 day'
    FROM generate_series(1, %(people)s) c, generate_series(0, 49) n;
INSERT INTO events SELECT 100000000 + n, %(people)s + 1, 'view', '198.51.100.' || n %% 256,
    timestamptz '2020-01-01' + n * interval '2 minutes' FROM generate_series(1, %(rows)s) n;
"""


@dataclass(frozen=True, slots=True)
class Size:
    """``people`` customers with 115 rows each, and one more with ``rows``, all of them past their time."""

    people: int = 10_000
    rows: int = 1_000_000

    def emails(self, number: int) -> list[str]:
        """Customers spread over the whole table."""
        return [f"c{1 + i * (self.people // number)}@bench.example" for i in range(number)]

    @property
    def large(self) -> str:
        return f"c{self.people + 1}@bench.example"


def fill(connection: psycopg.Connection, size: Size) -> None:
    """Make the tables in an empty database, and leave it as one that has been in use: analysed, nothing to flush."""
    connection.execute(_SCHEMA)
    for statement in filter(str.strip, _ROWS.split(";")):
        connection.execute(sql.SQL(statement), {"people": size.people, "rows": size.rows})
    connection.execute(_INDEXES)
    for table in TABLES:
        connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))
    connection.execute("CHECKPOINT")
