"""Backups on both kinds of our own database: whole, of one moment, private, and put back without a silent loss."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from troth.core.clock import FixedClock
from troth.core.errors import InputError, Refused
from troth.evidence import log
from troth.execution.pace import Watch
from troth.proofs.verify import verify_file
from troth.services import applying, backing_up, making, proving
from troth.services.judging import Consent
from troth.services.project import Project
from troth.services.starting import start
from troth.state import keysets, plans
from troth.state.database import open_state
from troth.state.places import Place, Server
from troth.state.tables import metadata

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
POLICY = """
troth: 1
controller: {name: Copied, timezone: UTC}
processings:
  account: {basis: 6.1.b, data: [email], retain: until closed}
"""
SYSTEMS = """
troth: 1
state: ${STATE}
systems:
  db:
    store: sqlite
    url: ${DB}
    people: {people: {subject: customer, by: email, for: account, fields: {email: email}, events: {closed: closed_at}}}
"""

UNWATCHED = Watch(lambda *_: None, lambda: False)


@pytest.fixture
def project(tmp_path: Path, state_place: Place) -> Project:
    """Thirty people, half of whom have left; a plan that was carried out and one that waits with its keys."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "policy.yaml").write_text(POLICY)
    (folder / "systems.yaml").write_text(SYSTEMS)
    start(folder)
    file = tmp_path / "people.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, closed_at TIMESTAMP)")
        people = [(n, f"p{n}@one.example", "2025-06-01 10:00:00" if n % 2 else None) for n in range(30)]
        connection.executemany("INSERT INTO people VALUES (?, ?, ?)", people)
    where = state_place.url if isinstance(state_place, Server) else str(state_place)
    project = Project(folder, {**os.environ, "DB": f"sqlite:///{file}", "STATE": where}, FixedClock(NOW), "tester")
    purge(project)
    making.plan_erasure(project, None, ["p2@one.example"], lambda _: None)
    return project


def purge(project: Project) -> None:
    plan = making.plan_retention(project, None, lambda _: None).plan
    applying.apply(project, plan.id, Consent(plan.id, "flag"), UNWATCHED)


def runs_of(project: Project) -> tuple[applying.RunStatus, ...]:
    with project.state(project.load()) as state:
        return applying.runs(state, every=False)


def content(project: Project) -> dict[str, list[tuple[object, ...]]]:
    """Every row of our own database but those of the log."""
    with project.state(project.load()) as state, state.reading() as conn:
        tables = [table for table in metadata.sorted_tables if not table.name.startswith("log_")]
        return {t.name: sorted(tuple(row) for row in conn.execute(t.select())) for t in tables}


def at(project: Project, place: Path | Server) -> Project:
    """The same project with its state elsewhere."""
    where = place.url if isinstance(place, Server) else str(place)
    return Project(project.folder, {**project.environ, "STATE": where}, project.clock, project.actor)


def test_a_backup_is_a_whole_private_state_with_its_checkpoint(project: Project, tmp_path: Path) -> None:
    made = backing_up.back_up(project, tmp_path / "backup.db")
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    assert sorted(file.name for file in tmp_path.iterdir() if "backup" in file.name) == ["backup.db"]
    assert made.keys > 0, "the plan that waits needs its keys"
    copied = at(project, made.file)
    assert content(copied) == content(project)
    proving.export(copied, tmp_path / "evidence.jsonl")
    report = verify_file(tmp_path / "evidence.jsonl", (project.folder / "keys/evidence.pub").read_text(), made.note)
    assert report.entries == made.entries
    with pytest.raises(InputError) as caught:
        backing_up.back_up(project, made.file)
    assert caught.value.code == "BACKUP-FILE"


def test_a_backup_does_not_wait_for_a_run_and_holds_one_moment(project: Project, tmp_path: Path) -> None:
    with project.state(project.load()) as state, state.apply_lock("ab" * 32):
        made = backing_up.back_up(project, tmp_path / "backup.db")
    assert made.entries > 5


def test_what_is_put_back_goes_on_in_any_kind_of_place(project: Project, tmp_path: Path) -> None:
    made = backing_up.back_up(project, tmp_path / "backup.db")
    moved = at(project, tmp_path / "elsewhere" / "state.db")
    restored = backing_up.restore(moved, made.file, None)
    assert (restored.entries, restored.lost) == (made.entries, 0)
    assert content(moved) == content(project)
    waiting = [each for each in runs_of(moved) if each.saved.status == "planned"]
    applied = applying.apply(moved, waiting[0].saved.id, Consent(waiting[0].saved.id, "flag"), UNWATCHED)
    assert applied.finished
    with pytest.raises(Refused) as caught:
        applying.apply(project, waiting[0].saved.id, Consent(waiting[0].saved.id, "flag"), UNWATCHED)
    assert caught.value.code == "STATE-OLDER", "the witness knows that the state has moved"


def test_rows_that_came_with_their_numbers_leave_the_next_one_free(project: Project, tmp_path: Path) -> None:
    """Putting the backup back where it came from replaces all of it, counters included."""
    made = backing_up.back_up(project, tmp_path / "backup.db")
    before = content(project)
    backing_up.restore(project, made.file, None)
    assert content(project) == before
    with project.state(project.load()) as state, state.transaction() as conn:
        plan = plans.listed(conn)[0].id
        plans.add_approval(conn, plans.Approval(plan, "ann", NOW, "flag", None))
        assert plans.approvals(conn, plan)[-1].actor == "ann"


def test_an_older_backup_is_put_back_only_by_who_says_how_much_is_lost(project: Project, tmp_path: Path) -> None:
    made = backing_up.back_up(project, tmp_path / "backup.db")
    waiting = [each.saved.id for each in runs_of(project) if each.saved.status == "planned"]
    applying.apply(project, waiting[0], Consent(waiting[0], "flag"), UNWATCHED)
    with project.state(project.load()) as state, state.reading() as conn:
        lost = sum(1 for _ in log.entries(conn)) - made.entries
    for wrong in (None, lost + 1):
        with pytest.raises(Refused) as caught:
            backing_up.restore(project, made.file, wrong)
        assert caught.value.code == "RESTORE-LOSES"
        assert f"--lose {lost}" in str(caught.value)
    assert backing_up.restore(project, made.file, lost).lost == lost
    with project.state(project.load()) as state, state.reading() as conn:
        last = [document for _, document in log.entries(conn)][-1]
        assert f'"entries":{made.entries},"kind":"state_restored","lost":{lost}'.encode() in last
        assert keysets.held(conn), "what the backup held of people is back, until its plans end"
    assert runs_of(project)


def test_another_projects_backup_is_refused(project: Project, tmp_path: Path) -> None:
    made = backing_up.back_up(project, tmp_path / "backup.db")
    shutil.rmtree(project.folder / "keys")
    start(project.folder)
    with pytest.raises(InputError) as caught:
        backing_up.restore(at(project, tmp_path / "new.db"), made.file, None)
    assert caught.value.code == "BACKUP-FORM"


def test_a_damaged_or_foreign_file_is_refused_and_nothing_is_changed(project: Project, tmp_path: Path) -> None:
    before = content(project)
    (tmp_path / "junk").write_text("no database, and long enough to be looked at as one" * 30)
    made = backing_up.back_up(project, tmp_path / "backup.db")
    with closing(sqlite3.connect(made.file)) as connection, connection:
        connection.execute("UPDATE log_entries SET document = replace(document, 'flag', 'flog')")
    for name in ("junk", "backup.db"):
        with pytest.raises(InputError) as caught:
            backing_up.restore(project, tmp_path / name, None)
        assert caught.value.code == "BACKUP-FORM"
    assert content(project) == before


def test_a_live_file_that_was_copied_by_hand_with_its_log_is_a_backup_too(project: Project, tmp_path: Path) -> None:
    made = backing_up.back_up(project, tmp_path / "backup.db")
    with closing(open_state(made.file)) as state:
        with state.transaction() as conn:
            plans.set_status(conn, plans.listed(conn)[0].id, "refused", "only in the write-ahead file")
        (tmp_path / "by-hand").mkdir()
        for file in (made.file, made.file.with_name("backup.db-wal")):
            shutil.copy(file, tmp_path / "by-hand")
    restored = at(project, tmp_path / "new.db")
    backing_up.restore(restored, tmp_path / "by-hand" / "backup.db", None)
    assert "only in the write-ahead file" in str(content(restored)["plans"])
