"""Our own database: opened, brought to the current form, and used in transactions.

A SQLite file in write-ahead mode whose commits are on the disk when they return, whose deleted content is overwritten
with zeros, and which nobody but its owner can read. SQLAlchemy is imported by this room's modules that touch the
database; ``secrets``, ``lock`` and ``pseudonyms`` do without it.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TypeAlias

import sqlalchemy
from sqlalchemy import URL, Engine, create_engine, event

from troth.core.errors import InputError, NotReached, TrothError
from troth.state.lock import apply_lock
from troth.state.migrations import REVISIONS

Connection: TypeAlias = sqlalchemy.Connection
"""What every function of this room takes first: a connection inside a transaction."""

PATIENCE = 10.0
"""Seconds that a transaction waits for another process to finish its own."""

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "secure_delete=ON",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "trusted_schema=OFF",
)


class State:
    """Our own database, open. Safe to use from several threads; a transaction belongs to one."""

    def __init__(self, location: Path, engine: Engine) -> None:
        self.location = location
        self._engine = engine

    @contextmanager
    def transaction(self) -> Generator[Connection]:
        """A transaction that may write, alone among all processes from its first statement (``BEGIN IMMEDIATE``).

        Committed, and on the disk, when the block ends; rolled back when it raises. Raises ``NotReached``
        (``STATE-BUSY``) when another process does not let go in time. Not to be nested.
        """
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A look at one moment of the database: nothing can be written, and writers are not kept waiting."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only=ON")
            try:
                connection.exec_driver_sql("BEGIN")
                yield connection
            finally:
                connection.rollback()
                connection.exec_driver_sql("PRAGMA query_only=OFF")

    def scrub(self) -> None:
        """Empty the write-ahead file, so that what was deleted is in none of our files any more.

        Raises ``NotReached`` (``STATE-BUSY``) when a reader keeps it; then call again.
        """
        with self._engine.connect() as connection:
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        if busy:
            raise NotReached(
                "deleted keys may still be in the write-ahead file: another process is reading the state",
                hint="run the command again when that process has ended",
                code="STATE-BUSY",
            )

    def close(self) -> None:
        """Let go of every connection. Idempotent."""
        self._engine.dispose()


def open_state(location: Path, *, reading: bool = False) -> State:
    """Open the database at ``location``; make it, and its folder, unless only ``reading``.

    An older form is migrated first, in one transaction, unless an apply runs (``Refused``). Raises ``InputError``:
    ``STATE-MISSING``, ``STATE-NEWER`` (made by a newer Troth) or ``STATE-FORM`` (not a state of Troth).
    """
    if reading and _is_missing(location):
        raise InputError(
            f"there is no state at {location} yet", hint="run troth init, or a first plan", code="STATE-MISSING"
        )
    _make_private(location)
    engine = _engine(location)
    state = State(location, engine)
    try:
        revision = _revision(engine, location)
        if revision != REVISIONS[-1]:
            _migrate(state, in_use=revision is not None)
    except BaseException:
        state.close()
        raise
    return state


def _is_missing(location: Path) -> bool:
    try:
        return location.stat().st_size == 0
    except FileNotFoundError:
        return True
    except OSError as error:
        raise _unusable(location, error) from error


def _make_private(location: Path) -> None:
    """The folder for its owner alone when we make it; the file always. SQLite gives ``-wal`` and ``-shm`` its mode."""
    try:
        if not location.parent.is_dir():
            location.parent.mkdir(mode=0o700, parents=True)
        os.close(os.open(location, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        if location.stat().st_mode & 0o077:
            location.chmod(0o600)
    except OSError as error:
        raise _unusable(location, error) from error


def _unusable(location: Path, error: OSError) -> InputError:
    return InputError(
        f"the state at {location} cannot be used: {error.strerror}",
        hint="it must be a file, in a folder, that this user may write",
        code="STATE-FILE",
    )


def _engine(location: Path) -> Engine:
    url = URL.create("sqlite", database=str(location))
    engine = create_engine(url, connect_args={"isolation_level": None, "timeout": PATIENCE})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlalchemy.engine.interfaces.DBAPIConnection, _: object) -> None:
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "handle_error")
    def translate(context: sqlalchemy.ExceptionContext) -> None:
        known = _known_error(location, str(context.original_exception))
        if known is not None:
            raise known from context.original_exception

    return engine


def _known_error(location: Path, said: str) -> TrothError | None:
    if "is locked" in said or "is busy" in said:
        return NotReached(
            "our own database is busy: another process has been writing to it for too long",
            hint="nothing was written; try again when that process has ended",
            code="STATE-BUSY",
        )
    if "disk is full" in said or "disk I/O" in said:
        return NotReached(
            f"our own database cannot be written: {said}",
            hint=f"make room on the disk of {location}, then resume; nothing half done was kept",
            code="STATE-DISK",
        )
    if "readonly" in said or "unable to open" in said:
        return InputError(
            f"the state at {location} cannot be used: {said}",
            hint="it must be a file, in a folder, that this user may write",
            code="STATE-FILE",
        )
    if "not a database" in said or "malformed" in said:
        return InputError(
            f"{location} is damaged, or no state of Troth's: {said}",
            hint="restore it from a backup, or name another file in systems.yaml (state:)",
            code="STATE-FORM",
        )
    return None


def _revision(engine: Engine, location: Path) -> str | None:
    """The form the database has, or None of an empty one."""
    with engine.connect() as connection:
        tables = set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars())
        if "alembic_version" in tables and "plans" in tables:
            revision = str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())
        elif tables:
            raise InputError(
                f"{location} is a database, but no state of Troth's",
                hint="name another file in systems.yaml (state:)",
                code="STATE-FORM",
            )
        else:
            return None
    if revision not in REVISIONS:
        raise InputError(
            f"the state at {location} was made by a newer Troth (its form is {revision}, "
            f"this Troth knows up to {REVISIONS[-1]})",
            hint="install that version or a later one: pip install --upgrade troth",
            code="STATE-NEWER",
        )
    return revision


def _migrate(state: State, *, in_use: bool) -> None:
    from troth.state.migrate import migrate  # noqa: PLC0415 (Alembic is loaded only when the form differs)

    with apply_lock(state.location, "") if in_use else nullcontext(), state.transaction() as connection:
        migrate(connection)
