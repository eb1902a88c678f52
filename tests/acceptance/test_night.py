"""The night: what a timer calls does what it may, stops where it must, and says so to who is on call."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.acceptance.night import Nights
from tests.acceptance.sakila.club import TABLES, Club, postgresql_club, rows, sqlite_club
from tests.acceptance.sakila.killing import ended
from tests.acceptance.test_bad_input_disk import disk, fill, moved
from tests.acceptance.test_bad_input_files import change

from troth.testing.postgresql import PostgresqlServer

__all__ = ["disk"]


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(sqlite_club(tmp_path / "club", rows(24)), tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Nights]:
    if request.param == "sqlite":
        yield Nights(sqlite_club(tmp_path / "club", rows(24)), tmp_path)
    else:
        server: PostgresqlServer = request.getfixturevalue("postgresql")
        with postgresql_club(server, tmp_path / "club", rows(24)) as club:
            yield Nights(club, tmp_path)


def undisturbed(nights: Nights) -> object:
    other = sqlite_club(nights.folder / "undisturbed", rows(24))
    other.project.apply(other.project.plan("retention"))
    return other.snapshot()


def due(club: Club) -> int:
    """Rows past their time now, by a plan that is dropped again."""
    plan = club.project.plan("retention")
    assert club.project("drop", plan["id"]).status == 0
    return sum(step["rows"] for step in plan["steps"])


def test_nothing_to_do_is_silent(tmp_path: Path) -> None:
    nights = Nights(sqlite_club(tmp_path / "club", {table: [] for table in TABLES}), tmp_path)
    said = nights.run()
    assert (said.status, said.out, said.err) == (0, "", "")
    assert nights.alerts() == []
    figures = nights.figures()
    assert figures["troth_run_exit_status"] == 0
    assert figures["troth_run_last_success_timestamp_seconds"] == figures["troth_run_timestamp_seconds"]
    assert figures["troth_past_retention_rows:retention.visits"] == 0


def test_a_night_under_a_standing_approval(both: Nights) -> None:
    rows_due, before = due(both.club), both.club.snapshot()
    both.approve()
    said = both.run()
    assert said.status == 0, said.out + said.err
    assert "deleted" in said.out
    assert both.club.snapshot() != before
    figures = both.figures()
    changed = [value for name, value in figures.items() if name.startswith("troth_run_changed_rows:")]
    assert sum(changed) == rows_due
    assert (figures["troth_plan_left_rows"], figures["troth_promises:broken"]) == (0, 0)
    assert figures["troth_run_duration_seconds"] > 0
    kinds = [(entry["kind"], entry.get("how")) for entry in both.club.project.evidence()]
    assert ("approved", "standing") in kinds
    assert [kind for kind, _ in kinds[-2:]] == ["finished", "check_recorded"]
    assert both.alerts() == []
    assert both.run().out == ""


def test_without_an_approval_a_person_is_asked_and_nothing_is_done(nights: Nights) -> None:
    before = nights.club.snapshot()
    first = nights.run("--json")
    assert first.status == 5
    assert first.json["problem"]["code"] == "STANDING-NONE"
    assert nights.club.snapshot() == before
    (waiting,) = nights.waiting_plans()

    again = nights.run()
    assert again.status == 5
    assert nights.waiting_plans() != [waiting]
    (plan,) = nights.waiting_plans()
    assert [entry["kind"] for entry in nights.club.project.evidence()].count("plan_dropped") == 1

    alert, other = nights.alerts()
    assert alert["exit_status"] == other["exit_status"] == 5
    assert alert["past"]["retention.visits"] > 0
    command = other["problem"]["hint"].partition("this one plan: troth ")[2].split()
    assert command[-1] == plan[:12]
    assert nights.club.project(*command, at_folder=False).status == 0
    assert nights.run().status == 0


@pytest.mark.parametrize(
    "max_rows, max_share, says",
    [
        (10, "100%", r"rows in all, [\d,]+ more than the 10 allowed"),
        (10_000, "5%", r"club\.visits: \d+ of \d+ rows, which is [\d.]+ % where 5 % \(\d+\) are allowed"),
    ],
)
def test_above_a_ceiling_nothing_is_done(nights: Nights, max_rows: int, max_share: str, says: str) -> None:
    before = nights.club.snapshot()
    nights.approve(max_rows, max_share)
    said = nights.run()
    assert said.status == 5
    assert nights.club.snapshot() == before
    (alert,) = nights.alerts()
    assert alert["problem"]["code"] == "STANDING-CEILING"
    assert re.search(says, alert["problem"]["message"])
    assert alert["problem"]["message"] in said.err
    assert nights.figures()["troth_run_exit_status"] == 5
    assert "standing" not in [entry.get("how") for entry in nights.club.project.evidence()]


@pytest.mark.parametrize("why", ["STANDING-FILES", "STANDING-NONE"])
def test_an_approval_that_counts_no_more(nights: Nights, why: str) -> None:
    nights.approve()
    if why == "STANDING-FILES":
        change(nights.club, "policy.yaml", ("troth: 1\n", "troth: 1  # read again\n"))
    else:
        assert nights.club.project("approve", "withdraw").status == 0
    before = nights.club.snapshot()
    assert nights.run().status == 5
    assert nights.alerts()[0]["problem"]["code"] == why
    assert nights.club.snapshot() == before


def test_a_window_ends_half_way_and_the_next_night_goes_on(both: Nights) -> None:
    both.approve()
    first = both.slowly("--for", "1s")
    assert first.status == 1, first.out + first.err
    assert "the window is over" in first.out
    left = both.figures()["troth_plan_left_rows"]
    assert left > 0
    (alert,) = both.alerts()
    assert alert["plans"][0]["ended"] == "window"
    second = both.slowly("--for", "5m", pause=0)
    assert second.status == 0, second.out + second.err
    changed = [value for name, value in both.figures().items() if name.startswith("troth_run_changed_rows:")]
    assert sum(changed) == left
    assert both.run().out == ""
    if both.club.kind == "sqlite":
        assert both.club.snapshot() == undisturbed(both)


def test_half_way_it_does_not_go_on_when_the_approval_is_withdrawn(nights: Nights) -> None:
    nights.approve()
    assert nights.slowly("--for", "1s").status == 1
    assert nights.club.project("approve", "withdraw").status == 0
    before = nights.club.snapshot()
    said = nights.run()
    assert said.status == 5
    assert "is half way" in said.err
    assert nights.club.snapshot() == before
    (plan,) = nights.waiting_plans()
    assert f"troth resume {plan[:12]}" in said.err
    assert nights.club.project("resume", plan).status == 0
    assert nights.club.snapshot() == undisturbed(nights)


def test_what_a_person_approved_is_gone_on_with(nights: Nights) -> None:
    """Also an erasure, which no standing approval is ever for."""
    people = nights.club.project.people("m3@club.example", "m5@club.example")
    plan = nights.club.project.plan("erase", "--people", people)
    assert nights.club.project("apply", plan["file"], "--approve", plan["id"], "--first", "1").status == 1
    said = nights.run("--json")
    assert said.status == 5
    assert [each["id"] for each in said.json["plans"]] == [plan["id"]]
    assert said.json["plans"][0]["left"] == 0


def test_a_killed_run_leaves_no_lock(nights: Nights) -> None:
    nights.approve()
    process = nights.start(pause=0.3)
    nights.wait_until_it_runs()
    second = nights.run("--json")
    assert second.status == 2
    assert second.json["problem"]["code"] == "RUN-BUSY"
    assert f"process {process.pid}" in second.json["problem"]["message"]
    assert not nights.metrics.exists()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert nights.run().status == 0
    assert nights.club.snapshot() == undisturbed(nights)


def test_a_store_that_is_away(nights: Nights) -> None:
    nights.approve()
    before = nights.figures() if nights.run().status == 0 else {}
    Path(str(nights.club.address)).rename(nights.folder / "away")
    said = nights.run()
    assert said.status == 3
    figures = nights.figures()
    assert figures["troth_run_exit_status"] == 3
    success = "troth_run_last_success_timestamp_seconds"
    assert figures[success] == before[success] < figures["troth_run_timestamp_seconds"]
    assert "troth_past_retention_rows:retention.visits" not in figures


def test_a_full_disk(nights: Nights, disk: Path) -> None:
    """It stops and says so; with room, the next night does it all."""
    moved(nights.club, disk)
    nights.approve()
    process = nights.start(pause=0.1)
    nights.wait_until_it_runs()
    ballast = fill(disk, 0)
    said = ended(process)
    assert said.status in (3, 4), said
    assert "room" in said.err
    assert nights.alerts()[0]["exit_status"] == said.status
    assert nights.figures()["troth_run_exit_status"] == said.status
    ballast.unlink()
    assert nights.run().status == 0
    assert nights.club.snapshot() == undisturbed(nights)


def test_bad_files_are_told_too(nights: Nights) -> None:
    change(nights.club, "policy.yaml", ("troth: 1\n", "troth: 1\nnonsense: yes\n"))
    assert nights.run().status == 2
    assert nights.alerts()[0]["problem"]["code"] == "FILES"
    assert nights.figures()["troth_run_exit_status"] == 2


@pytest.mark.parametrize(
    "command, says",
    [
        ("/nowhere/alert", "/nowhere/alert cannot be run: No such file"),
        ("sh -c 'echo first >&2; echo no line >&2; exit 7'", "sh ended with status 7: no line"),
    ],
)
def test_an_alert_that_fails_hides_nothing(nights: Nights, command: str, says: str) -> None:
    said = nights.club.project("run", "--notify", command, "--metrics", "/nowhere/troth.prom", "--json")
    assert said.status == 5
    assert said.json["problem"]["code"] == "STANDING-NONE"
    metrics, alert = said.json["not_told"]
    assert metrics == "/nowhere/troth.prom cannot be written: No such file or directory"
    assert alert.startswith(says)
    assert alert in said.err


@pytest.mark.parametrize("command", ["", "'no end"])
def test_what_is_no_command_is_refused_before_anything_is_done(nights: Nights, command: str) -> None:
    nights.approve()
    before = nights.club.snapshot()
    said = nights.club.project("run", "--notify", command, "--json")
    assert (said.status, said.json["error"]["code"]) == (2, "NOTIFY")
    assert nights.club.snapshot() == before


def test_no_personal_data_is_told(nights: Nights) -> None:
    nights.run()
    nights.approve(max_rows=1)
    nights.run()
    told = (nights.folder / "alerts").read_text() + nights.metrics.read_text()
    for table in nights.club.snapshot().values():
        for row in table:
            assert not [value for value in row if isinstance(value, str) and len(value) > 5 and value in told]
