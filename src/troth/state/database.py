"""Our own database: found where it is, brought to the current form, and used in transactions.

SQLAlchemy is imported by this room's modules that touch the database; ``secrets``, ``places``, ``lock``, ``disk`` and
``pseudonyms`` do without it.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Protocol, TypeAlias, assert_never

import sqlalchemy

from troth.core.errors import InputError
from troth.state.lock import Running
from troth.state.migrations import REVISIONS
from troth.state.places import Place, Server
from troth.state.postgresql import ServerState
from troth.state.sqlite import FileState

Connection: TypeAlias = sqlalchemy.Connection
"""What every function of this room takes first: a connection inside a transaction."""

PATIENCE = 10.0
"""Seconds that a transaction waits for another process to finish its own."""


class State(Protocol):
    """Our own database, open. Safe to use from several threads; a transaction belongs to one."""

    where: str
    """For people; never a password."""

    def transaction(self) -> AbstractContextManager[Connection]:
        """A transaction that may write, alone among all processes from its first statement.

        Committed, and on the disk, when the block ends; rolled back when it raises. Raises ``NotReached``
        (``STATE-BUSY``) when another process does not let go in time. Not to be nested.
        """
        ...

    def reading(self) -> AbstractContextManager[Connection]:
        """A look at one moment of the database: nothing can be written, and writers are not kept waiting."""
        ...

    def scrub(self) -> None:
        """Take what was deleted out of the database's live files. Raises ``NotReached`` (``STATE-BUSY``) when somebody
        reads it; then call again. See ``docs/explanation/gone.md`` for what is beyond reach."""
        ...

    def apply_lock(self, plan: str) -> AbstractContextManager[None]:
        """One apply at a time: hold the lock for the length of the block. It dies with this process.

        Raises ``Refused`` (``STATE-LOCKED``) that names the process and plan when another holds it.
        """
        ...

    def running(self) -> Running | None:
        """Who holds the lock now, or None. A holder that has not yet said its name has pid 0."""
        ...

    def size(self) -> int:
        """Bytes on the disk."""
        ...

    def close(self) -> None:
        """Let go of every connection. Idempotent."""
        ...


def open_state(place: Place, *, reading: bool = False, patience: float = PATIENCE) -> FileState | ServerState:
    """Open the database at ``place``; make it, and its folder or schema, unless only ``reading``.

    An older form is migrated first, in one transaction, unless an apply runs (``Refused``). Raises ``InputError``:
    ``STATE-MISSING``, ``STATE-NEWER`` (made by a newer Troth) or ``STATE-FORM`` (not a state of Troth).
    """
    if not reading:
        return _ready(_at(place, patience))
    state = find_state(place, patience=patience)
    if state is None:
        where = _at(place, patience).where
        raise InputError(
            f"there is no state at {where} yet", hint="run troth init, or a first plan", code="STATE-MISSING"
        )
    return state


def find_state(place: Place, *, patience: float = PATIENCE) -> FileState | ServerState | None:
    """The database at ``place``, or None when none was made there yet. Raises like ``open_state``."""
    state = _at(place, patience)
    with _closed_on_error(state):
        if not state.is_missing():
            return _ready(state)
    state.close()
    return None


@contextmanager
def _closed_on_error(state: FileState | ServerState) -> Generator[None]:
    try:
        yield
    except BaseException:
        state.close()
        raise


def _ready(state: FileState | ServerState) -> FileState | ServerState:
    """In the current form."""
    with _closed_on_error(state):
        state.prepare()
        revision = form_of(state)
        if revision != REVISIONS[-1]:
            _migrate(state, in_use=revision is not None)
    return state


def form_of(state: FileState | ServerState) -> str | None:
    """The form the database has, or None of an empty one."""
    with state.reading() as connection:
        tables = state.tables(connection)
        if not tables:
            return None
        if not {"alembic_version", "plans"} <= tables:
            raise InputError(
                f"{state.where} is a database, but no state of Troth's",
                hint="name another place in systems.yaml (state:)",
                code="STATE-FORM",
            )
        revision = str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())
    if revision not in REVISIONS:
        raise InputError(
            f"the state at {state.where} was made by a newer Troth (its form is {revision}, "
            f"this Troth knows up to {REVISIONS[-1]})",
            hint="install that version or a later one: pip install --upgrade troth",
            code="STATE-NEWER",
        )
    return revision


def _at(place: Place, patience: float) -> FileState | ServerState:
    match place:
        case Path():
            return FileState(place, patience)
        case Server():
            return ServerState(place, patience)
        case _:
            assert_never(place)


def _migrate(state: FileState | ServerState, *, in_use: bool) -> None:
    from troth.state.migrate import migrate  # noqa: PLC0415 (Alembic is loaded only when the form differs)

    with state.apply_lock("") if in_use else nullcontext(), state.transaction() as connection:
        migrate(connection)
