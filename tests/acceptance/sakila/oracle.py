"""What the policy's sentences mean for Sakila, in plain SQL, run with the stores' own clients. Nothing of Troth here.

    customer, and addresses of customers    "We keep your details while you are an active member."
    rental                                  "The list of the films you rented is erased one year after each rental."
    payment                                 "Payments are kept ten years from the end of their year …"
    staff.password                          "Passwords are never stored in clear text."

An address is a customer's alone: one that a member who stays, a member of staff or a store has too is not touched.

Dates are compared as days. ``strftime`` gives text, so that SQLite does not compare a date with a year as numbers,
which it does for columns declared TIMESTAMP.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.acceptance.sakila.loading import Kind, Shop

Row = tuple[Any, ...]
Snapshot = dict[str, dict[Row, dict[str, Any]]]
"""Table → key → column → value."""

STAMP = "last_update"
"""Rewritten by triggers whenever a row changes: on SQLite also on payment, which has no such column on PostgreSQL."""

KEYS = {
    "film_actor": ("actor_id", "film_id"),
    "film_category": ("film_id", "category_id"),
    "film_text": ("film_id",),
    **{f"payment_p2007_0{month}": ("payment_id",) for month in range(1, 7)},
}


@dataclass(frozen=True, slots=True)
class Sql:
    """A connection of the store's own client."""

    kind: Kind
    connection: Any

    def rows(self, text: str) -> list[Row]:
        return [tuple(row) for row in self.asked(text).fetchall()]

    def number(self, text: str) -> int:
        return int(self.rows(text)[0][0])

    def run(self, *statements: str) -> None:
        for text in statements:
            self.asked(text)

    def asked(self, text: str) -> Any:
        if self.kind != "mariadb":
            return self.connection.execute(text)
        cursor = self.connection.cursor()
        cursor.execute(text)
        return cursor


@contextmanager
def asking(shop: Shop) -> Generator[Sql]:
    if shop.file is not None:
        with closing(sqlite3.connect(shop.file, isolation_level=None)) as connection:
            connection.execute("pragma foreign_keys = on")
            yield Sql(shop.kind, connection)
    elif shop.database is not None:
        with shop.database.connect() as connection:
            yield Sql(shop.kind, connection)


@dataclass(frozen=True, slots=True)
class Due:
    """The sentences as conditions of one store, as of one day."""

    kind: Kind
    at: date

    @property
    def rental(self) -> str:
        if self.kind == "sqlite":
            return f"date(rental_date, '+1 year') < '{self.at}'"
        if self.kind == "mariadb":
            return f"date(rental_date) + interval 1 year < '{self.at}'"
        return f"rental_date::date + interval '1 year' < date '{self.at}'"

    @property
    def payment(self) -> str:
        if self.kind == "sqlite":
            return f"cast(strftime('%Y', payment_date) as integer) + 10 < {self.at.year}"
        return f"extract(year from payment_date) + 10 < {self.at.year}"

    @property
    def left(self) -> str:
        """Customers who are members no more."""
        return "active = 'N'" if self.kind == "sqlite" else "active = 0"

    @property
    def named(self) -> str:
        """Customers whose row still says who they are."""
        return "(first_name <> '' or last_name <> '' or email is not null)"

    @property
    def placed(self) -> str:
        """Addresses that still say where."""
        parts = ("address", "address2", "district", "postal_code", "phone")
        return "(" + " or ".join(f"coalesce({part}, '') <> ''" for part in parts) + ")"

    def nobody_elses(self, leaving: str) -> str:
        """Addresses of customers who leave, and of nobody and nothing else."""
        return f"""address_id in (select address_id from customer where {leaving})
            and address_id not in (select address_id from customer where not ({leaving}))
            and address_id not in (select address_id from staff)
            and address_id not in (select address_id from store)"""


def findings(sql: Sql, at: date) -> dict[tuple[str, str], int]:
    """(promise, collection) → rows that break it; only those that are broken."""
    due = Due(sql.kind, at)
    wanted = {
        ("retention.rentals", "shop.rental"): f"select count(*) from rental where {due.rental}",
        ("retention.payments", "shop.payment"): f"select count(*) from payment where {due.payment}",
        ("retention.membership", "shop.customer"): f"select count(*) from customer where {due.left} and {due.named}",
        ("retention.membership", "shop.address"): f"""
            select count(*) from address where {due.nobody_elses(due.left)} and {due.placed}""",
        ("form.staff.password", "shop.staff"): "select count(*) from staff where password not like '$%'",
    }
    counts = {key: sql.number(text) for key, text in wanted.items()}
    return {key: rows for key, rows in counts.items() if rows}


@dataclass(frozen=True, slots=True)
class Steps:
    """What a plan should have: (action, collection) → rows; and rows that are due and cannot go, by collection."""

    steps: dict[tuple[str, str], int]
    blocked: dict[str, int]


def carry_out(sql: Sql, at: date, people: Sequence[int] | None = None) -> Steps:
    """Do by hand what the policy demands: a purge, or the erasure of some customers. Returns what was done.

    Payments first, then rentals, customers, addresses; a row that something refers to stays, and its fields go.
    """
    due = Due(sql.kind, at)
    theirs = "true" if people is None else f"customer_id in ({', '.join(map(str, people))})"
    leaving = f"({due.left}) and {theirs}"
    kept = "not exists (select 1 from payment p where p.rental_id = rental.rental_id)"
    free = kept if sql.kind == "postgresql" else "true"
    alone = """not exists (select 1 from payment p where p.customer_id = customer.customer_id)
        and not exists (select 1 from rental r where r.customer_id = customer.customer_id)"""
    empty = "not exists (select 1 from customer c where c.address_id = address.address_id)"
    gone = [row[0] for row in sql.rows(f"select address_id from address where {due.nobody_elses(leaving)}")]
    places = f"address_id in ({', '.join(map(str, gone)) or 'null'})"
    parts: list[tuple[str, str, str, str]] = [
        ("delete", "payment", f"{due.payment} and {theirs}", ""),
        ("delete", "rental", f"{due.rental} and {theirs} and {free}", ""),
        ("delete", "customer", f"{leaving} and {alone}", ""),
        ("mask", "customer", f"{leaving} and {due.named}", "first_name = '', last_name = '', email = null"),
        ("delete", "address", f"{places} and {empty}", ""),
        (
            "mask",
            "address",
            f"{places} and {due.placed}",
            """address = '', address2 = case when address2 is not null then '' end, district = '',
               postal_code = case when postal_code is not null then '' end, phone = ''""",
        ),
    ]
    done: dict[tuple[str, str], int] = {}
    for action, table, where, values in parts:
        if rows := sql.number(f"select count(*) from {table} where {where}"):
            done[action, f"shop.{table}"] = rows
        sql.run(f"delete from {table} where {where}" if not values else f"update {table} set {values} where {where}")
    stuck = sql.number(f"select count(*) from rental where {due.rental} and {theirs}")
    return Steps(done, {"shop.rental": stuck} if stuck else {})


def snapshot(sql: Sql) -> Snapshot:
    """Every row of every table but our own."""
    if sql.kind == "sqlite":
        names = sql.rows("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")
    elif sql.kind == "mariadb":
        names = sql.rows(
            "select table_name from information_schema.tables where table_schema = schema() and engine > ''"
        )
    else:
        names = sql.rows("select tablename from pg_tables where schemaname = 'public'")
    found: Snapshot = {}
    for (table,) in sorted(names):
        if table == "troth_receipt":
            continue
        cursor = sql.asked(f"select * from {table}")
        columns = [column[0] for column in cursor.description]
        key = KEYS.get(table, (f"{table}_id",))
        rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        found[table] = {tuple(row[part] for part in key): row for row in rows}
    return found


def differences(before: Snapshot, after: Snapshot, wanted: Snapshot) -> list[str]:
    """Where ``after`` is not what was wanted, in words; a row that was to stay as it was has its old stamp too."""
    found = []
    for table in sorted({*before, *after, *wanted}):
        then, now, due = before.get(table, {}), after.get(table, {}), wanted.get(table, {})
        for key in sorted({*now, *due}, key=str):
            if key not in now:
                found.append(f"{table} {key} is gone")
            elif key not in due:
                found.append(f"{table} {key} is still there")
            elif _unstamped(now[key]) != _unstamped(due[key]):
                found.append(f"{table} {key} is {now[key]}, not {due[key]}")
            elif _unstamped(due[key]) == _unstamped(then[key]) and now[key] != then[key]:
                found.append(f"{table} {key} was touched")
    return found


def _unstamped(row: dict[str, Any]) -> dict[str, Any]:
    return {column: value for column, value in row.items() if column != STAMP}
