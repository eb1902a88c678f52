"""Makes the database of an invented hosting company: the same seed and day give the same rows.

python generate.py --out hosting.db
python generate.py --out small.db --customers 300 --seed 7 --as-of 2026-06-30
"""

from __future__ import annotations

import argparse
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from itertools import islice
from pathlib import Path

from company.asking import directive_rows, hotline_rows, request_rows
from company.billing import invoice_rows, payment_rows
from company.logs import access_rows, connection_rows, visit_rows
from company.people import (
    addon_rows,
    application_rows,
    customer_rows,
    make_people,
    membership_rows,
    organization_rows,
)
from company.recruitment import candidate_rows, interview_rows
from company.seeds import Row, World
from company.support import conversation_rows, message_rows

SEED = 20220505
AS_OF = date(2026, 6, 30)
CUSTOMERS = 10_000
BATCH = 50_000


def generate(world: World, out: Path) -> dict[str, int]:
    """Write the database anew; how many rows each table got."""
    out.unlink(missing_ok=True)
    schema = _schema(Path(__file__).with_name("schema.sql"))
    with closing(sqlite3.connect(out, isolation_level=None)) as db:
        for line in ("journal_mode = off", "synchronous = off", "temp_store = memory", "cache_size = -65536"):
            db.execute(f"PRAGMA {line}")
        db.execute("BEGIN")
        for statement in schema:
            if statement.startswith("CREATE TABLE"):
                db.execute(statement)
        counts = {table: _fill(db, table, rows) for table, rows in _tables(world)}
        for statement in schema:
            if statement.startswith("CREATE INDEX"):
                db.execute(statement)
        db.execute("COMMIT")
        db.execute("PRAGMA journal_mode = delete")
    return counts


def _schema(path: Path) -> list[str]:
    without_comments = re.sub(r"--[^\n]*", "", path.read_text("utf-8"))
    return re.findall(r"CREATE [^;]+;", without_comments)


def _tables(world: World) -> Iterator[tuple[str, Iterator[Row]]]:
    people = make_people(world)
    yield "customers", customer_rows(world, people)
    yield "organizations", organization_rows(world, people)
    yield "memberships", membership_rows(world, people)
    yield "applications", application_rows(world, people)
    yield "addons", addon_rows(world, people)
    yield "invoices", invoice_rows(world, people)
    yield "payments", payment_rows(world, people)
    yield "connection_log", connection_rows(world, people)
    yield "access_log", access_rows(world, people)
    yield "support_conversations", conversation_rows(world, people)
    yield "support_messages", message_rows(world, people)
    yield "hotline_calls", hotline_rows(world, people)
    yield "rights_requests", request_rows(world, people)
    yield "directives", directive_rows(world, people)
    yield "candidates", candidate_rows(world)
    yield "interviews", interview_rows(world)
    yield "visits", visit_rows(world)


def _fill(db: sqlite3.Connection, table: str, rows: Iterator[Row]) -> int:
    count = 0
    while batch := list(islice(rows, BATCH)):
        places = ", ".join("?" * len(batch[0]))
        db.executemany(f"INSERT INTO {table} VALUES ({places})", batch)
        count += len(batch)
    return count


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the database of an invented hosting company.")
    parser.add_argument("--out", type=Path, required=True, help="the SQLite file; written anew")
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help=f"how many (default {CUSTOMERS})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"another number gives other rows (default {SEED})")
    parser.add_argument("--as-of", type=date.fromisoformat, default=AS_OF, help=f"the last day (default {AS_OF})")
    options = parser.parse_args()
    if options.customers < 100:
        parser.error("a company of fewer than 100 customers cannot show everything")
    counts = generate(World(options.seed, options.customers, options.as_of), options.out)
    for table, count in counts.items():
        print(f"{table:<22}{count:>12,}")
    print(f"{'in all':<22}{sum(counts.values()):>12,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
