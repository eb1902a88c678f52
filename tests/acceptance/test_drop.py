"""troth drop: a plan that is not wanted leaves no key behind and can be applied no more; one that was begun stays."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.sakila.club import Club, rows, sqlite_club
from tests.acceptance.test_bad_input_files import refused

from troth.state.lock import apply_lock

WINDOW = 24
"""Bytes of stored content whose presence in a file means that content is still there."""


@pytest.fixture
def club(tmp_path: Path) -> Club:
    return sqlite_club(tmp_path, rows(60))


def pieces(club: Club) -> list[bytes]:
    """Parts of every key set as it is stored."""
    with closing(sqlite3.connect(club.project.state)) as connection:
        stored = [bytes(content) for (content,) in connection.execute("select keys from keyset_chunks")]
    return [each[at : at + WINDOW] for each in stored for at in range(0, len(each) - WINDOW + 1, WINDOW)]


def found(club: Club, wanted: list[bytes]) -> int:
    """How many of them are in any file of the state's folder, write-ahead file included."""
    content = b"".join(file.read_bytes() for file in club.project.state.parent.iterdir())
    return sum(piece in content for piece in wanted)


def test_no_key_of_a_dropped_plan_is_in_any_file(club: Club) -> None:
    plan = club.project.plan("erase", "--people", club.project.people(*(f"id:{key}" for key in range(1, 60))))
    before, wanted = club.snapshot(), pieces(club)
    assert len(wanted) > 3
    assert found(club, wanted) == len(wanted)

    with closing(sqlite3.connect(club.project.state)) as other:  # so that the write-ahead file stays
        other.execute("select count(*) from plans").fetchall()
        said = club.project("drop", plan["id"][:8], "--json")
        assert said.status == 0, said.err
        assert found(club, wanted) == 0
    keys = sum(each["count"] for each in plan["keysets"])
    assert said.json == {"plan": plan["id"], "status": "refused", "keys": keys}
    assert club.snapshot() == before
    assert Path(plan["file"]).exists()
    dropped = [entry for entry in club.project.evidence() if entry["kind"] == "plan_dropped"]
    assert [entry["plan"] for entry in dropped] == [plan["id"]]


def approve(club: Club, plan: dict[str, Any]) -> None:
    """As a process leaves it that dies between the approval and the first step."""
    with closing(sqlite3.connect(club.project.state)) as connection, connection:
        row = (plan["id"], "tester", "2026-01-01T00:00:00.000000Z", "flag", 0)
        connection.execute("insert into approvals (plan, actor, at, how, entry) values (?, ?, ?, ?, ?)", row)
        connection.execute("update plans set status = 'approved'")


@pytest.mark.parametrize("approved", [False, True])
def test_a_dropped_plan_is_applied_no_more(club: Club, approved: bool) -> None:
    plan = club.project.plan("retention")
    if approved:
        approve(club, plan)
    assert club.project("drop", plan["id"]).status == 0
    before = club.snapshot()
    for words in (("apply", plan["file"]), ("apply", plan["file"], "--approve", plan["id"]), ("resume", plan["id"])):
        refused(club.project(*words), "was dropped", "make a new one")
    assert club.project("resume", plan["id"], "--json").json["error"]["code"] == "PLAN-DROPPED"
    assert club.snapshot() == before
    assert club.project("drop", plan["id"], "--json").json["keys"] == 0
    assert [entry["kind"] for entry in club.project.evidence()].count("plan_dropped") == 1


def test_a_plan_that_was_begun_is_not_dropped(club: Club) -> None:
    plan = club.project.plan("retention")
    with club.connect() as connection:
        connection.execute("create trigger no before delete on visits begin select raise(abort, 'no'); end")
    assert club.project("apply", plan["file"], "--approve", plan["id"]).status == 4
    refused(club.project("drop", plan["id"]), "was begun and cannot be dropped", f"troth resume {plan['id'][:12]}")
    with club.connect() as connection:
        connection.execute("drop trigger no")
    assert club.project("resume", plan["id"]).status == 0
    refused(club.project("drop", plan["id"]), "was carried out before")


def test_nothing_is_dropped_while_a_plan_is_applied(club: Club) -> None:
    plan = club.project.plan("retention")
    with apply_lock(club.project.state, plan["id"]):
        refused(club.project("drop", plan["id"]), "applying plan")
    refused(club.project("drop", "0" * 12), "no plan begins with")


def test_status_shows_what_was_never_applied_and_how_to_drop_it(club: Club) -> None:
    plan = club.project.plan("retention")
    assert "never applied" in club.project("status").out
    said = club.project("status", "--all")
    assert f"troth drop {plan['id'][:12]}" in said.out
    (shown,) = club.project("status", "--json").json["plans"]
    assert [(step["id"], step["planned"]) for step in shown["steps"]] == [
        (step["id"], step["rows"]) for step in plan["steps"]
    ]
    assert {(step["status"], step["done"], step["remaining"]) for step in shown["steps"]} == {("pending", 0, None)}
    assert club.project("drop", plan["id"]).status == 0
    assert club.project("status", "--json").json["plans"] == []
    (shown,) = club.project("status", "--all", "--json").json["plans"]
    assert shown["status"] == "refused"
