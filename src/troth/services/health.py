"""How our own database and its evidence are: where, how large, what of people it holds, and whether all agrees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from troth.core.errors import TrothError
from troth.evidence import log
from troth.proofs.note import SignerKey
from troth.register.load import Register
from troth.services.project import Project
from troth.services.recording import Recorder
from troth.services.soundness import problems
from troth.state import disk, holds, keysets, logbook, plans
from troth.state.database import Connection, State
from troth.state.migrations import REVISIONS
from troth.state.sqlite import FileState

READ_WHOLE = 50_000
"""Entries of a log that is read again whole; of a longer one only what was signed last is compared."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that would make the next apply refuse to start, with the code of its error."""

    code: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class KeysHeld:
    """Keys of people that a plan needs until it ends, and when they were written down."""

    plan: str
    keys: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Health:
    """``signed``: entries under the last checkpoint; ``witnessed``: under the one that the witness has. ``whole``: the
    log was read again and agrees with what was signed; None where it is too long for that. ``free``: bytes left on
    the disk, None on a server. ``held``: keys that holds need."""

    where: str
    form: str
    size: int
    entries: int
    signed: int | None
    signed_at: datetime | None
    witness: str
    witnessed: int | None
    whole: bool | None
    file_system: str
    free: int | None
    keys: tuple[KeysHeld, ...]
    held: int
    troubles: tuple[Trouble, ...]


def look(project: Project) -> Health:
    """As ``health``, of a state that is opened for it. Raises ``InputError`` when there is none."""
    register = project.load()
    with project.there(register) as state:
        return health(project, register, state)


def health(project: Project, register: Register, state: State) -> Health:
    """Reads the state, the disk under it and the witness; changes nothing."""
    recorder = Recorder(project, register, state)
    troubles: list[Trouble] = []
    signer = _signer(recorder, troubles)
    with state.reading() as conn:
        last = logbook.last_checkpoint(conn)
        entries = logbook.read_frontier(conn)[0]
        made = {saved.id: saved.made_at for saved in plans.listed(conn)}
        keys = tuple(KeysHeld(plan, count, made[plan]) for plan, count in keysets.held(conn) if count)
        held = sum(len(each) for each in holds.active_keys(conn, project.today(register)).values())
        whole = _whole(conn, signer, entries, troubles) if signer is not None else None
    if signer is not None:
        troubles.extend(_trouble(each) for each in problems(project, register, state, signer, batches=0))
    folder = state.location.parent if isinstance(state, FileState) else None
    return Health(
        where=state.where,
        form=REVISIONS[-1],
        size=state.size(),
        entries=entries,
        signed=last.size if last else None,
        signed_at=last.signed_at if last else None,
        witness=str(recorder.witness.path),
        witnessed=_witnessed(recorder, signer),
        whole=whole,
        file_system=disk.file_system(folder) if folder else "",
        free=disk.free(folder) if folder else None,
        keys=keys,
        held=held,
        troubles=tuple(troubles),
    )


def _signer(recorder: Recorder, troubles: list[Trouble]) -> SignerKey | None:
    try:
        return recorder.signer
    except TrothError as error:
        troubles.append(_trouble(error))
        return None


def _whole(conn: Connection, signer: SignerKey, entries: int, troubles: list[Trouble]) -> bool | None:
    if entries > READ_WHOLE:
        return None
    try:
        log.verify_own(conn, signer.verifier)
    except TrothError as error:
        troubles.append(_trouble(error))
        return False
    return True


def _witnessed(recorder: Recorder, signer: SignerKey | None) -> int | None:
    try:
        note = recorder.witness.read()
        return log.witnessed(note, signer.verifier).size if note is not None and signer is not None else None
    except TrothError:  # told by ``problems``
        return None


def _trouble(error: TrothError) -> Trouble:
    return Trouble(error.code, error.message, error.hint)
