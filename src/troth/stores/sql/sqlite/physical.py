"""SQLite's physical step: VACUUM writes the whole file anew, and a checkpoint empties its write-ahead file."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import sqlalchemy as sa

from troth.stores.gone import Budget, Outside, Shown
from troth.stores.sql.catalog import Table
from troth.stores.sql.rewriting import RATE, Measured

_WORDS = """
select name from sqlite_schema where type = 'table' and sql like 'create virtual table%using fts_%'"""

_SAMPLES = "select count(*) from sqlite_schema where name in ('sqlite_stat1', 'sqlite_stat3', 'sqlite_stat4')"


class SqlitePhysical:
    def __init__(self, path: Path) -> None:
        self._path = path

    def outside(self, connection: sa.Connection) -> tuple[Outside, ...]:
        pages = (
            "what Troth removes is overwritten (secure_delete); what the application's own changes left there is not;"
            " --physical writes the file anew"
        )
        disk = "the file system writes over them when it needs room"
        copied = "SQLite has none of its own; a program that copies the file is not seen"
        return (
            Outside("freed_pages", "free room in the file", "not_known", pages),
            Outside("freed_disk", "blocks of the disk whose file was removed or cut", "not_known", disk),
            self._journal(str(connection.exec_driver_sql("PRAGMA journal_mode").scalar_one())),
            Outside("server_log", "a log of statements", "measured", "SQLite keeps none", 0),
            Outside("replicas", "replicas", "not_known", copied),
        )

    def _journal(self, mode: str) -> Outside:
        if mode == "wal":
            how = "what changes is in it until a checkpoint; the end of the last connection or --physical empties it"
            return Outside("database_log", "the write-ahead file", "not_known", how)
        if mode == "persist" or any(_size(_beside(self._path, end)) for end in ("-wal", "-journal")):
            how = "what undoes a change may stay in it until the next one; with one there, nothing is called physical"
            return Outside("database_log", "the journal beside the file", "not_known", how)
        return Outside("database_log", "a journal beside the file", "measured", "none is there, or it is empty", 0)

    def measure(self, connection: sa.Connection, table: Table | None) -> Measured:
        """VACUUM needs room for a copy, and as much for the journal that undoes it."""
        size = sum(_size(_beside(self._path, end)) for end in ("", "-wal"))
        room = shutil.disk_usage(self._path.resolve().parent).free
        return Measured(("VACUUM", "wal_checkpoint(TRUNCATE)"), 2 * size, -(-size // RATE), room)

    def needs(self, connection: sa.Connection, role: str, tables: Sequence[Table]) -> Iterable[str]:
        yield "-- The physical step needs no more than this, and twice the file's size on its disk."

    def rewrite(self, connection: sa.Connection, table: Table | None, budget: Budget) -> Shown:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {budget.lock * 1000}")
        if connection.exec_driver_sql(_SAMPLES).scalar_one():
            connection.exec_driver_sql("ANALYZE")
        connection.exec_driver_sql("VACUUM")
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
        left = [file.name for end in ("-wal", "-journal") if _size(file := _beside(self._path, end))]
        if busy or left:
            kept = ", ".join(left) or "its log"
            return Shown("logical", "busy", f"somebody reads the file, so {kept} could not be emptied")
        if words := connection.exec_driver_sql(_WORDS).scalars().all():
            return Shown("logical", "not_shown", f"what the full-text index {', '.join(words)} keeps is not looked at")
        return Shown("physical")


def _beside(path: Path, end: str) -> Path:
    real = path.resolve()
    return real.with_name(real.name + end)


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
