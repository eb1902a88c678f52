"""One company in two stores and one drawer: accounts in PostgreSQL, notes about them in SQLite, invoices by hand."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from troth.core.clock import FixedClock
from troth.core.errors import Refused
from troth.execution.pace import Watch
from troth.planning.plan import Plan, Step
from troth.publish.language import Language
from troth.services import applying, checking, disclosing, holding, making, packaging, proving, tasks
from troth.services.judging import Consent
from troth.services.on_call import situation
from troth.services.project import Project
from troth.services.starting import start
from troth.testing.postgresql import Database

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

POLICY = """
troth: 1
controller: {name: Two Stores, timezone: Europe/Paris}
processings:
  account:
    basis: 6.1.b
    data: [name, email]
    retain: until account_closed + 30 days
    quote: Your account is erased thirty days after you close it.
  notes:
    basis: 6.1.b
    data: [note]
    retain: until account_closed
    quote: Notes about you go with your account.
  billing:
    law: C. com. L123-22
    data: [invoice]
    retain: until account_closed
"""

SYSTEMS = """
troth: 1
systems:
  db:
    store: postgresql
    read: ${PG}
    write: ${PG}
    people:
      users:
        {subject: customer, by: email, for: account, events: {account_closed: closed_at},
         fields: {email: email, name: name}}
      posts_authors: {table: authors, subject: author, by: email, for: account, fields: {email: email},
        events: {account_closed: closed_at}}
    tables:
      reviews: {for: account, belongs_to: {author_id: users}, mentions: [{approver_id: users}], fields: {title: name}}
    not_personal: ["*.drawer_no"]
  notebook:
    store: sqlite
    read: ${NOTES}
    write: ${NOTES}
    tables:
      notes: {for: notes, belongs_to: {user_id: db.users}, fields: {body: note}}
  drawer:
    store: by_hand
    for: billing
    key_from: db.users.drawer_no
    how: Look in the drawer.
"""


@dataclass
class Company:
    project: Project
    pg: Database
    notes: Path

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with self.pg.connect() as connection:
            return [tuple(row) for row in connection.execute(query.encode()).fetchall()]

    def noted(self, query: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.notes) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture
def company(tmp_path: Path, pg_database: Database) -> Company:
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "systems.yaml").write_text(SYSTEMS)
    start(tmp_path)
    with pg_database.connect() as connection:
        connection.execute(
            """
            CREATE TABLE users (id int PRIMARY KEY, email text UNIQUE, name text NOT NULL, drawer_no text,
                                closed_at timestamptz);
            CREATE TABLE authors (id int PRIMARY KEY, email text, closed_at timestamptz);
            CREATE TABLE reviews (id int PRIMARY KEY, author_id int REFERENCES users, approver_id int REFERENCES users,
                                  title text);
            INSERT INTO users VALUES (1, 'Ann@one.example', 'Ann', 'D1', '2026-01-01'),
                                     (2, 'bob@one.example', 'Bob', 'D2', '2026-02-20'),
                                     (3, 'cid@one.example', 'Cid', NULL, NULL);
            INSERT INTO reviews VALUES (1, 1, 3, 'by Ann'), (2, 3, 1, 'by Cid'), (3, 2, NULL, 'by Bob');
            """
        )
    notes = tmp_path / "notes.sqlite"
    with sqlite3.connect(notes) as connection:
        connection.executescript(
            """
            CREATE TABLE notes (id INTEGER PRIMARY KEY, user_id INTEGER, body TEXT);
            INSERT INTO notes VALUES (1, 1, 'about Ann'), (2, 2, 'about Bob'), (3, 3, 'about Cid'), (4, 3, 'more');
            """
        )
    environ = {"PG": pg_database.url, "NOTES": f"sqlite:///{notes}"}
    return Company(Project(tmp_path, environ, FixedClock(NOW), "tester"), pg_database, notes)


def quiet(_: str) -> None: ...


def carry_out(company: Company, plan: Plan, moved: Callable[[Step, int], None] = lambda *_: None) -> applying.Applied:
    return applying.apply(company.project, plan.id, Consent(plan.id, "flag"), Watch(moved, lambda: False))


def steps(plan: Plan) -> dict[tuple[str, str], int]:
    return {(step.action, step.collection): step.rows for step in plan.steps}


def test_a_purge_goes_through_both_stores(company: Company) -> None:
    checked = checking.check(company.project, None, quiet)
    broken = {result.promise.id: result.rows for result in checked.results if result.verdict == "broken"}
    assert broken == {"retention.account": 2, "retention.notes": 2}
    plan = making.plan_retention(company.project, None, quiet).plan
    assert steps(plan) == {
        ("mask", "db.reviews"): 1,
        ("delete", "db.reviews"): 1,
        ("delete", "db.users"): 1,
        ("delete", "notebook.notes"): 2,
        ("task", "drawer"): 2,
    }
    applied = carry_out(company, plan)
    assert (applied.waiting, applied.finished) == (1, False)
    assert company.rows("SELECT id FROM users ORDER BY id") == [(2,), (3,)]
    assert company.rows("SELECT id, author_id, approver_id FROM reviews ORDER BY id") == [(2, 3, None), (3, 2, None)]
    assert company.noted("SELECT id FROM notes ORDER BY id") == [(3,), (4,)]


def test_what_is_done_by_hand_waits_for_its_signature(company: Company, tmp_path: Path) -> None:
    plan = making.plan_retention(company.project, None, quiet).plan
    carry_out(company, plan)
    (task,) = [step for step in plan.steps if step.action == "task"]
    assert tasks.keys_of(company.project, plan.id, task.id) == (("D1",), ("D2",))
    assert [status.saved.status for status in situation(company.project).runs] == ["running"]
    assert tasks.sign(company.project, plan.id, task.id, "taken out of the drawer")
    assert situation(company.project).runs == ()
    exported = proving.export(company.project, tmp_path / "evidence.jsonl")
    report = proving.verify(tmp_path / "evidence.jsonl", exported.verifier, None)
    assert len(report.declared) == 1
    entries = [json.loads(line) for line in (tmp_path / "evidence.jsonl").read_text().splitlines()]
    signed = next(entry for entry in entries if entry.get("kind") == "task_signed")
    assert signed["established"] == "declared"
    assert "drawer" not in json.dumps(entries)
    with pytest.raises(Exception, match="key set"):
        tasks.keys_of(company.project, plan.id, task.id)


def test_a_copy_follows_links_into_the_other_store(company: Company, tmp_path: Path) -> None:
    """Notes are found by a key of the other store; the drawer is asked for by hand, and its signature ends the plan."""
    plan = disclosing.plan_access(company.project, None, ["ann@one.example"], quiet).plan
    wanted = packaging.Wanted(tmp_path / "copies", Language.ENGLISH, date(2026, 4, 1))
    made = packaging.package(company.project, plan.id, Consent(plan.id, "flag"), wanted, lambda *_: None)
    data = json.loads((made.copies[0].path / "data.json").read_text())["data"]
    assert [row["body"] for row in data["notebook.notes"]] == ["about Ann"]
    assert [row["title"] for row in data["db.reviews"]] == ["by Ann"]
    (mentioned,) = data["db.reviews/mentions"]
    assert mentioned["approver_id"] == 1
    assert "Cid" not in json.dumps(data)
    (task,) = made.waiting
    assert tasks.keys_of(company.project, plan.id, task.step) == (("D1",),)
    assert tasks.sign(company.project, plan.id, task.step, "handed over")
    assert situation(company.project).runs == ()


def test_a_hold_keeps_a_person_in_both_stores_and_is_read_again_before_each_batch(company: Company) -> None:
    plan = making.plan_retention(company.project, None, quiet).plan
    placed: list[str] = []

    def hold_ann(step: Step, rows: int) -> None:
        if not placed:
            (hold,) = holding.place(company.project, ["ann@one.example"], "litigation", date(2026, 6, 1))
            placed.append(hold.id)

    carry_out(company, plan, hold_ann)
    assert company.rows("SELECT id FROM users ORDER BY id") == [(1,), (2,), (3,)]
    assert (1,) in company.noted("SELECT id FROM notes ORDER BY id")
    again = making.plan_retention(company.project, None, quiet).plan
    assert [item.code for item in again.retained if item.collection == "db.users"] == ["R-17-3-E"]
    holding.lift(company.project, placed[0])
    assert holding.list_holds(company.project) == ()


def test_an_erasure_takes_the_person_alone(company: Company) -> None:
    made = making.plan_erasure(company.project, None, ["ANN@ONE.example"], quiet)
    plan = made.plan
    assert steps(plan)[("delete", "db.users")] == 1
    assert steps(plan)[("delete", "notebook.notes")] == 1
    assert ("delete", "db.posts_authors") not in steps(plan)
    carry_out(company, plan)
    assert company.rows("SELECT id, name FROM users ORDER BY id") == [(2, "Bob"), (3, "Cid")]
    assert company.rows("SELECT id, approver_id FROM reviews ORDER BY id") == [(2, None), (3, None)]
    assert company.noted("SELECT id FROM notes ORDER BY id") == [(2,), (3,), (4,)]


def test_an_account_that_lives_is_deferred(company: Company) -> None:
    plan = making.plan_erasure(company.project, None, ["cid@one.example"], quiet).plan
    assert all(step.rows == 0 for step in plan.steps)
    assert {(item.collection, item.code) for item in plan.retained} >= {
        ("db.users", "R-17-1-A"),
        ("notebook.notes", "R-17-1-A"),
    }


def test_a_plan_of_one_database_never_runs_on_another(company: Company, tmp_path: Path, postgresql: object) -> None:
    plan = making.plan_retention(company.project, None, quiet).plan
    other = tmp_path / "copy.sqlite"
    other.write_bytes(company.notes.read_bytes())
    environ = {**company.project.environ, "NOTES": f"sqlite:///{other}"}
    elsewhere = Project(company.project.folder, environ, company.project.clock, "tester")
    with pytest.raises(Refused, match="not the database this plan was made on"):
        applying.apply(elsewhere, plan.id, Consent(plan.id, "flag"), Watch(lambda *_: None, lambda: False))
    assert len(company.noted("SELECT * FROM notes")) == 4


def test_one_store_away_hides_nothing_of_the_other(company: Company, tmp_path: Path) -> None:
    environ = {**company.project.environ, "NOTES": f"sqlite:///{tmp_path}/absent.sqlite"}
    project = Project(company.project.folder, environ, company.project.clock, "tester")
    checked = checking.check(project, None, quiet)
    verdicts = {result.promise.id: result.verdict for result in checked.results}
    assert verdicts["retention.account"] == "broken"
    assert verdicts["retention.notes"] == "not_reached"
    assert checked.exit_status() == 1
