"""A disk that is full, or files that may not grow: one message, nothing half written; with room, all goes on."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.acceptance.sakila.club import Club, rows, sqlite_club
from tests.acceptance.sakila.command import TROTH, Said
from tests.acceptance.sakila.killing import Work, assert_whole, ended, receipts
from tests.acceptance.test_bad_input_files import change, refused

SMALL = 1 << 20


@pytest.fixture
def club(tmp_path: Path) -> Club:
    return sqlite_club(tmp_path / "club", rows(24))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one MiB; where this user may not make one, the test is skipped and says so."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(words, capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may not make a small file system (mount -t tmpfs)")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path, leave: int) -> Path:
    """Leave this many bytes."""
    ballast = disk / "ballast"
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    ballast.write_bytes(bytes(max(0, free - leave)))
    return ballast


def limited(club: Club, size: int, *words: str) -> Said:
    """The command, in a process whose files may not grow beyond ``size`` bytes."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    done = subprocess.run(
        [str(TROTH), *club.project.words(words)],
        env={**club.project.environment, "PYTHONDONTWRITEBYTECODE": "1"},  # or half a module would be kept
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def moved(club: Club, disk: Path) -> Club:
    """Our own database is on the small disk."""
    change(club, "systems.yaml", ("troth: 1\n", f"troth: 1\nstate: {disk / 'state.db'}\n"))
    return club


def test_no_room_for_a_plan_file(club: Club, disk: Path) -> None:
    older = disk / "older.json"
    older.write_text("{}")
    fill(disk, 4096)
    for name in ("plan.json", "older.json"):
        refused(club.project("plan", "retention", "--out", str(disk / name)), name, "No space left")
    assert sorted(file.name for file in disk.iterdir()) == ["ballast", "older.json"]
    assert older.read_text() == "{}"


def test_a_plan_file_where_nothing_can_be_written(club: Club) -> None:
    refused(club.project("plan", "retention", "--out", "/dev/full"), "/dev/full", "No space left", "--out")
    refused(club.project("plan", "retention", "--out", "/proc/none/plan.json"), "/proc/none", "--out")


@pytest.mark.parametrize("older", [False, True], ids=["no file", "an older file"])
def test_no_room_for_evidence(club: Club, disk: Path, *, older: bool) -> None:
    """Whole or not at all; an older file stays as it was."""
    club.project.apply(club.project.plan("retention"))
    file = disk / "evidence"
    if older:
        assert club.project("evidence", "export", str(file)).status == 0
    before = file.read_bytes() if older else None
    fill(disk, 4096)
    said = club.project("evidence", "export", str(file))
    assert said.status in (2, 3)
    refused(said, "evidence", status=said.status)
    assert (file.read_bytes() if file.exists() else None) == before
    assert {each.name for each in disk.iterdir()} == {"ballast", *(["evidence"] if older else [])}


def test_no_room_to_begin(club: Club, disk: Path) -> None:
    moved(club, disk)
    ballast = fill(disk, 8192)
    said = club.project("plan", "retention")
    refused(said, "state.db", "room", status=said.status)
    assert said.status in (2, 3)
    assert not (club.project.folder / "plans").exists()
    ballast.unlink()
    assert club.project.apply(club.project.plan("retention"))["finished"]


def test_no_room_on_the_way(club: Club, disk: Path) -> None:
    """The store has done a batch and our own database cannot say so: the run stops; later, the receipt counts it."""
    moved(club, disk)
    wanted = _undisturbed(club)
    work = Work(club, club.project.plan("retention"))
    process = work.apply(pause=0.1)
    _wait_for_receipt(work, process)
    ballast = fill(disk, 0)
    said = ended(process)
    assert said.status in (3, 4), said
    assert "room" in said.out
    again = ended(work.resume())
    assert again.status in (3, 4), again
    ballast.unlink()
    assert ended(work.resume()).status == 0
    assert club.snapshot() == wanted


def _wait_for_receipt(work: Work, process: subprocess.Popen[str]) -> None:
    """Returns when the store has done a batch."""
    while process.poll() is None:
        with suppress(sqlite3.OperationalError):  # no table of receipts yet
            if receipts(work) > 0:
                return
        time.sleep(0.001)


def _undisturbed(club: Club) -> object:
    other = sqlite_club(club.project.folder.parent / "undisturbed", rows(24))
    other.project.apply(other.project.plan("retention"))
    return other.snapshot()


def test_files_that_may_not_grow(club: Club, tmp_path: Path) -> None:
    before = club.snapshot()
    said = limited(club, 20_000, "plan", "retention")
    refused(said, "state.db", status=said.status)
    assert said.status in (2, 3)
    work = Work(club, club.project.plan("retention"))
    said = limited(club, 30_000, "apply", work.plan["file"], "--approve", work.id)
    refused(said, status=said.status)
    assert said.status in (3, 4)
    assert club.snapshot() == before
    assert ended(work.resume() if work.batches >= 0 and _begun(work) else work.apply()).status == 0
    assert_whole(work, club.snapshot())
    said = limited(club, 1_000, "evidence", "export", str(tmp_path / "evidence"))
    refused(said, status=said.status)
    assert not list(tmp_path.glob("*evidence*"))


def _begun(work: Work) -> bool:
    return work.asked("select count(*) from steps where plan = :plan") > 0
