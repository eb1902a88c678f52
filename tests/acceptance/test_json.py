"""With ``--json``: one object on standard output, whatever the command and whatever goes wrong. Alone: help."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.sakila.club import Club, rows, sqlite_club
from tests.acceptance.test_bad_input_files import change, refused

from troth.state.lock import apply_lock

BY_HAND = "  letters: {store: by_hand, for: membership, key_from: club.members.id, how: docs/letters.md}\n"


@pytest.fixture
def club(tmp_path: Path) -> Club:
    """With a system that is done by hand."""
    made = sqlite_club(tmp_path, rows(12))
    file = made.project.folder / "systems.yaml"
    file.write_text(file.read_text() + BY_HAND)
    return made


def printed(club: Club, *words: str, status: int = 0) -> dict[str, Any]:
    said = club.project(*words, "--json")
    assert said.status == status, said
    found: dict[str, Any] = json.loads(said.out)
    return found


def test_holds(club: Club) -> None:
    place = ("hold", "place", "--reason", "request", "--review", "2099-01-01", "--collection", "club.visits")
    (placed,) = printed(club, *place)["holds"]
    assert (placed["reason"], placed["people"], placed["review"]) == ("request", None, "2099-01-01")
    assert printed(club, "hold", "list") == {"holds": [placed]}
    assert printed(club, "hold", "lift", placed["id"][-8:]) == {"hold": placed["id"]}
    assert printed(club, "hold", "list") == {"holds": []}


def test_what_is_done_by_hand(club: Club) -> None:
    with club.connect() as connection:
        (left,) = connection.execute("select id from members where left_at is not null").fetchone()
    plan = club.project.plan("erase", "--people", club.project.people(f"id:{left}"))
    (step,) = [step["id"] for step in plan["steps"] if step["action"] == "task"]
    assert club.project.apply(plan, expect=1)["waiting"] == 1
    assert printed(club, "task", plan["id"], step) == {"step": step, "keys": [[left]]}
    assert club.project("task", plan["id"], step).out == f"{left}\n"
    said = club.project.run("sign", plan["id"], step, "--json")  # nobody answers the question
    assert (said.status, said.json["error"]["code"]) == (2, "GIVEN-UP")
    assert printed(club, "sign", plan["id"], step, "--yes") == {"step": step, "finished": True}


def test_stop(club: Club) -> None:
    plan = club.project.plan("retention")
    assert printed(club, "stop", plan["id"], status=2)["error"]["code"] == "NOT-RUNNING"
    with apply_lock(club.project.state, plan["id"]):
        assert printed(club, "stop", plan["id"][:8]) == {"plan": plan["id"]}


def test_init_and_evidence_export(club: Club, tmp_path: Path) -> None:
    started = printed(club, "init", str(tmp_path / "new"))
    assert "policy.yaml" in started["made"]
    assert started["kept"] == []
    assert printed(club, "init", str(tmp_path / "new"))["made"] == []
    club.project.plan("retention")
    file = str(tmp_path / "evidence.jsonl")
    exported = printed(club, "evidence", "export", file)
    assert exported["file"] == file
    assert exported["entries"] == printed(club, "evidence", "verify", file, "--key", exported["verifier"])["entries"]


def test_the_queries_of_a_promise(club: Club) -> None:
    found = printed(club, "check", status=1)["promises"]
    promise = next(each["id"] for each in found if "visits" in each["id"] and each["kind"] == "retention")
    shown = printed(club, "check", "--sql", promise)
    assert shown["promise"] == promise
    assert all("SELECT" in query for query in shown["queries"])


@pytest.mark.parametrize(
    "words, said",
    [
        (("check", "--nope"), "--nope"),
        (("apply",), "PLAN"),
        (("hold", "place"), "--reason"),
        (("frobnicate",), "frobnicate"),
        (("plan", "erase", "--people", "not there"), "not there"),
        ((), "--json"),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, tuple) else "",
)
def test_a_command_line_that_is_not_understood(club: Club, words: tuple[str, ...], said: str) -> None:
    error = printed(club, *words, status=2)["error"]
    assert error["code"] == "USAGE"
    assert said in error["message"]
    assert error["hint"].endswith("--help says more")
    if words:
        refused(club.project(*words), said, "--help says more")


def test_files_with_errors_have_a_code(club: Club) -> None:
    change(club, "policy.yaml", ("until left", "untill left"))
    error = printed(club, "check", status=2)["error"]
    assert error["code"] == "FILES"
    assert [each["code"] for each in error["diagnostics"]] == ["P201"]


@pytest.mark.parametrize("words", ["", "plan", "hold", "systems", "evidence"])
def test_alone_it_prints_its_help(club: Club, words: str) -> None:
    alone = club.project(*words.split())
    assert alone == club.project(*words.split(), "--help")
    assert (alone.status, alone.err) == (0, "")
    assert alone.out.startswith("Usage: troth ")
