"""Would what a run writes down be lost? Asked before it changes anything, and by ``troth status``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from troth.core.errors import NotReached, Refused, TrothError
from troth.evidence import log
from troth.proofs.note import SignerKey
from troth.register.load import Register
from troth.services.project import Project
from troth.services.witness import Witness
from troth.state import disk
from troth.state.database import State
from troth.state.sqlite import FileState

EPHEMERAL_MEANT = "TROTH_EPHEMERAL_STATE"
"""The environment variable whose value ``meant`` says that the state may be lost with its machine."""

ROOM = 256 << 10
ROOM_PER_BATCH = 4 << 10
"""Bytes that a run writes at most, once and for each batch: entry, record, their indexes, and both again in the
write-ahead file."""


def refuse_if_lost(project: Project, register: Register, state: State, signer: SignerKey, batches: int) -> None:
    """Raise the first of ``problems``."""
    for problem in problems(project, register, state, signer, batches):
        raise problem


def problems(
    project: Project, register: Register, state: State, signer: SignerKey, batches: int
) -> Iterator[TrothError]:
    """What speaks against starting a run of so many batches now, the worst first."""
    yield from _said(lambda: _refuse_if_older(Witness(project, register), state, signer))
    if isinstance(state, FileState):
        yield from _said(lambda: _refuse_if_ephemeral(project, state))
        yield from _said(lambda: _refuse_without_room(state, ROOM + batches * ROOM_PER_BATCH))


def _said(check: Callable[[], None]) -> Iterator[TrothError]:
    try:
        check()
    except TrothError as error:
        yield error


def _refuse_if_older(witness: Witness, state: State, signer: SignerKey) -> None:
    note = witness.read()
    if note is not None:
        with state.reading() as conn:
            log.refuse_if_older(conn, note, signer.verifier)


def ephemeral(state: State) -> str:
    """The type of the file system that the state would be lost with, or nothing."""
    found = disk.file_system(state.location.parent) if isinstance(state, FileState) else ""
    return found if found in disk.EPHEMERAL else ""


def _refuse_if_ephemeral(project: Project, state: FileState) -> None:
    if (found := ephemeral(state)) and project.environ.get(EPHEMERAL_MEANT) != "meant":
        raise Refused(
            f"the state at {state.where} is on a disk that goes with its machine or container ({found}); with it would "
            "go the evidence and what a stopped run needs to go on",
            hint="name a place that lasts in systems.yaml (state:), such as a volume or PostgreSQL; where it is meant, "
            f"as in a test: export {EPHEMERAL_MEANT}=meant",
            code="STATE-EPHEMERAL",
        )


def _refuse_without_room(state: FileState, needed: int) -> None:
    room = disk.free(state.location.parent)
    if room < needed:
        raise NotReached(
            f"the disk of {state.where} has {room >> 10:,} KiB left; the records of the run may take {needed >> 10:,}",
            hint="make room, then try again; nothing was changed",
            code="STATE-ROOM",
        )
