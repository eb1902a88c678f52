"""An apply refuses to start when what it writes down would be lost; the screen of the one on call says so first."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from troth.cli import show_status
from troth.core.clock import FixedClock
from troth.core.errors import Refused, Stopped, TrothError
from troth.execution.pace import Watch
from troth.services import applying, holding, making, soundness
from troth.services.judging import Consent
from troth.services.on_call import Situation, situation
from troth.services.project import Project
from troth.services.soundness import EPHEMERAL_MEANT
from troth.services.starting import start
from troth.services.witness import USUAL
from troth.state import disk

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
POLICY = """
troth: 1
controller: {name: Sound, timezone: UTC}
processings:
  account: {basis: 6.1.b, data: [email], retain: until closed}
"""
SYSTEMS = """
troth: 1
systems:
  db:
    store: sqlite
    url: ${DB}
    people: {people: {subject: customer, by: email, for: account, fields: {email: email}, events: {closed: closed_at}}}
"""

UNWATCHED = Watch(lambda *_: None, lambda: False)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "systems.yaml").write_text(SYSTEMS)
    start(tmp_path)
    with closing(sqlite3.connect(tmp_path / "db.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, closed_at TIMESTAMP)")
    close_some(tmp_path)
    return Project(tmp_path, {**os.environ, "DB": f"sqlite:///{tmp_path}/db.sqlite"}, FixedClock(NOW), "tester")


def close_some(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "db.sqlite")) as connection, connection:
        people = [(f"p{n}@one.example", "2025-06-01 10:00:00") for n in range(9)]
        connection.executemany("INSERT INTO people (email, closed_at) VALUES (?, ?)", people)


def planned(project: Project) -> str:
    close_some(project.folder)
    return making.plan_retention(project, None, lambda _: None).plan.id


def carry_out(project: Project, plan: str) -> None:
    applying.apply(project, plan, Consent(plan, "flag"), UNWATCHED)


def refused(project: Project, plan: str, code: str) -> TrothError:
    """Nothing was changed, and the screen says the same."""
    with pytest.raises(TrothError) as caught:
        carry_out(project, plan)
    assert caught.value.code == code
    with closing(sqlite3.connect(project.folder / "db.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM people WHERE closed_at IS NOT NULL").fetchone()[0] > 0
    found = situation(project)
    assert found.health is not None
    assert found.health.troubles[0].code == code
    assert screen(found)[0].startswith("Do this: ")
    return caught.value


def screen(found: Situation, width: int = 80) -> list[str]:
    console = Console(file=StringIO(), width=width, highlight=False)
    show_status.show(console, found, every=False)
    assert isinstance(console.file, StringIO)
    return [line.rstrip() for line in console.file.getvalue().rstrip().split("\n")]


def test_an_old_state_that_was_put_back_is_noticed(project: Project) -> None:
    plan = planned(project)
    shutil.copytree(project.folder / ".troth", project.folder / "snapshot")
    carry_out(project, plan)
    shutil.rmtree(project.folder / ".troth")
    shutil.move(project.folder / "snapshot", project.folder / ".troth")
    close_some(project.folder)
    assert "older than its witness" in refused(project, plan, "STATE-OLDER").message


def test_a_run_that_was_killed_after_its_approval_is_known_to_the_witness(project: Project) -> None:
    """The checkpoint is signed, and has left the state, before the first change."""
    plan = planned(project)
    shutil.copytree(project.folder / ".troth", project.folder / "snapshot")
    with pytest.raises(Stopped):
        applying.apply(project, plan, Consent(plan, "flag"), Watch(lambda *_: None, lambda: True))
    shutil.rmtree(project.folder / ".troth")
    shutil.move(project.folder / "snapshot", project.folder / ".troth")
    refused(project, plan, "STATE-OLDER")


def test_a_state_begun_anew_beside_its_witness_is_refused(project: Project) -> None:
    carry_out(project, planned(project))
    shutil.rmtree(project.folder / ".troth")
    refused(project, planned(project), "STATE-OLDER")


def test_another_history_of_the_same_length_is_noticed(project: Project) -> None:
    """Two states under one name: the second has as many entries as the witness has seen, and others."""
    plan = planned(project)
    shutil.copytree(project.folder / ".troth", project.folder / "fork")
    carry_out(project, plan)
    seen = (project.folder / USUAL).read_text()
    shutil.rmtree(project.folder / ".troth")
    shutil.move(project.folder / "fork", project.folder / ".troth")
    (project.folder / USUAL).unlink()
    later = replace(project, clock=FixedClock(NOW + timedelta(hours=1)))
    carry_out(later, plan)
    (project.folder / USUAL).write_text(seen)
    assert "another history" in refused(later, planned(later), "STATE-OLDER").message


def test_a_witness_by_another_key_is_refused_and_one_that_is_named_must_be_written(project: Project) -> None:
    carry_out(project, planned(project))
    (project.folder / USUAL).write_text("not a checkpoint\n")
    refused(project, planned(project), "STATE-WITNESS")
    (project.folder / USUAL).unlink()
    named = "troth: 1\nevidence: {witness: nowhere/witness}\n"
    (project.folder / "systems.yaml").write_text(SYSTEMS.replace("troth: 1\n", named))
    with pytest.raises(TrothError) as caught:
        carry_out(project, planned(project))
    assert caught.value.code == "STATE-WITNESS"


@pytest.fixture
def in_memory() -> Iterator[Path]:
    """A folder on a file system in memory; Linux has one for shared memory."""
    if disk.file_system(Path("/dev/shm")) not in disk.EPHEMERAL:
        pytest.skip("there is no tmpfs at /dev/shm")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


def test_a_state_in_memory_is_refused_unless_it_is_meant(project: Project, in_memory: Path) -> None:
    (project.folder / "systems.yaml").write_text(SYSTEMS.replace("troth: 1\n", f"troth: 1\nstate: {in_memory}/s.db\n"))
    plan = planned(project)
    strict = replace(project, environ={**project.environ, EPHEMERAL_MEANT: ""})
    assert EPHEMERAL_MEANT in refused(strict, plan, "STATE-EPHEMERAL").hint
    carry_out(project, plan)


MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
30 22 0:26 / /tmp rw,nosuid shared:5 - tmpfs tmpfs rw
41 22 0:30 / /srv/our\\040state rw - xfs /dev/vdb rw
42 22 0:31 / /srv rw master:2 - overlay overlay rw,lowerdir=/a - b
43 22 0:32 / /srv rw - ext4 /dev/vdc rw
"""


@pytest.mark.parametrize(
    "folder,kind",
    [("/home", "ext4"), ("/tmp/x", "tmpfs"), ("/tmpx", "ext4"), ("/srv/our state/a", "xfs"), ("/srv/other", "ext4")],
)
def test_the_nearest_mount_and_the_last_of_these_says_what_a_disk_is(folder: str, kind: str) -> None:
    assert disk.type_of(Path(folder), MOUNTS) == kind


def test_a_run_that_would_write_more_than_there_is_room_for_is_refused(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soundness, "ROOM", disk.free(project.folder) * 2)
    refused(project, planned(project), "STATE-ROOM")


def test_nothing_to_do_fits_the_screen_and_says_why_it_can_be_believed(project: Project) -> None:
    assert screen(situation(project))[0] == "Nothing to do."
    carry_out(project, planned(project))
    shown = screen(situation(replace(project, clock=FixedClock(NOW + timedelta(hours=5)))))
    assert shown[0] == "Nothing to do."
    assert len(shown) < 10
    assert any("ended complete, 5 hours ago" in line for line in shown)
    assert any("all signed 5 hours ago, read again whole" in line for line in shown)


@pytest.mark.parametrize("width,lines", [(80, 24), (40, 45)])
def test_something_to_do_begins_with_the_command(project: Project, width: int, lines: int) -> None:
    plan = planned(project)
    with pytest.raises(Stopped):
        applying.apply(project, plan, Consent(plan, "flag"), Watch(lambda *_: None, lambda: True))
    for collection in ("db.people",):
        holding.place(project, [], "litigation", date(2026, 2, 28), collection=collection)
    found = situation(project)
    shown = screen(found, width)
    assert shown[0] == f"Do this: troth resume {plan[:12]}"
    assert "Then: troth hold list" in shown
    assert len(shown) <= lines
    assert max(map(len, shown)) <= width
    assert show_status.as_json(found)["verdict"] == "do"


def test_a_plan_that_nobody_applied_is_shown_and_no_order(project: Project) -> None:
    planned(project)
    found = situation(project)
    assert found.orders == ()
    assert any(line.startswith("planned ") for line in screen(found))
    with pytest.raises(Refused):
        applying.apply(project, found.runs[0].saved.id, Consent("000000000000", "flag"), UNWATCHED)
