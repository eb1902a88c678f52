"""The physical step of a plan, by the command: taken once all rows are dealt with, or given up with its reason, never
claimed, and taken again by the run that follows a kill."""

from __future__ import annotations

import signal
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.sakila.club import Club, postgresql_club, rows, sqlite_club
from tests.acceptance.sakila.killing import Point, Work, assert_whole, ended

from troth.stores.access import Grant, Granting
from troth.stores.contract import ReceiptKey, Rewrite
from troth.stores.gone import Budget
from troth.stores.sql import open_store
from troth.testing import mariadb as mariadb_kit
from troth.testing.postgresql import Database, PostgresqlServer

BUDGET = "{lock: 5 s, disk: 1 GiB}"
MEMBERS = 24


@pytest.fixture(params=["sqlite", "postgresql"])
def club(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Club]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            made = sqlite_club(tmp_path / "club", rows(MEMBERS))
        else:
            server = request.getfixturevalue("postgresql")
            made = stack.enter_context(postgresql_club(server, tmp_path / "club", rows(MEMBERS)))
        declare(made, f"physical: {BUDGET}")
        declare(made, "backups: {keep: 30 days}")
        yield made


@pytest.fixture
def pg_club(postgresql: PostgresqlServer, tmp_path: Path) -> Iterator[Club]:
    with postgresql_club(postgresql, tmp_path / "club", rows(MEMBERS)) as made:
        declare(made, "physical: {lock: 1 s, disk: 1 GiB}")
        yield made


def declare(club: Club, line: str) -> None:
    file = club.project.folder / "systems.yaml"
    file.write_text(file.read_text().replace("    people:\n", f"    {line}\n    people:\n", 1))


def entries(club: Club, kind: str) -> list[dict[str, Any]]:
    return [entry for entry in club.project.evidence() if entry["kind"] == kind]


def test_the_level_is_physical_and_every_entry_says_what_is_outside(club: Club) -> None:
    plan = club.project.plan("retention", "--physical")
    rewrites = [step for step in plan["steps"] if step["action"] == "rewrite"]
    changed = {step["table"] for step in plan["steps"] if step["action"] != "rewrite"}
    assert plan["steps"][-len(rewrites) :] == rewrites
    assert {step["table"] for step in rewrites} == ({""} if club.kind == "sqlite" else changed)
    done = club.project.apply(plan)
    assert done["level"] == "physical"
    assert {entry["level"] for entry in entries(club, "rewritten")} == {"physical"}
    assert [entry["level"] for entry in entries(club, "finished")] == ["physical"]
    for entry in (*entries(club, "step_done"), *entries(club, "rewritten")):
        day = str(date.fromisoformat(entry["at"][:10]) + timedelta(days=30))
        outside = {each["place"]: (each["known"], each["until"]) for each in entry["outside"]}
        assert outside["backups"] == ("declared", day)
        assert outside["copies"] == ("not_known", None)
        assert {"database_log", "server_log", "replicas"} <= set(outside)
        assert ("freed_pages" in outside) == (entry["level"] == "logical")


def test_a_plan_without_it_stays_on_the_logical_level(club: Club) -> None:
    plan = club.project.plan("retention")
    assert [gone["level"] for gone in plan["gone"]] == ["logical"]
    assert club.project.apply(plan)["level"] == "logical"
    assert [entry["level"] for entry in entries(club, "finished")] == ["logical"]


LEDGER = "troth.services.recording:RunLedger"
POINTS = [
    Point(f"{LEDGER}.rewritten", "before", 1),
    Point(f"{LEDGER}.rewritten", "after", 1),
    Point("troth.stores.sql.store:written_anew", "before", 1),
    Point("troth.stores.sql.store:written_anew", "after", 1),
]


def wait_until_noticed(club: Club) -> None:
    """A server ends a dead client's session when it next talks to it; until then a physical step may find it busy."""
    if club.kind == "postgresql":
        with club.connect() as connection:
            for _ in range(300):
                query = "select count(*) from pg_stat_activity where application_name = 'troth'"
                if connection.execute(query).fetchone() == (0,):
                    return
                time.sleep(0.1)
            raise AssertionError("the killed process's session is still there")


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_killed_and_resumed(club: Club, point: Point) -> None:
    work = Work(club, club.project.plan("retention", "--physical"))
    killed = ended(work.apply(point))
    assert killed.status == -signal.SIGKILL, killed
    wait_until_noticed(club)
    wanted = club.snapshot()  # no row is left to the physical step
    resumed = ended(work.resume())
    assert resumed.status == 0, resumed
    assert resumed.json["level"] == "physical"
    assert_whole(work, wanted)
    steps = [step["id"] for step in work.plan["steps"] if step["action"] == "rewrite"]
    assert sorted(entry["step"] for entry in entries(club, "rewritten")) == sorted(steps)


def given_up(club: Club, reason: str) -> None:
    """All rows are dealt with; the level is logical, with its reason; the exit status is not 0."""
    done = club.project.apply(club.project.plan("retention", "--physical"), expect=1)
    assert done["remaining"] == 0
    assert done["level"] == "logical"
    assert reason in {entry["reason"] for entry in entries(club, "rewritten")}
    assert [entry["level"] for entry in entries(club, "finished")] == ["logical"]
    assert [entry["outcome"] for entry in entries(club, "finished")] == ["incomplete"]


def test_over_its_budget_it_is_not_begun(club: Club) -> None:
    file = club.project.folder / "systems.yaml"
    file.write_text(file.read_text().replace("disk: 1 GiB", "disk: 1 KiB"))
    said = club.project("plan", "retention", "--physical")
    assert "as things are it will not be done: it takes" in " ".join(said.out.split())
    given_up(club, "over_budget")


def test_without_a_budget_there_is_none(club: Club) -> None:
    file = club.project.folder / "systems.yaml"
    file.write_text(file.read_text().replace(f"    physical: {BUDGET}\n", ""))
    plan = club.project.plan("retention", "--physical")
    assert [blocked["code"] for blocked in plan["blocked"]] == ["NO-BUDGET"]
    assert club.project.apply(plan)["level"] == "logical"


@contextmanager
def open_transaction(club: Club, statement: str) -> Generator[None]:
    """Somebody else's, for as long as the block lasts."""
    assert isinstance(club.address, Database)
    with club.address.connect(autocommit=False) as other:
        other.execute("set transaction isolation level repeatable read")
        other.execute(statement.encode())
        yield
        other.rollback()


def test_it_waits_no_longer_than_it_may(pg_club: Club) -> None:
    with open_transaction(pg_club, "lock table visits in access share mode"):
        given_up(pg_club, "busy")


def test_a_row_that_an_older_transaction_still_sees_is_not_called_gone(pg_club: Club) -> None:
    with open_transaction(pg_club, "select count(*) from prices"):
        given_up(pg_club, "held_back")


@pytest.fixture
def narrow(pg_club: Club, postgresql: PostgresqlServer) -> Iterator[Club]:
    """The project on a role that may change every row and owns nothing."""
    assert isinstance(pg_club.address, Database)
    role = f"r_{pg_club.address.name}"
    with pg_club.connect() as connection:
        connection.execute(f"create role {role} login".encode())
        connection.execute(f"grant all on all tables in schema public to {role}".encode())
        connection.execute(f"grant create, usage on schema public to {role}".encode())
    uri = replace(pg_club.address, user=role).uri
    yield replace(pg_club, project=replace(pg_club.project, env={"CLUB_READ": uri, "CLUB_WRITE": uri}))
    with pg_club.connect() as connection:
        connection.execute(f"drop owned by {role}; drop role {role}".encode())


def test_who_does_not_own_the_table_may_not(narrow: Club) -> None:
    given_up(narrow, "rights")


def test_what_an_emptied_table_left_with_the_planner_is_not_called_gone(pg_club: Club) -> None:
    with pg_club.connect() as connection:
        connection.execute("update visits set seen_at = '2000-01-01'")
        connection.execute("analyze")
    given_up(pg_club, "not_possible")


def test_the_grants_say_what_it_needs_and_that_is_enough(narrow: Club) -> None:
    """The comments made statements, by whoever may: then the same role takes the step."""
    assert isinstance(narrow.address, Database)
    role = f"r_{narrow.address.name}"
    said = narrow.project("systems", "grants", "--read-role", "nobody", "--write-role", role)
    needed = [line.removeprefix("--   ") for line in said.out.splitlines() if line.startswith("--   GRANT ")]
    assert needed == [f"GRANT postgres TO {role};"]
    with narrow.connect() as connection:
        connection.execute("; ".join(needed).encode())
    assert narrow.project.apply(narrow.project.plan("retention", "--physical"))["level"] == "physical"


@pytest.fixture
def account(my_database: mariadb_kit.Database) -> Iterator[str]:
    """Somebody who may read and delete; the database is another one's."""
    with my_database.connect() as client, client.cursor() as cursor:
        cursor.execute("create table people (id int primary key, email varchar(40))")
        cursor.execute("create table `people-2` (id int primary key)")
        cursor.execute(f"create table {TROUBLE} (id int primary key, words text, fulltext (words))")
        cursor.execute("create user narrow@'127.0.0.1'")
        cursor.execute(f"grant select, delete on {my_database.name}.* to narrow@'127.0.0.1'")
        yield "narrow@127.0.0.1"
        cursor.execute("drop user narrow@'127.0.0.1'")


TROUBLE = "essays"


def test_on_mariadb(my_database: mariadb_kit.Database, account: str) -> None:
    """A right that is missing, then those that the grants name; a table that the server knows by another name, and one
    with a full-text index, are never called physical."""

    def reason(table: str) -> str | None:
        with closing(open_store("mariadb", replace(my_database, user="narrow").url, writable=True)) as store:
            change = Rewrite(table, Budget(lock=1, disk=2**30))
            return store.apply(change, ReceiptKey("p", "s01", 0)).shown.reason

    assert reason("people") == "rights"
    with closing(open_store("mariadb", my_database.url, writable=True)) as store:
        grants = tuple(Grant(account, frozenset({"delete"}), name) for name in ("people", "people-2", TROUBLE))
        said = store.explain(Granting(grants, account)).partition("physical step")[2]
    with my_database.connect() as client, client.cursor() as cursor:
        for line in said.splitlines()[1:]:
            cursor.execute(line.removeprefix("--   "))
        assert reason("people") is None
        assert reason("people-2") == "not_shown"
        assert reason(TROUBLE) == "not_shown"
        cursor.execute("lock table people read")
        assert reason("people") == "busy"
