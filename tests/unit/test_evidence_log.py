"""The log: appended with what it is about, signed, exported, and found whole or said not to be."""

from __future__ import annotations

import hashlib
import random
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from troth.core.errors import InputError, NotReached, Refused
from troth.evidence import log
from troth.evidence.entries import Approved, Batch, Finished, HoldLifted, PlanMade, ProjectCreated, TaskSigned
from troth.evidence.values import (
    Digest,
    HoldId,
    How,
    KeyId,
    Outcome,
    PlanId,
    PlanKind,
    Pseudonym,
    StepId,
)
from troth.proofs.errors import NotVerified
from troth.proofs.merkle import leaf_hash
from troth.proofs.note import SignerKey, create_key
from troth.proofs.verify import verify_file
from troth.state import logbook, plans, steps
from troth.state.database import Connection, open_state
from troth.state.sqlite import FileState

NOW = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)
DOCUMENT = b'{"format":1}'
PLAN = PlanId(hashlib.sha256(DOCUMENT).hexdigest())
ACTOR = Pseudonym("cd" * 16)
STEP = StepId("s01")
KEY = SignerKey("acme.example/troth", b"k" * 32)
OTHER = SignerKey("acme.example/troth", b"o" * 32)
DIGEST = Digest("ef" * 32)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[FileState]:
    state = open_state(tmp_path / ".troth" / "state.db")
    assert isinstance(state, FileState)
    yield state
    state.close()


def begin(conn: Connection) -> int:
    """A project, a plan and its approval; returns the number of the approval's entry."""
    plans.save(conn, DOCUMENT, "retention", NOW)
    log.append(conn, ProjectCreated(NOW, KeyId(KEY.verifier.key_id.hex())))
    log.append(conn, PlanMade(NOW, PLAN, PlanKind.RETENTION, date(2026, 3, 1), DIGEST, DIGEST, 0, (), ()))
    return log.append(conn, Approved(NOW, PLAN, ACTOR, How.PROMPT))


def add_batches(state: FileState, approval: int, count: int) -> None:
    for number in range(count):
        with state.transaction() as conn:
            log.append(conn, Batch(NOW, approval, PLAN, STEP, number, 10))


def test_what_is_appended_signed_and_exported_verifies_anywhere(state: FileState, tmp_path: Path) -> None:
    with state.transaction() as conn:
        approval = begin(conn)
        assert approval == 2
        older = log.checkpoint(conn, KEY, NOW)
    add_batches(state, approval, 20)
    with state.transaction() as conn:
        log.append(conn, TaskSigned(NOW, approval, PLAN, StepId("s02"), ACTOR, 3, ACTOR))
        assert log.append(conn, Finished(NOW, approval, PLAN, Outcome.COMPLETE)) == 24
        log.checkpoint(conn, KEY, NOW)
    file = tmp_path / "evidence.jsonl"
    with state.reading() as conn:
        assert log.export(conn, file) == log.Exported(entries=25, checkpoints=2, unsigned=0)
        assert log.verify_own(conn, KEY.verifier) == log.OwnLog(entries=25, signed=25, checkpoints=2)
        assert len(list(log.entries(conn, 3, 23))) == 20
    report = verify_file(file, KEY.verifier.to_text(), older.note)
    assert (report.entries, report.checkpoints, report.older, report.declared) == (25, (3, 25), 3, (23,))
    assert dict(report.kinds) == {
        "approved": 1, "batch": 20, "finished": 1, "plan_made": 1, "project_created": 1, "task_signed": 1,
    }  # fmt: skip


def test_an_entry_and_its_record_are_kept_together_or_not_at_all(state: FileState) -> None:
    with state.transaction() as conn:
        approval = begin(conn)
        steps.add_steps(conn, PLAN, [(STEP, 10)])

    def break_off() -> None:
        with state.transaction() as conn:
            steps.record_batch(conn, steps.BatchRecord(PLAN, STEP, 0, 10, NOW))
            log.append(conn, Batch(NOW, approval, PLAN, STEP, 0, 10))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    with state.reading() as conn:
        assert steps.progress(conn, PLAN, STEP) == (0, 0)
        assert log.verify_own(conn, KEY.verifier).entries == 3


def test_a_change_without_its_approval_is_not_appended(state: FileState) -> None:
    with state.transaction() as conn:
        approval = begin(conn)
        for wrong in (0, 1, 3, 99):
            with pytest.raises(ValueError, match="no approval of its plan"):
                log.append(conn, Batch(NOW, wrong, PLAN, STEP, 0, 10))
        with pytest.raises(ValueError, match="no approval of its plan"):
            log.append(conn, Batch(NOW, approval, PlanId("00" * 32), STEP, 0, 10))
        assert log.verify_own(conn, KEY.verifier).entries == 3


def test_signing_again_without_news_gives_the_same_checkpoint(state: FileState) -> None:
    with state.transaction() as conn:
        empty = log.checkpoint(conn, KEY, NOW)
        begin(conn)
        first = log.checkpoint(conn, KEY, NOW)
        assert log.checkpoint(conn, KEY, NOW.replace(year=2027)) == first
        assert [each.size for each in logbook.checkpoints(conn)] == [empty.size, first.size] == [0, 3]


def test_a_log_keeps_the_key_it_was_begun_with(state: FileState) -> None:
    with state.transaction() as conn:
        begin(conn)
        log.checkpoint(conn, KEY, NOW)
        for other in (OTHER, create_key("other.example/troth")):
            with pytest.raises(Refused) as caught:
                log.checkpoint(conn, other, NOW)
            assert caught.value.code == "LOG-KEY"


def test_unsigned_entries_are_not_exported_and_an_unsigned_log_not_at_all(state: FileState, tmp_path: Path) -> None:
    file = tmp_path / "evidence.jsonl"
    with state.transaction() as conn:
        approval = begin(conn)
        with pytest.raises(Refused) as caught:
            log.export(conn, file)
        assert caught.value.code == "LOG-UNSIGNED"
        assert not file.exists()
        log.checkpoint(conn, KEY, NOW)
        log.append(conn, Batch(NOW, approval, PLAN, STEP, 0, 10))
        assert log.export(conn, file) == log.Exported(entries=3, checkpoints=1, unsigned=1)
        assert log.verify_own(conn, KEY.verifier) == log.OwnLog(entries=4, signed=3, checkpoints=1)
    assert verify_file(file, KEY.verifier.to_text()).entries == 3


def test_an_export_is_whole_or_not_there(state: FileState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "out" / "evidence.jsonl"
    with state.transaction() as conn:
        begin(conn)
        log.checkpoint(conn, KEY, NOW)
        with pytest.raises(InputError) as caught:
            log.export(conn, file)
        assert caught.value.code == "EVIDENCE-WRITE"
        file.parent.mkdir()
        file.write_text("the older one")

        def full(note: str) -> bytes:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(log, "checkpoint_line", full)
            with pytest.raises(NotReached):
                log.export(conn, file)
        assert [each.name for each in file.parent.iterdir()] == ["evidence.jsonl"]
        assert file.read_text() == "the older one"
        log.export(conn, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert verify_file(file, KEY.verifier.to_text()).entries == 3


@pytest.mark.parametrize(
    "tampering,said",
    [
        (
            "UPDATE log_entries SET document = replace(document, '\"rows\":10', '\"rows\":11') WHERE number = 4",
            "not that",
        ),
        ("DELETE FROM log_entries WHERE number = 4", "entry 4 is missing"),
        ("DELETE FROM log_entries WHERE number = 7", "its tree is of 8 entries"),
        ("INSERT INTO log_entries VALUES (8, (SELECT document FROM log_entries WHERE number = 7))", "its tree is of 8"),
        ("UPDATE log_frontier SET size = 9", "the stored tree is damaged"),
        ("UPDATE log_frontier SET nodes = zeroblob(32)", "its tree is of 8"),
        ("DELETE FROM log_frontier", "its tree is of 0"),
        ("UPDATE log_checkpoints SET size = 7 WHERE size = 8", "entries 3 to 7 are not"),
        ("UPDATE log_checkpoints SET size = 9 WHERE size = 8", "entries 3 to 7 are not"),
        ("UPDATE log_checkpoints SET note = replace(note, 'acme', 'evil')", "not signed by the key"),
        ("UPDATE log_entries SET document = x'7b7d' WHERE number = 0", "entry 0 is not an entry"),
    ],
)
def test_tampering_with_our_own_database_is_found(state: FileState, tampering: str, said: str) -> None:
    with state.transaction() as conn:
        approval = begin(conn)
        log.checkpoint(conn, KEY, NOW)
    add_batches(state, approval, 5)
    with state.transaction() as conn:
        log.checkpoint(conn, KEY, NOW)
        log.verify_own(conn, KEY.verifier)
        conn.exec_driver_sql(tampering)
        with pytest.raises(NotVerified, match=said):
            log.verify_own(conn, KEY.verifier)


def test_a_rewritten_and_recomputed_log_is_found_by_what_was_signed(state: FileState) -> None:
    with state.transaction() as conn:
        approval = begin(conn)
    add_batches(state, approval, 5)
    with state.transaction() as conn:
        log.checkpoint(conn, KEY, NOW)
        documents = [document for _, document in log.entries(conn)]
        conn.exec_driver_sql("DELETE FROM log_entries")
        conn.exec_driver_sql("DELETE FROM log_frontier")
        for document in documents:
            frontier = log._frontier(conn)
            forged = document.replace(b'"rows":10', b'"rows":11')
            grown = frontier.append(leaf_hash(forged)).to_bytes()
            logbook.write_entry(conn, frontier.size, forged, grown)
        with pytest.raises(NotVerified, match="entries 0 to 7 are not the ones that were signed"):
            log.verify_own(conn, KEY.verifier)


def test_a_log_cut_back_behind_its_checkpoint_is_not_signed_again(state: FileState) -> None:
    with state.transaction() as conn:
        begin(conn)
        log.checkpoint(conn, KEY, NOW)
        conn.exec_driver_sql("DELETE FROM log_entries")
        conn.exec_driver_sql("DELETE FROM log_frontier")
        log.append(conn, HoldLifted(NOW, HoldId("0195a3f0-7c4e-7a53-9a4e-3d2c1b0a9f8e"), ACTOR))
        with pytest.raises(NotVerified, match="covers 3 entries, it has 1"):
            log.checkpoint(conn, KEY, NOW)


APPENDER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from troth.evidence import log
from troth.evidence.entries import Batch
from troth.evidence.values import PlanId, StepId
from troth.proofs.merkle import leaf_hash
from troth.proofs.note import SignerKey
from troth.state.database import open_state
state, key, now = open_state(Path(sys.argv[1])), SignerKey.parse(sys.argv[3]), datetime.now(UTC)
print("open", flush=True)
while True:
    with state.transaction() as conn:
        number = log.append(conn, Batch(now, 2, PlanId(sys.argv[2]), StepId("s01"), 0, 1))
        if number % 7 == 0:
            log.checkpoint(conn, key, now)
    print(number, flush=True)
"""


@pytest.mark.slow
def test_a_log_whose_writer_is_killed_at_any_moment_is_whole_and_lost_nothing(state: FileState, tmp_path: Path) -> None:
    with state.transaction() as conn:
        begin(conn)
    last = 2
    for _ in range(6):
        words = [sys.executable, "-c", APPENDER, str(state.location), PLAN, KEY.secret_text()]
        writer = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        time.sleep(random.uniform(0.02, 0.3))
        writer.send_signal(signal.SIGKILL)
        told = writer.communicate()[0].splitlines(keepends=True)
        numbers = [int(line) for line in told if line.endswith("\n")]
        assert numbers == list(range(last + 1, last + 1 + len(numbers)))
        with state.reading() as conn:
            own = log.verify_own(conn, KEY.verifier)
        last += len(numbers)
        assert own.entries - 1 in (last, last + 1), "what was told is there, and at most the one about to be told"
        last = own.entries - 1
    with state.transaction() as conn:
        log.checkpoint(conn, KEY, NOW)
        log.export(conn, tmp_path / "evidence.jsonl")
    assert verify_file(tmp_path / "evidence.jsonl", KEY.verifier.to_text()).entries == last + 1
    assert last > 20
