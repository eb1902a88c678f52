"""The log: entries appended in the caller's transaction, checkpoints signed over them, files written for auditors.

An entry and the record it is about are committed together or not at all. Appending reads the tree's frontier, not the
entries; whether both still agree is ``verify_own``'s to say.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from troth.core.canonical import canonical
from troth.core.durable import durable_file
from troth.core.errors import InputError, NotReached, Refused
from troth.evidence.entries import Entry
from troth.proofs.checkpoint import Checkpoint, open_checkpoint
from troth.proofs.errors import NotVerified
from troth.proofs.file import checkpoint_line, header_line
from troth.proofs.merkle import Frontier, leaf_hash
from troth.proofs.note import SignerKey, VerifierKey
from troth.proofs.replay import Replay
from troth.state import logbook
from troth.state.database import Connection
from troth.state.logbook import SignedCheckpoint


@dataclass(frozen=True, slots=True)
class Exported:
    """What a file holds. ``unsigned`` entries came after the last checkpoint and are not in it."""

    entries: int
    checkpoints: int
    unsigned: int


@dataclass(frozen=True, slots=True)
class OwnLog:
    """Our own log, found whole: its entries, and how many of them the last checkpoint covers."""

    entries: int
    signed: int
    checkpoints: int


def append(conn: Connection, entry: Entry) -> int:
    """Add an entry in the caller's transaction and return its number (from 0).

    Raises ``ValueError`` when the entry stands on an approval that is not in the log for its plan: that is a bug, and
    such a log would not verify.
    """
    frontier = _frontier(conn)
    document = canonical(entry.to_json())
    approval = getattr(entry, "approval", None)
    if approval is not None:
        _check_approval(conn, approval, entry)
    logbook.write_entry(conn, frontier.size, document, frontier.append(leaf_hash(document)).to_bytes())
    return frontier.size


def checkpoint(conn: Connection, signer: SignerKey, now: datetime) -> SignedCheckpoint:
    """Sign the log as it is and keep the checkpoint; the last one again when nothing came since.

    Raises ``Refused`` (``LOG-KEY``) when the last checkpoint is by another key: a log has one.
    """
    frontier = _frontier(conn)
    last = logbook.last_checkpoint(conn)
    if last is not None:
        _check_key(last, signer)
        if last.size > frontier.size:
            raise _tampered(f"its last checkpoint covers {last.size} entries, it has {frontier.size}")
        if last.size == frontier.size:
            return last
    note = Checkpoint(signer.name, frontier.size, frontier.root()).signed(signer)
    signed = SignedCheckpoint(frontier.size, note, now)
    logbook.write_checkpoint(conn, signed)
    return signed


def refuse_if_older(conn: Connection, witness: str, key: VerifierKey) -> None:
    """``witness`` is the last checkpoint that was written down elsewhere. Raises ``Refused`` (``STATE-OLDER``) when the
    log does not hold it: it was put back from an older copy, or it is another log of the same name."""
    seen = witnessed(witness, key)
    size = logbook.read_frontier(conn)[0]
    if size < seen.size:
        raise Refused(
            f"our own database is older than its witness: it has {size} entries of evidence, {seen.size} were signed",
            hint="it was put back from an older copy, or is another one: restore the newest (troth state restore)",
            code="STATE-OLDER",
        )
    if witness not in {each.note for each in logbook.checkpoints(conn)}:
        raise Refused(
            f"our own database has another history than its witness, a checkpoint over {seen.size} entries",
            hint="two states were used under one name: keep both, find out which one is right, and restore that",
            code="STATE-OLDER",
        )


def witnessed(note: str, key: VerifierKey) -> Checkpoint:
    """What a witness says. Raises ``Refused`` (``STATE-WITNESS``) for one that is not by this log's key."""
    try:
        return open_checkpoint(note, key)
    except NotVerified as error:
        raise Refused(
            f"the witness is no checkpoint by this log's key: {error.message}",
            hint="put back the key or the witness that belongs to this log; move away one that is another log's",
            code="STATE-WITNESS",
        ) from error


def export(conn: Connection, path: Path) -> Exported:
    """Write the file for auditors, whole or not at all: header, signed entries, every checkpoint.

    Entries after the last checkpoint are left out; sign first. Raises ``Refused`` (``LOG-UNSIGNED``) without any
    checkpoint, ``InputError`` or ``NotReached`` when the file cannot be written.
    """
    signed = logbook.checkpoints(conn)
    if not signed:
        raise Refused("the log was never signed", hint="sign a checkpoint first", code="LOG-UNSIGNED")
    last = signed[-1]
    with _exported(path) as stream:
        stream.write(header_line(last.note.partition("\n")[0]))
        for _, document in logbook.entries(conn, 0, last.size):
            stream.write(document + b"\n")
        for each in signed:
            stream.write(checkpoint_line(each.note))
    return Exported(last.size, len(signed), logbook.read_frontier(conn)[0] - last.size)


def entries(conn: Connection, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, bytes]]:
    """(number, canonical JSON) of entries, in order, for showing."""
    return logbook.entries(conn, start, stop)


def verify_own(conn: Connection, key: VerifierKey) -> OwnLog:
    """Read the whole log again and compare it with its frontier and with every checkpoint signed by ``key``.

    Raises ``NotVerified`` (``LOG-TAMPERED``, or a code of the offline verifier) when they disagree.
    """
    replay = Replay()
    for number, document in logbook.entries(conn):
        if number != replay.size:
            raise _tampered(f"entry {replay.size} is missing", replay.size)
        replay.add(document)
    frontier = _frontier(conn)
    signed = logbook.checkpoints(conn)
    roots = replay.roots_at({frontier.size, *(each.size for each in signed)})
    if frontier.size != replay.size or roots.get(frontier.size) != frontier.root():
        raise _tampered(f"its tree is of {frontier.size} entries, and not that of the {replay.size} it has")
    held = 0
    for each in signed:
        opened = open_checkpoint(each.note, key)
        if opened.size != each.size or roots.get(opened.size) != opened.root:
            raise _tampered(f"entries {held} to {opened.size - 1} are not the ones that were signed", held)
        held = opened.size
    return OwnLog(replay.size, held, len(signed))


def _frontier(conn: Connection) -> Frontier:
    size, nodes = logbook.read_frontier(conn)
    try:
        return Frontier.from_bytes(size, nodes)
    except ValueError as error:
        raise _tampered("the stored tree is damaged") from error


def _check_approval(conn: Connection, approval: int, entry: Entry) -> None:
    document = logbook.entry(conn, approval)
    if document is not None:
        approved = json.loads(document)
        if approved["kind"] == "approved" and approved["plan"] == getattr(entry, "plan", None):
            return
    raise ValueError(f"a {entry.kind} entry stands on entry {approval}, which is no approval of its plan")


def _check_key(last: SignedCheckpoint, signer: SignerKey) -> None:
    try:
        open_checkpoint(last.note, signer.verifier)
    except NotVerified as error:
        raise Refused(
            f"the last checkpoint, over {last.size} entries, is not by this key: {error.message}",
            hint="a log has one key; put back the signer key it was begun with",
            code="LOG-KEY",
        ) from error


@contextmanager
def _exported(path: Path) -> Generator[BinaryIO]:
    try:
        with durable_file(path) as stream:
            yield stream
    except OSError as error:
        what = f"{path} cannot be written: {error.strerror}"
        if error.errno == errno.ENOSPC:
            raise NotReached(what, hint="make room on that disk", code="EVIDENCE-WRITE") from error
        raise InputError(what, hint="name a file in a folder you may write", code="EVIDENCE-WRITE") from error


def _tampered(what: str, entry: int | None = None) -> NotVerified:
    return NotVerified(
        f"our own log was changed outside Troth: {what}",
        hint="keep the state as it is, compare it with a backup and with exported evidence, and find out who wrote it",
        code="LOG-TAMPERED",
        entry=entry,
    )
