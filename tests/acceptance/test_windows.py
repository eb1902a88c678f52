"""apply and resume with an end of their own: a window that passes, a trial batch, and the rest afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.acceptance.sakila.club import Club, postgresql_club, rows, sqlite_club
from tests.acceptance.sakila.killing import Work, assert_whole, ended, receipts
from tests.acceptance.test_bad_input_files import refused

from troth.testing.postgresql import PostgresqlServer


@pytest.fixture(params=["sqlite", "postgresql"])
def club(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Club]:
    if request.param == "sqlite":
        yield sqlite_club(tmp_path / "club", rows(60))
    else:
        server: PostgresqlServer = request.getfixturevalue("postgresql")
        with postgresql_club(server, tmp_path / "club", rows(60)) as club:
            yield club


def undisturbed(tmp_path: Path, members: int) -> Club:
    other = sqlite_club(tmp_path / "undisturbed", rows(members))
    other.project.apply(other.project.plan("retention"))
    return other


def test_a_trial_batch_has_exactly_its_rows_and_the_rest_comes_later(club: Club, tmp_path: Path) -> None:
    work = Work(club, club.project.plan("retention"))
    planned = sum(step["rows"] for step in work.plan["steps"])
    assert planned > 150
    first = club.project("apply", work.plan["file"], "--approve", work.id, "--first", "100", "--json")
    assert first.status == 1, first.err
    said = first.json
    assert (said["ended"], said["finished"], said["left"]) == ("trial", False, planned - 100)
    assert sum(step["done"] for step in said["steps"]) == receipts(work) == 100
    again = club.project("resume", work.id, "--first", "7")
    assert again.status == 1
    assert receipts(work) == 107
    assert f"{planned - 107} rows left. Look at the rows in the store" in " ".join(again.out.split())
    (shown,) = club.project("status", "--json").json["plans"]
    assert shown["status"] == "stopped"
    assert club.project("resume", work.id).status == 0
    assert [entry["reason"] for entry in club.project.evidence() if entry["kind"] == "stopped"] == ["trial", "trial"]
    if club.kind == "sqlite":
        assert_whole(work, undisturbed(tmp_path, 60).snapshot())


def test_a_plan_of_fewer_rows_than_its_trial_is_carried_out(club: Club) -> None:
    plan = club.project.plan("retention")
    said = club.project("apply", plan["file"], "--approve", plan["id"], "--first", "100000", "--json")
    assert (said.status, said.json["ended"], said.json["left"]) == (0, None, 0)


def test_a_backlog_drains_over_several_windows(club: Club, tmp_path: Path) -> None:
    """Batches of five that take a while: a second is enough for two at most."""
    club.fill(rows(8))
    work = Work(club, club.project.plan("retention"))
    planned = sum(step["rows"] for step in work.plan["steps"])
    left = [planned]
    process = work.start(("apply", work.plan["file"], "--approve", work.id, "--for", "1s", "--json"), pause=0.6)
    while (said := ended(process)).status == 1:
        assert said.json["ended"] == "window"
        left.append(said.json["left"])
        process = work.start(("resume", work.id[:12], "--for", "1s", "--json"), pause=0.6)
    assert said.status == 0, said
    assert len(left) > 2
    assert left == sorted(set(left), reverse=True)
    if club.kind == "sqlite":
        assert_whole(work, undisturbed(tmp_path, 8).snapshot())


def test_what_is_no_window_or_trial_is_refused(tmp_path: Path) -> None:
    club = sqlite_club(tmp_path / "club", rows(12))
    plan = club.project.plan("retention")
    before = club.snapshot()
    for option, value in (("--for", "2"), ("--for", "0h"), ("--first", "0")):
        refused(club.project("apply", plan["file"], "--approve", plan["id"], option, value), value)
    assert club.snapshot() == before
