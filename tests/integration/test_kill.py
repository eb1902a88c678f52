"""SIGKILL at a commit point, then resume: the end is that of a run nobody disturbed, and no count is lost.

With both kinds of store, and our own database in each. A killed run leaves no lock for a human to break.

The three points of a batch: before the store has done it; after the store's commit, before ours; after ours.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from troth.core.clock import FixedClock
from troth.execution.pace import Watch
from troth.services import applying, making, proving
from troth.services.on_call import situation
from troth.services.project import Project
from troth.services.starting import start
from troth.state import plans, steps
from troth.testing import mariadb
from troth.testing.postgresql import Database

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BATCH = 7
PEOPLE = 30

POLICY = """
troth: 1
controller: {name: Killed, timezone: UTC}
processings:
  account: {basis: 6.1.b, data: [email, note], retain: until closed}
  books: {law: C. com. L123-22, data: [invoice], retain: 10 years from invoiced}
"""

SYSTEMS = """
troth: 1
state: STATE
systems:
  db:
    store: KIND
    read: ${DB}
    write: ${DB}
    people: {people: {subject: customer, by: email, for: account, fields: {email: email}, events: {closed: closed_at}}}
    tables:
      notes: {for: account, belongs_to: person_id, fields: {body: note}}
      invoices: {for: books, belongs_to: person_id, events: {invoiced: issued_at}, fields: {total: invoice}}
"""

TABLES = """
CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, closed_at TIMESTAMP NULL);
CREATE TABLE notes (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES people (id), body TEXT);
CREATE TABLE invoices (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES people (id), total INTEGER,
                       issued_at TIMESTAMP NOT NULL);
"""

DRIVER = """
import os, signal, sys
from pathlib import Path
from datetime import UTC, datetime
from troth.core.clock import FixedClock
from troth.execution import apply as execution
from troth.execution.pace import Watch
from troth.services import applying
from troth.services.judging import Consent
from troth.services.project import Project
from troth.services.recording import RunLedger
from troth.stores.sql.store import SqlStore

folder, plan, point, count, batch = sys.argv[1:]
execution.BATCH = int(batch)
left = int(count)

def killing(function, before):
    def wrapped(*given, **named):
        global left
        left -= 1
        if before and left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = function(*given, **named)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer
    return wrapped

if point == "ours":
    RunLedger.batch = killing(RunLedger.batch, False)
else:
    SqlStore.apply = killing(SqlStore.apply, point == "before")
clock = FixedClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
watch = Watch(lambda step, rows: None, lambda: False)
applying.apply(Project(Path(folder), dict(os.environ), clock, "killed"), plan, Consent(plan, "flag"), watch)
"""

Run = Callable[[str], list[tuple[object, ...]]]


def seeded() -> list[str]:
    """Half of the people have left; every third of them has an invoice that the law keeps."""
    found = []
    for person in range(1, PEOPLE + 1):
        closed = "'2025-06-01 10:00:00'" if person % 2 else "NULL"
        found.append(f"INSERT INTO people VALUES ({person}, 'p{person}@one.example', {closed})")
        found += [f"INSERT INTO notes VALUES ({person * 10 + at}, {person}, 'note')" for at in range(2)]
        if person % 3 == 0:
            found.append(f"INSERT INTO invoices VALUES ({person}, {person}, 9, '2024-01-01 10:00:00')")
    return found


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> tuple[Project, Run]:
    (tmp_path / "policy.yaml").write_text(POLICY)
    state = "${DB}" if kind == "postgresql" else ".troth/state.db"
    (tmp_path / "systems.yaml").write_text(SYSTEMS.replace("KIND", kind).replace("STATE", state))
    start(tmp_path)
    if kind == "sqlite":
        file = tmp_path / "db.sqlite"
        url = f"sqlite:///{file}"

        def run(query: str) -> list[tuple[object, ...]]:
            with sqlite3.connect(file) as connection:
                return connection.execute(query).fetchall()
    elif kind == "mariadb":
        other: mariadb.Database = request.getfixturevalue("my_database")
        url = other.url

        def run(query: str) -> list[tuple[object, ...]]:
            with other.connect() as connection, connection.cursor() as cursor:
                cursor.execute(query)
                return list(cursor.fetchall())
    else:
        database: Database = request.getfixturevalue("pg_database")
        url = database.url

        def run(query: str) -> list[tuple[object, ...]]:
            with database.connect() as connection:
                cursor = connection.execute(query.encode())
                return [tuple(row) for row in cursor.fetchall()] if cursor.description else []

    for statement in [*TABLES.split(";")[:-1], *seeded()]:
        run(statement)
    return Project(tmp_path, {**os.environ, "DB": url}, FixedClock(NOW), "tester"), run


def expected() -> tuple[set[int], set[int]]:
    """People whose row goes, and those who stay as an empty row because of their invoice."""
    closed = {person for person in range(1, PEOPLE + 1) if person % 2}
    kept = {person for person in closed if person % 3 == 0}
    return closed - kept, kept


@pytest.mark.parametrize("point", ["before", "store", "ours"])
@pytest.mark.parametrize("count", [1, 3, 5, 8])
def test_killed_at_a_commit_point(world: tuple[Project, Run], point: str, count: int, tmp_path: Path) -> None:
    project, run = world
    plan = making.plan_retention(project, None, lambda _: None).plan
    words = [sys.executable, "-c", DRIVER, str(project.folder), plan.id, point, str(count), str(BATCH)]
    killed = subprocess.run(words, env=dict(project.environ), capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert [status.running for status in situation(project).runs] == [False]

    applied = applying.apply(project, plan.id, None, Watch(lambda *_: None, lambda: False))

    gone, emptied = expected()
    people = {row[0]: row[1] for row in run("SELECT id, email FROM people")}
    assert set(people) == set(range(1, PEOPLE + 1)) - gone
    assert {person for person, email in people.items() if email is None} == emptied
    assert {row[0] for row in run("SELECT person_id FROM notes")} == set(range(1, PEOPLE + 1)) - gone - emptied
    assert len(run("SELECT id FROM invoices")) == PEOPLE // 3
    assert applied.finished
    assert applied.remaining == 0
    assert [(record.done, record.no_longer_due) for record in applied.steps] == [(step.rows, 0) for step in plan.steps]
    exported = proving.export(project, tmp_path / "evidence.jsonl")
    report = proving.verify(tmp_path / "evidence.jsonl", exported.verifier, None)
    assert report.entries == exported.entries
    with project.state(project.load()) as state, state.reading() as conn:
        rows = sum(batch.rows for step in plan.steps for batch in steps.batches(conn, plan.id, step.id))
        assert plans.find(conn, plan.id).status == "finished"
    assert rows == sum(step.rows for step in plan.steps)
