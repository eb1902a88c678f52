"""troth state backup and restore: a copy of our own database, as a file of the same form wherever it came from."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from troth.core.durable import sync_folder
from troth.core.errors import InputError, Refused
from troth.evidence import log
from troth.proofs.errors import NotVerified
from troth.services.project import Project
from troth.services.recording import Recorder
from troth.state import keysets, logbook
from troth.state.copying import copy_all
from troth.state.database import Connection, State, open_state


@dataclass(frozen=True, slots=True)
class BackedUp:
    """``entries`` of the log, all under the checkpoint ``note``; ``keys`` of people that open plans and holds need."""

    file: Path
    entries: int
    note: str
    keys: int


@dataclass(frozen=True, slots=True)
class Restored:
    """``lost``: entries that were known of and are not in the copy."""

    where: str
    entries: int
    lost: int


def back_up(project: Project, file: Path) -> BackedUp:
    """Write the state as it is at one moment to ``file``, for its owner alone; a run may be at work meanwhile.

    Signed before, and read again and verified before it takes its name. Raises ``InputError`` (``BACKUP-FILE``) for a
    file that is there already or cannot be written.
    """
    if file.exists():
        raise InputError(
            f"{file} is there already", hint="a backup replaces nothing: name a new file", code="BACKUP-FILE"
        )
    register = project.load()
    with project.there(register) as state, _folder_beside(file) as folder:
        recorder = Recorder(project, register, state)
        recorder.sign()
        copy = folder / "state.db"
        with closing(open_state(copy)) as target, state.reading() as source, target.transaction() as conn:
            copy_all(source, conn)
        with closing(open_state(copy)) as target, target.reading() as conn:
            entries = log.verify_own(conn, recorder.signer.verifier).entries
            keys = sum(count for _, count in keysets.held(conn))
            last = logbook.last_checkpoint(conn)
        copy.replace(file)
        sync_folder(file.parent)
    return BackedUp(file, entries, last.note if last else "", keys)


def restore(project: Project, file: Path, lose: int | None) -> Restored:
    """Put a backup in the place that systems.yaml names, which may be of the other kind.

    Raises ``Refused`` (``RESTORE-LOSES``) when more entries are known than are in it, unless ``lose`` is how many;
    ``InputError`` (``BACKUP-FORM``) for a file that is no whole copy of this project's state.
    """
    register = project.load()
    with _opened(file) as source, project.state(register) as target, target.apply_lock(""):
        recorder = Recorder(project, register, target)
        with source.reading() as conn:
            kept = _verified(file, conn, recorder)
            lost = max(_known(recorder, conn, target) - kept, 0)
            if lost != (lose or 0):
                raise Refused(
                    f"{file} holds {kept} entries of evidence; {lost} that came after them would be lost",
                    hint=f"look for a newer backup; if there is none: troth state restore {file} --lose {lost}",
                    code="RESTORE-LOSES",
                )
            with target.transaction() as into:
                copy_all(conn, into)
                recorder.state_restored(into, kept, lost)
        recorder.sign()
        target.scrub()
        return Restored(target.where, kept, lost)


def _known(recorder: Recorder, copy: Connection, target: State) -> int:
    """How many entries are known of here. Raises ``Refused`` where the copy is of another history."""
    with target.reading() as conn:
        known = logbook.read_frontier(conn)[0]
        last = logbook.last_checkpoint(conn)
    for note in filter(None, (recorder.witness.read(), last.note if last else None)):
        seen = log.witnessed(note, recorder.signer.verifier)
        known = max(known, seen.size)
        if seen.size <= logbook.read_frontier(copy)[0]:
            log.refuse_if_older(copy, note, recorder.signer.verifier)
    return known


def _verified(file: Path, conn: Connection, recorder: Recorder) -> int:
    try:
        return log.verify_own(conn, recorder.signer.verifier).entries
    except NotVerified as error:
        raise InputError(
            f"the evidence in {file} does not hold: {error.message}",
            hint="restore another backup, with the evidence key of this project in place",
            code="BACKUP-FORM",
        ) from error


@contextmanager
def _opened(file: Path) -> Generator[State]:
    """A private copy of the backup, brought to the present form; the backup itself stays as it is."""
    with tempfile.TemporaryDirectory(prefix="troth-restore-") as name:
        copy = Path(name) / "state.db"
        try:
            for end in ("", "-wal"):
                if not end or file.with_name(file.name + end).exists():
                    shutil.copyfile(file.with_name(file.name + end), copy.with_name(copy.name + end))
        except OSError as error:
            hint = "name a file that troth state backup wrote"
            raise InputError(f"{file} cannot be read: {error.strerror}", hint=hint, code="BACKUP-FILE") from error
        try:
            opened = open_state(copy, reading=True)
        except InputError as error:
            raise InputError(
                f"{file} is no backup that this Troth can use: {error.message.replace(str(copy), str(file))}",
                hint="name a file that troth state backup wrote, and use the same or a later version",
                code="BACKUP-FORM",
            ) from error
        with closing(opened) as state:
            yield state


@contextmanager
def _folder_beside(file: Path) -> Generator[Path]:
    """A folder that nobody else may look into, on the disk where ``file`` will be."""
    try:
        with tempfile.TemporaryDirectory(prefix=f".{file.name}.", dir=file.parent) as name:
            yield Path(name)
    except OSError as error:
        raise InputError(
            f"{file} cannot be written: {error.strerror}",
            hint="name a file in a folder that you may write, with room for the state",
            code="BACKUP-FILE",
        ) from error
