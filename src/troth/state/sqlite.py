"""Our own database as a SQLite file.

In write-ahead mode, its commits on the disk when they return, its deleted content overwritten with zeros, and nobody
but its owner able to read it.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, create_engine, event

from troth.core.errors import InputError, NotReached, TrothError
from troth.state import lock

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "secure_delete=ON",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "trusted_schema=OFF",
)


class FileState:
    """The state in the file at ``location``, with the lock beside it. Nothing is opened before the first use."""

    kind = "sqlite"

    def __init__(self, location: Path, patience: float) -> None:
        self.location = location
        self.where = str(location)
        self._engine = _engine(location, patience)

    @contextmanager
    def transaction(self) -> Generator[Connection]:
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    @contextmanager
    def reading(self) -> Generator[Connection]:
        with self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only=ON")
            try:
                connection.exec_driver_sql("BEGIN")
                yield connection
            finally:
                connection.rollback()
                connection.exec_driver_sql("PRAGMA query_only=OFF")

    def scrub(self) -> None:
        """Empty the write-ahead file, so that what was deleted is in none of our files any more."""
        with self._engine.connect() as connection:
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        if busy:
            raise NotReached(
                "deleted keys may still be in the write-ahead file: another process is reading the state",
                hint="run the command again when that process has ended",
                code="STATE-BUSY",
            )

    def apply_lock(self, plan: str) -> AbstractContextManager[None]:
        return lock.apply_lock(self.location, plan)

    def running(self) -> lock.Running | None:
        return lock.running(self.location)

    def close(self) -> None:
        self._engine.dispose()

    def is_missing(self) -> bool:
        """Whether there is no file yet, or an empty one."""
        try:
            return self.location.stat().st_size == 0
        except FileNotFoundError:
            return True
        except OSError as error:
            raise _unusable(self.location, error) from error

    def prepare(self) -> None:
        """The folder for its owner alone when we make it; the file always. SQLite gives ``-wal`` and ``-shm`` its
        mode. A file that is there is never opened here: closing it would drop the locks that this process's other
        connections have on it, and another process could then take away the write-ahead file they write to."""
        try:
            if not self.location.parent.is_dir():
                self.location.parent.mkdir(mode=0o700, parents=True)
            with suppress(FileExistsError):
                os.close(os.open(self.location, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            if self.location.stat().st_mode & 0o077:
                self.location.chmod(0o600)
        except OSError as error:
            raise _unusable(self.location, error) from error

    def tables(self, connection: Connection) -> set[str]:
        return set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars())

    def size(self) -> int:
        """Bytes of the file and of what belongs to it."""
        beside = (self.location.with_name(self.location.name + end) for end in ("", "-wal", "-shm"))
        return sum(file.stat().st_size for file in beside if file.exists())


def _unusable(location: Path, error: OSError) -> InputError:
    return InputError(
        f"the state at {location} cannot be used: {error.strerror}",
        hint="it must be a file, in a folder, that this user may write",
        code="STATE-FILE",
    )


def _engine(location: Path, patience: float) -> Engine:
    url = URL.create("sqlite", database=str(location))
    engine = create_engine(url, connect_args={"isolation_level": None, "timeout": patience})

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
