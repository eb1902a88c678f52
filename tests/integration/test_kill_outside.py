"""Deaths and failures that come from outside: at any moment, of the server, of the disk's file, by another terminal."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

import pytest
from tests.acceptance.sakila.club import Club, Rows, postgresql_club, rows, sqlite_club
from tests.acceptance.sakila.killing import Work, assert_whole, ended
from tests.acceptance.test_bad_input_files import refused

from troth.testing.postgresql import PostgresqlServer

MEMBERS = 24
MADE = rows(MEMBERS)


@contextmanager
def opened(kind: str, folder: Path, request: pytest.FixtureRequest) -> Generator[Club]:
    if kind == "sqlite":
        yield sqlite_club(folder, MADE)
    else:
        with postgresql_club(request.getfixturevalue("postgresql"), folder, MADE) as club:
            yield club


def planned(club: Club) -> Work:
    names = [f"m{key}@club.example" for key in range(1, MEMBERS, 2)]
    return Work(club, club.project.plan("erase", "--people", club.project.people(*names)))


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """How the store is after a run that nobody disturbs."""
    work = planned(sqlite_club(tmp_path_factory.mktemp("undisturbed"), MADE))
    assert ended(work.apply()).status == 0
    return work.club.snapshot()


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return planned(sqlite_club(tmp_path, MADE))


def same(found: Rows, wanted: Rows) -> bool:
    """PostgreSQL gives moments as moments."""
    return {table: [tuple(map(str, row)) for row in content] for table, content in found.items()} == {
        table: [tuple(map(str, row)) for row in content] for table, content in wanted.items()
    }


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_any_moment(
    kind: str, seed: int, tmp_path: Path, request: pytest.FixtureRequest, wanted: Rows
) -> None:
    """Up to four deaths of one plan, each some time after the process began, or after it recorded something."""
    draw = Random(seed)
    with opened(kind, tmp_path, request) as club:
        work = planned(club)
        process = work.apply(pause=0.01)
        for _ in range(4):
            work.wait_for_batch(work.batches + draw.randrange(1, 5), process)
            time.sleep(draw.random() * 0.02)
            process.send_signal(signal.SIGKILL)
            if ended(process).status == 0:
                break
            process = work.resume(pause=0.01)
        said = ended(process)
        assert said.status == 0 or "carried out before" in said.out, said
        assert same(club.snapshot(), wanted)
        assert_whole(work, club.snapshot())


def test_killed_while_it_starts(work: Work, wanted: Rows) -> None:
    for wait in (0.05, 0.3, 0.6):
        process = work.apply()
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        ended(process)
    assert ended(work.apply()).status in (0, 2)
    assert_whole(work, wanted)


def test_the_server_is_killed_and_comes_back(tmp_path: Path, wanted: Rows) -> None:
    """For a moment: the run waits and goes on. For long: it stops in words, and goes on when it is asked to."""
    with PostgresqlServer() as server, postgresql_club(server, tmp_path, MADE) as club:
        work = planned(club)
        process = work.apply(pause=0.02)
        work.wait_for_batch(3, process)
        server.kill()
        server.start()
        work.wait_for_batch(6, process)
        server.kill()
        said = ended(process)
        assert said.status == 4, said
        assert "club is not answering" in said.out
        assert f"troth resume {work.id[:12]}" in said.out
        refused(club.project("resume", work.id[:12]), "club", status=3)
        server.start()
        assert ended(work.resume()).status == 0
        assert same(club.snapshot(), wanted)
        assert_whole(work, club.snapshot())


def test_a_store_that_is_busy_for_a_while_is_waited_for(work: Work, wanted: Rows) -> None:
    assert isinstance(work.club.address, Path)
    process = work.apply(pause=0.02)
    work.wait_for_batch(3, process)
    with closing(sqlite3.connect(work.club.address, isolation_level=None, timeout=30)) as other:
        other.execute("begin exclusive")
        time.sleep(1)
        other.execute("rollback")
    assert ended(process).status == 0
    assert_whole(work, wanted)


def test_a_store_that_was_restored_from_a_backup_meanwhile_is_another_one(work: Work, tmp_path: Path) -> None:
    assert isinstance(work.club.address, Path)
    backup = shutil.copyfile(work.club.address, tmp_path / "backup.db")
    process = work.apply(pause=0.02)
    work.wait_for_batch(3, process)
    process.send_signal(signal.SIGKILL)
    ended(process)
    backup.rename(work.club.address)
    refused(work.club.project("resume", work.id[:12]), "is not the database this plan was made on")


def test_two_terminals(work: Work, wanted: Rows) -> None:
    """The second is told who is at work; when the first dies, it may go on at once."""
    first = work.apply(pause=0.3)
    work.wait_for_batch(1, first)
    said = ended(work.resume())
    assert said.status == 2, said
    assert f"process {first.pid}" in said.out
    assert "\nrunning " in work.club.project("status").out
    first.send_signal(signal.SIGKILL)
    ended(first)
    assert "\nrunning " not in work.club.project("status").out
    assert ended(work.resume()).status == 0
    assert_whole(work, wanted)


@pytest.mark.parametrize("how", ["troth stop", "Ctrl-C", "Ctrl-C twice", "SIGTERM"])
def test_stopped_gently(work: Work, wanted: Rows, how: str) -> None:
    process = work.apply(pause=0.1)
    work.wait_for_batch(2, process)
    if how == "troth stop":
        assert work.club.project("stop", work.id[:12]).status == 0
    elif how == "SIGTERM":
        process.send_signal(signal.SIGTERM)
    else:
        process.send_signal(signal.SIGINT)
        if how == "Ctrl-C twice":
            time.sleep(0.05)
            process.send_signal(signal.SIGINT)
    said = ended(process)
    assert said.status == {"troth stop": 4, "SIGTERM": -signal.SIGTERM}.get(how, 130), said
    if how in ("troth stop", "Ctrl-C"):
        assert f'stopped on request", "hint": "go on with: troth resume {work.id[:12]}' in said.out
    assert work.batches < sum(-(-step["rows"] // 5) for step in work.plan["steps"])
    status = work.club.project("status").out
    assert f"troth resume {work.id[:12]}" in status
    assert ended(work.resume()).status == 0
    assert_whole(work, wanted)


def test_the_state_of_a_newer_version_is_left_alone(work: Work, wanted: Rows) -> None:
    """An upgrade between kill and resume, and the way back: the older version refuses, the newer one goes on.

    There is one form of the state so far; what an upgrade finds is a process of another version, on the same form.
    """
    process = work.apply(pause=0.02)
    work.wait_for_batch(3, process)
    process.send_signal(signal.SIGKILL)
    ended(process)
    with closing(sqlite3.connect(work.club.project.state)) as state, state:
        (here,) = state.execute("select version_num from alembic_version").fetchone()
        state.execute("update alembic_version set version_num = 'v9999'")
    before = work.club.snapshot()
    for words in (("resume", work.id[:12]), ("status",), ("plan", "retention")):
        refused(work.club.project(*words), "made by a newer Troth")
    assert work.club.snapshot() == before
    with closing(sqlite3.connect(work.club.project.state)) as state, state:
        state.execute("update alembic_version set version_num = ?", [here])
    assert ended(work.resume()).status == 0
    assert_whole(work, wanted)
