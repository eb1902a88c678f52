"""The offline verifier: a file of evidence, a public key, and nothing else.

**The file** is UTF-8 text, one JSON object per line, every line ended by one newline (0x0A), in this order:

1. the header ``{"origin":"acme.example/troth","troth_evidence":1}``: the name of the log and the form of the file;
2. the entries, from the first (number 0). An entry is an object with at least ``kind`` and ``at``, both text;
3. one or more signed checkpoints ``{"checkpoint":"<note>"}``, of strictly growing size. The last covers all entries.

Every line is canonical JSON: keys sorted, no spaces, the shortest escapes, non-ASCII characters as they are, integers
only (RFC 8785 without floats). Parsing a line and writing it again gives the same bytes.

**The tree.** The leaf data of an entry is exactly the bytes of its line without the newline. Leaf hash
``SHA-256(0x00 || data)``, node ``SHA-256(0x01 || left || right)``, as in RFC 6962 section 2.1.

**A checkpoint** is a C2SP signed note with exactly one signature, Ed25519, by the log's key, whose name is the origin::

    acme.example/troth              origin
    3                               number of entries it covers
    GIYH…=                          base64 of the Merkle root over the first so many entries
    <empty line>
    — acme.example/troth rwz+…=     base64(key id || signature over the three lines)

**To verify**: pin the key (from the company's page, a contract, your own note: never from the file); check the form of
each line; for each checkpoint check the signature with the pinned key and compare the root. An older checkpoint that
you kept must be signed by the same key, and its root must be the root over as many first entries of this file.

**What entries mean to a verifier**, beyond their bytes: ``approval`` is the number of an earlier entry of kind
``approved`` with the same ``plan``; ``"established":"declared"`` marks what a person vouches for and nobody measured;
``standing`` is the number of an earlier entry of kind ``standing_given`` that no ``standing_withdrawn`` ended before;
``"remaining":null`` that nobody could count; ``"level":"logical"`` that absence was checked by a query.

Codes: ``EVIDENCE-READ``, ``-HEADER``, ``-LINE``, ``-ENTRY``, ``-APPROVAL``, ``-STANDING``, ``-CHECKPOINT``,
``-SIGNATURE``, ``-ROOT``, ``-UNSIGNED``, ``-OLDER``.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from troth.core.errors import InputError
from troth.proofs.checkpoint import Checkpoint, open_checkpoint
from troth.proofs.errors import NotVerified
from troth.proofs.file import header_line, lines, read_object
from troth.proofs.note import VerifierKey
from troth.proofs.replay import Replay
from troth.proofs.report import Report, make_report


def verify_file(file: Path | str | BinaryIO, verifier_key: str, older_checkpoint: str | None = None) -> Report:
    """Verify an evidence file (a path, or a stream of bytes) by the pinned ``verifier_key``.

    ``older_checkpoint`` is the text of a signed checkpoint of this log that the auditor kept. Raises ``NotVerified``
    with a code, and where there is one the entry, at the first rule that fails; ``InputError`` when the key cannot
    be read or the file not opened.
    """
    key = VerifierKey.parse(verifier_key)
    if not isinstance(file, (str, Path)):
        return _verify(file, key, older_checkpoint)
    try:
        with Path(file).open("rb") as stream:
            return _verify(stream, key, older_checkpoint)
    except OSError as error:
        raise InputError(
            f"{file} cannot be read: {error.strerror}", hint="check the path and the rights", code="EVIDENCE-READ"
        ) from error


def _verify(stream: BinaryIO, key: VerifierKey, older_checkpoint: str | None) -> Report:
    older = None if older_checkpoint is None else _open_older(older_checkpoint, key)
    replay, checkpoints = _read(stream, key)
    if not checkpoints:
        raise NotVerified(
            "the file ends without a signed checkpoint: nobody vouches for its entries",
            hint="it was cut, or never signed; ask for a new export",
            code="EVIDENCE-UNSIGNED",
        )
    roots = replay.roots_at({checkpoint.size for _, checkpoint in checkpoints} | ({older.size} if older else set()))
    held = 0
    for line, checkpoint in checkpoints:
        if roots.get(checkpoint.size) != checkpoint.root:
            raise _wrong_root(replay, checkpoint, held, line)
        held = checkpoint.size
    if held != replay.size:
        raise NotVerified(
            f"entries {held} to {replay.size - 1} come after the last signed checkpoint: nobody vouches for them",
            hint="checkpoint lines were removed or entries added",
            code="EVIDENCE-UNSIGNED",
            entry=held,
            line=held + 2,
        )
    if older is not None and roots.get(older.size) != older.root:
        raise _not_extended(replay, older)
    sizes = [checkpoint.size for _, checkpoint in checkpoints]
    return make_report(replay, key, roots[replay.size], sizes, older.size if older else None)


def _read(stream: BinaryIO, key: VerifierKey) -> tuple[Replay, list[tuple[int, Checkpoint]]]:
    replay = Replay()
    checkpoints: list[tuple[int, Checkpoint]] = []
    number = 0
    for number, line in lines(stream):
        if number == 1:
            _check_header(line, key)
        elif line.startswith(b'{"checkpoint":'):
            checkpoint = _open_line(line, number, key)
            if checkpoints and checkpoint.size <= checkpoints[-1][1].size:
                raise NotVerified(
                    f"line {number}: its checkpoint is not of a larger log than the one before",
                    code="EVIDENCE-CHECKPOINT",
                    line=number,
                )
            checkpoints.append((number, checkpoint))
        elif checkpoints:
            raise NotVerified(
                f"line {number} comes after the checkpoints and is none", code="EVIDENCE-CHECKPOINT", line=number
            )
        else:
            replay.add(line, number)
    if number == 0:
        raise NotVerified("the file is empty", code="EVIDENCE-HEADER", line=1)
    return replay, checkpoints


def _check_header(line: bytes, key: VerifierKey) -> None:
    if line + b"\n" == header_line(key.name):
        return
    header = read_object(line) or {}
    origin, form = header.get("origin"), header.get("troth_evidence")
    if isinstance(origin, str) and isinstance(form, int) and len(header) == 2 and origin != key.name:
        what = f"the file is evidence of another log ({origin}) than the key's ({key.name})"
    elif isinstance(form, int) and origin == key.name:
        what = f"the file has form {form}, this verifier reads form 1"
    else:
        what = "line 1 is not the header of an evidence file"
    raise NotVerified(what, hint="check that file and key belong together", code="EVIDENCE-HEADER", line=1)


def _open_line(line: bytes, number: int, key: VerifierKey) -> Checkpoint:
    value = read_object(line)
    note = value.get("checkpoint") if value is not None and len(value) == 1 else None
    if not isinstance(note, str) or note.count("\n— ") != 1:
        raise NotVerified(
            f"line {number} is not a checkpoint line with one signature", code="EVIDENCE-CHECKPOINT", line=number
        )
    try:
        return open_checkpoint(note, key)
    except NotVerified as error:
        raise NotVerified(
            f"the checkpoint in line {number} does not hold: {error.message}",
            hint="the file was altered, or signed by another key than the one you pinned",
            code="EVIDENCE-SIGNATURE",
            line=number,
        ) from error


def _open_older(note: str, key: VerifierKey) -> Checkpoint:
    try:
        return open_checkpoint(note, key)
    except NotVerified as error:
        raise NotVerified(
            f"your older checkpoint does not hold by the key you gave: {error.message}",
            hint="give the whole text that you kept, with its signature line",
            code="EVIDENCE-OLDER",
        ) from error


def _wrong_root(replay: Replay, checkpoint: Checkpoint, held: int, line: int) -> NotVerified:
    if checkpoint.size > replay.size:
        return NotVerified(
            f"the checkpoint in line {line} covers {checkpoint.size} entries, the file has {replay.size}: "
            f"{checkpoint.size - replay.size} are missing",
            hint="entries were removed",
            code="EVIDENCE-ROOT",
            entry=replay.size,
            line=line,
        )
    before = f" (those before entry {held} are as signed)" if held else ""
    return NotVerified(
        f"entries {held} to {checkpoint.size - 1} are not the ones that were signed{before}",
        hint="at least one of them was changed, added, removed or moved",
        code="EVIDENCE-ROOT",
        entry=held,
        line=line,
    )


def _not_extended(replay: Replay, older: Checkpoint) -> NotVerified:
    if older.size > replay.size:
        what = f"your older checkpoint covers {older.size} entries, this log has only {replay.size}"
    else:
        what = f"the first {older.size} entries of this log are not those under your older checkpoint"
    return NotVerified(
        f"{what}: its history was rewritten",
        hint="the signature is the company's own; ask them to explain, and keep both files",
        code="EVIDENCE-OLDER",
    )
