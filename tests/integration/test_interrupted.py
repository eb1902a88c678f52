"""Ctrl-C, in a process of its own: what the message says is true, and nothing is left half done."""

from __future__ import annotations

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.acceptance.sakila.club import TABLES, Club, rows, sqlite_club
from tests.acceptance.sakila.killing import Point, Work, assert_whole, ended, receipts

STORE = "troth.stores.sql.store:SqlStore"
LEDGER = "troth.services.recording:RunLedger"


def planned(folder: Path) -> Work:
    club = sqlite_club(folder, rows(24))
    return Work(club, club.project.plan("retention"))


def interrupt(target: str, when: str, count: int) -> Point:
    return Point(target, when, count, signal.SIGINT)


@pytest.mark.parametrize(
    "point",
    [
        interrupt("troth.services.staleness:make", "before", 1),  # before anything is begun
        interrupt(f"{LEDGER}.begin", "after", 1),
        interrupt(f"{STORE}.apply", "before", 4),
        interrupt(f"{STORE}.apply", "after", 4),  # the store has committed, we have not
        interrupt(f"{LEDGER}.step_done", "after", 2),
    ],
    ids=str,
)
def test_during_apply(point: Point, tmp_path: Path) -> None:
    work, undisturbed = planned(tmp_path / "one"), planned(tmp_path / "other")
    assert ended(undisturbed.apply()).status == 0
    said = ended(work.apply(point))
    assert said.status == 130
    assert "stops after the present batch" in said.err
    error = said.json["error"]
    assert (error["code"], error["message"]) == ("INTERRUPTED", "stopped on request")
    assert error["hint"] == f"go on with: troth resume {work.id[:12]}"
    recorded = work.asked("select sum(rows) from batches where plan = :plan")
    assert recorded < sum(step["rows"] for step in work.plan["steps"])
    if recorded:
        assert recorded == receipts(work), "all that was done is recorded"
    assert work.club.project("status").out.startswith(f"Do this: troth resume {work.id[:12]}\n")
    assert ended(work.resume()).status == 0
    assert_whole(work, undisturbed.club.snapshot())


def test_the_second_one_stops_at_once(tmp_path: Path) -> None:
    work, undisturbed = planned(tmp_path / "one"), planned(tmp_path / "other")
    assert ended(undisturbed.apply()).status == 0
    process = work.apply(pause=5)
    work.wait_for_batch(1, process)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert process.stderr.readline() == "stops after the present batch; once more stops at once\n"
    process.send_signal(signal.SIGINT)
    said = ended(process)
    assert said.status == 130
    assert said.json["error"]["message"] == "interrupted; what was done is recorded"
    assert work.batches == 1
    assert work.asked("select sum(rows) from batches where plan = :plan") == receipts(work)
    assert f"troth resume {work.id[:12]}" in work.club.project("status").out
    assert ended(work.resume()).status == 0
    assert_whole(work, undisturbed.club.snapshot())


@pytest.fixture
def club(tmp_path: Path) -> Club:
    return sqlite_club(tmp_path, rows(24))


def left(club: Club) -> dict[str, bytes]:
    """Every file of the project but our own database, and of that what it holds."""
    files = [file for file in club.project.folder.rglob("*") if file.is_file() and ".troth" not in file.parts]
    found = {str(file): file.read_bytes() for file in files}
    if club.project.state.exists():
        with closing(sqlite3.connect(club.project.state)) as connection:
            for table in ("plans", "keyset_chunks", "log_entries", "holds"):
                found[table] = repr(connection.execute(f"select * from {table}").fetchall()).encode()
    with club.connect() as connection:
        listed = connection.execute("select name from sqlite_master where type = 'table' order by 1").fetchall()
    assert {name for (name,) in listed} == set(TABLES)
    return found


@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.parametrize(
    "words", [("check",), ("plan", "retention"), ("plan", "erase", "--people", "FILE")], ids=" ".join
)
def test_while_it_looks_nothing_is_left_behind(club: Club, words: tuple[str, ...], count: int) -> None:
    if "FILE" in words:
        words = (*words[:-1], club.project.people("id:1"))
    club.project.plan("retention")
    before = left(club)
    said = ended(Work(club, {"id": ""}).start(words, interrupt(f"{STORE}.count", "before", count)))
    assert said.status == 130
    assert said.out == ""
    assert said.err.startswith("troth: interrupted; nothing was left half done\n  troth status says")
    assert left(club) == before
