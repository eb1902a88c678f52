"""The offline verifier: whole files pass, and nothing that differs from them by a single byte does."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.core.canonical import Json, canonical
from troth.core.errors import InputError
from troth.proofs import file as evidence_file
from troth.proofs.__main__ import main
from troth.proofs.checkpoint import Checkpoint
from troth.proofs.errors import NotVerified
from troth.proofs.merkle import leaf_hash, root
from troth.proofs.note import SignerKey, sign
from troth.proofs.report import Report
from troth.proofs.verify import verify_file

KEY = SignerKey("acme.example/troth", b"k" * 32)
OTHER = SignerKey("acme.example/troth", b"o" * 32)
PINNED = KEY.verifier.to_text()
PLAN = "ab" * 32
ENTRIES: list[dict[str, Json]] = [
    {"kind": "project_created", "at": "2026-01-01T08:00:00Z"},
    {"kind": "approved", "at": "2026-01-01T09:00:00Z", "plan": PLAN},
    {"kind": "batch", "at": "2026-01-01T09:00:01Z", "plan": PLAN, "approval": 1, "rows": 12},
    {"kind": "step_done", "at": "2026-01-01T09:00:02Z", "plan": PLAN, "approval": 1, "established": "measured",
     "level": "logical", "remaining": 0},
    {"kind": "task_signed", "at": "2026-01-02T09:00:00Z", "plan": PLAN, "approval": 1, "established": "declared"},
    {"kind": "step_done", "at": "2026-01-02T09:00:02Z", "plan": PLAN, "approval": 1, "established": "declared",
     "level": "logical", "remaining": None},
]  # fmt: skip


def checkpoint(documents: Sequence[bytes], size: int, signer: SignerKey = KEY) -> str:
    head = Checkpoint(signer.name, size, root(leaf_hash(document) for document in documents[:size]))
    return head.signed(signer)


def evidence(entries: Sequence[Json], sizes: Sequence[int], signer: SignerKey = KEY) -> bytes:
    """A well-formed evidence file over any entries, honest or not."""
    documents = [canonical(entry) for entry in entries]
    notes = [checkpoint(documents, size, signer) for size in sizes]
    return b"".join(
        [
            evidence_file.header_line(signer.name),
            *(document + b"\n" for document in documents),
            *(evidence_file.checkpoint_line(note) for note in notes),
        ]
    )


WHOLE = evidence(ENTRIES, [2, 6])
OLDER = checkpoint([canonical(entry) for entry in ENTRIES], 3)


def verify(data: bytes, key: str = PINNED, older: str | None = None) -> Report:
    return verify_file(io.BytesIO(data), key, older)


def failure(data: bytes, key: str = PINNED, older: str | None = None) -> NotVerified:
    with pytest.raises(NotVerified) as caught:
        verify(data, key, older)
    return caught.value


def test_a_whole_file_says_what_is_proven_and_what_is_not() -> None:
    report = verify(WHOLE, older=OLDER)
    assert (report.entries, report.checkpoints, report.older) == (6, (2, 6), 3)
    assert dict(report.kinds)["step_done"] == 2
    assert (report.declared, report.uncounted, report.logical) == ((4, 5), (5,), (3, 5))
    assert (report.first_at, report.last_at) == ("2026-01-01T08:00:00Z", "2026-01-02T09:00:02Z")
    text = report.to_text()
    for said in (
        "signed exactly these 6 entries",
        "2 signed checkpoints in this file (at 2, 6 entries)",
        "The 3 entries under your own older checkpoint are all still there",
        "That what the entries say is true",
        "That nothing else exists",
        "2 entries are declared by a person, not measured by Troth: 4, 5.",
        "After 1 entry nobody could count what remains",
        "2 entries say that no query finds it",
    ):
        assert said in text
    assert json.loads(json.dumps(report.to_json()))["kinds"]["approved"] == 1


def test_without_an_older_checkpoint_that_gap_is_said() -> None:
    assert any("rewritten before this file was signed" in said for said in verify(WHOLE).not_proven)
    assert not any("rewritten before" in said for said in verify(WHOLE, older=OLDER).not_proven)


@settings(max_examples=400)
@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_any_byte_changed_anywhere_is_caught(place: int, byte: int) -> None:
    if WHOLE[place] != byte:
        failure(WHOLE[:place] + bytes([byte]) + WHOLE[place + 1 :])


@settings(max_examples=300)
@given(st.integers(0, len(WHOLE)), st.integers(0, 255))
def test_any_byte_added_or_taken_away_is_caught(place: int, byte: int) -> None:
    changed = WHOLE[:place] + bytes([byte]) + WHOLE[place:]
    if changed != WHOLE:
        failure(changed)
    if place < len(WHOLE):
        failure(WHOLE[:place] + WHOLE[place + 1 :])


@given(st.integers(0, len(WHOLE) - 1))
def test_a_file_cut_anywhere_is_caught(length: int) -> None:
    failure(WHOLE[:length])


def test_every_single_bit_of_a_small_file_counts() -> None:
    small = evidence(ENTRIES[:1], [1])
    for place in range(len(small)):
        for bit in range(8):
            failure(small[:place] + bytes([small[place] ^ (1 << bit)]) + small[place + 1 :])


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_entries_left_out_repeated_or_moved_are_caught(order: list[int]) -> None:
    lines = WHOLE.splitlines(keepends=True)
    header, entries, notes = lines[0], lines[1:7], lines[7:]
    moved = [entries[number] for number in order]
    if moved != entries:
        failure(b"".join([header, *moved, *notes]))


def test_the_place_of_a_changed_entry_is_named() -> None:
    lines = WHOLE.splitlines(keepends=True)
    lines[3] = lines[3].replace(b"12", b"13")
    caught = failure(b"".join(lines))
    assert (caught.code, caught.entry) == ("EVIDENCE-ROOT", 2)
    assert "entries 2 to 5 are not the ones that were signed (those before entry 2 are as signed)" in str(caught)
    lines[3] = lines[3].replace(b'"rows":13', b'"rows": 13')
    caught = failure(b"".join(lines))
    assert (caught.code, caught.entry, caught.line) == ("EVIDENCE-ENTRY", 2, 4)


def test_missing_entries_are_counted() -> None:
    lines = WHOLE.splitlines(keepends=True)
    assert "covers 6 entries, the file has 5: 1 are missing" in str(failure(b"".join(lines[:6] + lines[7:])))


def test_entries_that_no_checkpoint_covers_are_not_accepted() -> None:
    caught = failure(evidence(ENTRIES, [2]))
    assert (caught.code, caught.entry) == ("EVIDENCE-UNSIGNED", 2)
    assert failure(evidence(ENTRIES, [])).code == "EVIDENCE-UNSIGNED"


def test_no_key_no_verdict() -> None:
    with pytest.raises(InputError):
        verify(WHOLE, key="")
    assert failure(WHOLE, key=OTHER.verifier.to_text()).code == "EVIDENCE-SIGNATURE"
    assert failure(evidence(ENTRIES, [6], OTHER)).code == "EVIDENCE-SIGNATURE"


def test_another_logs_file_or_a_later_form_is_said_so() -> None:
    elsewhere = SignerKey("other.example/troth", b"k" * 32)
    assert "evidence of another log" in str(failure(evidence(ENTRIES, [6], elsewhere)))
    assert "form 2" in str(failure(WHOLE.replace(b'"troth_evidence":1', b'"troth_evidence":2')))
    assert "not the header" in str(failure(b"hello\n"))
    assert failure(b"").code == "EVIDENCE-HEADER"


def test_a_second_signature_or_a_line_after_the_end_is_refused() -> None:
    lines = WHOLE.splitlines(keepends=True)
    note = json.loads(lines[7])["checkpoint"]
    doubled = evidence_file.checkpoint_line(note + note.split("\n\n")[1])
    assert failure(b"".join([*lines[:7], doubled, lines[8]])).code == "EVIDENCE-CHECKPOINT"
    assert failure(b"".join([*lines, lines[8]])).code == "EVIDENCE-CHECKPOINT"
    assert failure(b"".join([*lines, lines[1]])).code == "EVIDENCE-CHECKPOINT"
    assert failure(b"".join([*lines[:7], lines[8], lines[7]])).code == "EVIDENCE-CHECKPOINT"


@pytest.mark.parametrize(
    "entry",
    [
        {"kind": "batch", "at": "now", "plan": PLAN, "approval": 0},
        {"kind": "batch", "at": "now", "plan": PLAN, "approval": 2},
        {"kind": "batch", "at": "now", "plan": "cd" * 32, "approval": 1},
        {"kind": "batch", "at": "now", "plan": PLAN, "approval": True},
        {"kind": "batch", "at": "now", "plan": PLAN, "approval": None},
        {"kind": "batch", "at": "now", "approval": 1},
    ],
)
def test_a_change_stands_on_an_earlier_approval_of_its_plan(entry: Json) -> None:
    caught = failure(evidence([*ENTRIES[:2], entry], [3]))
    assert (caught.code, caught.entry) == ("EVIDENCE-APPROVAL", 2)


@pytest.mark.parametrize("entry", [[], "text", {"kind": "x"}, {"at": "x"}, {"kind": 1, "at": "x"}])
def test_what_is_no_entry_is_refused_even_when_signed(entry: Json) -> None:
    assert failure(evidence([entry], [1])).code == "EVIDENCE-ENTRY"


def test_deep_or_endless_lines_are_refused_before_they_hurt() -> None:
    header = evidence_file.header_line(KEY.name)
    assert failure(header + b'{"a":' + b"[" * 100_000 + b"\n").code == "EVIDENCE-ENTRY"
    assert "too long" in str(failure(header + b"x" * (evidence_file.LONGEST_LINE + 1)))


def test_a_rewritten_history_is_caught_by_an_older_checkpoint_alone() -> None:
    rewritten = [*ENTRIES]
    rewritten[2] = {**ENTRIES[2], "rows": 13}
    forged = evidence(rewritten, [6])
    assert verify(forged).entries == 6
    caught = failure(forged, older=OLDER)
    assert caught.code == "EVIDENCE-OLDER"
    assert "history was rewritten" in str(caught)
    assert "has only 2" in str(failure(evidence(ENTRIES[:2], [2]), older=OLDER))
    assert failure(WHOLE, older="nonsense").code == "EVIDENCE-OLDER"
    assert failure(WHOLE, older=sign("hello\n", KEY)).code == "EVIDENCE-OLDER"
    assert failure(WHOLE, older=checkpoint([], 0, OTHER)).code == "EVIDENCE-OLDER"


def test_an_empty_log_verifies() -> None:
    report = verify(evidence([], [0]), older=checkpoint([], 0))
    assert report.entries == 0
    assert report.root == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_module_runs_by_itself_and_says_its_verdict(tmp_path: Path) -> None:
    log, older, key = tmp_path / "evidence.jsonl", tmp_path / "older.jsonl", tmp_path / "key"
    log.write_bytes(WHOLE)
    older.write_bytes(evidence(ENTRIES[:3], [3]))
    key.write_text(PINNED + "\n")
    words = [sys.executable, "-m", "troth.proofs", str(log), "--key", PINNED, "--older", str(older), "--json"]
    run = subprocess.run(words, capture_output=True, text=True, check=True)
    assert json.loads(run.stdout)["older"] == 3
    assert main([str(log), "--key", f"@{key}"]) == 0


def test_the_exit_status_tells_failed_from_unreadable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "evidence.jsonl"
    log.write_bytes(WHOLE[:-1])
    assert main([str(log), "--key", PINNED]) == 1
    assert "not verified: line 9 has no end: the file was cut [EVIDENCE-LINE]" in capsys.readouterr().err
    assert main([str(log), "--key", "nonsense"]) == 2
    assert main([str(tmp_path / "absent"), "--key", PINNED]) == 2
    assert main([str(log), "--key", f"@{tmp_path / 'absent'}"]) == 2
    (tmp_path / "older").write_bytes(evidence(ENTRIES, []))
    assert main([str(log), "--key", PINNED, "--older", str(tmp_path / "older")]) == 1


def test_importing_proofs_loads_no_database_and_no_other_room() -> None:
    code = (
        "import sys, troth.proofs.verify, troth.proofs.__main__\n"
        "names = {name.split('.')[0] for name in sys.modules}\n"
        "rooms = {name.split('.')[1] for name in sys.modules if name.startswith('troth.')}\n"
        "print(sorted(names & {'sqlalchemy', 'sqlite3', 'alembic', 'pydantic', 'typer', 'rich'}), sorted(rooms))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[] ['core', 'proofs']"
