"""The physical step of a SQL store: measured first, given up where it would pass its budget, and never believed.

A dialect does it (``physical.py`` beside its server) and says what it could show. Whatever keeps it from being done is
an answer, not an error: what was deleted stays deleted, on the logical level. Only a store that is away is raised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa

from troth.stores.contract import StoreUnavailable
from troth.stores.gone import Budget, Outside, Reason, Shown
from troth.stores.sql.catalog import Table
from troth.stores.sql.problems import problem

RATE = 20 * 2**20
"""Bytes a second that a table is written anew with, indexes included, on a slow disk."""

_REASONS: dict[str, Reason] = {"STORE-BUSY": "busy", "STORE-RIGHTS": "rights", "STORE-FULL": "over_budget"}


@dataclass(frozen=True, slots=True)
class Measured:
    """What a physical step would do and take: its statements, the bytes it writes, seconds in which others may have to
    wait (a guess on the safe side)."""

    statements: tuple[str, ...]
    size: int
    seconds: float
    room: int | None = None
    """Bytes free on the disk, where the store tells."""

    def too_much(self, budget: Budget) -> str:
        """Why the budget does not allow it; empty where it does."""
        if self.size > budget.disk:
            return f"it takes {bytes_words(self.size)} of disk, physical: allows {bytes_words(budget.disk)}"
        if self.room is not None and self.size > self.room:
            return f"it takes {bytes_words(self.size)} of disk, {bytes_words(self.room)} are free"
        if self.seconds > budget.lock:
            return f"others might wait for about {self.seconds:.0f} s, physical: allows {budget.lock} s"
        return ""

    def words(self, budget: Budget) -> str:
        """For people who read a plan."""
        stop = self.too_much(budget)
        end = f"; as things are it will not be done: {stop}" if stop else ""
        lock = f"others wait for {budget.lock} s at most" if self.seconds else "others go on reading and writing"
        return f"{'; '.join(self.statements)} (writes {bytes_words(self.size)} anew; {lock}{end})"


class Physical(Protocol):
    """How a dialect takes its physical step, and where it may keep copies."""

    def outside(self, connection: sa.Connection) -> tuple[Outside, ...]: ...

    def measure(self, connection: sa.Connection, table: Table | None) -> Measured: ...

    def needs(self, connection: sa.Connection, role: str, tables: Sequence[Table]) -> Iterable[str]:
        """What ``role`` has to be allowed for it, as comments beside the grants that plans need: it is much."""
        ...

    def rewrite(self, connection: sa.Connection, table: Table | None, budget: Budget) -> Shown:
        """Do it, on a session of its own, within ``budget``, and say what can be shown afterwards."""
        ...


def written_anew(
    physical: Physical, session: Callable[[], sa.Connection], table: Table | None, budget: Budget,
    errors: tuple[type[BaseException], ...],
) -> Shown:  # fmt: skip
    """The level that the store can show after the step, on a session that ends with it. Raises ``StoreUnavailable``."""
    try:
        with session() as connection:
            try:
                if stop := physical.measure(connection, table).too_much(budget):
                    return Shown("logical", "over_budget", stop)
                connection.rollback()
                return physical.rewrite(connection, table, budget)
            finally:
                connection.invalidate()  # its settings are its own, and end with it
    except errors as error:
        failure = problem(error, changing=True)
    reason = _REASONS.get(failure.code)
    if reason is None and isinstance(failure, StoreUnavailable):
        raise failure
    return Shown("logical", reason or "not_possible", failure.message)


def bytes_words(size: float) -> str:
    """``3.2 MiB``."""
    units = iter(("bytes", "KiB", "MiB", "GiB", "TiB"))
    unit = next(units)
    while size >= 1024 and unit != "TiB":
        size, unit = size / 1024, next(units)
    return f"{size:.1f} {unit}" if unit != "bytes" and size < 100 else f"{size:,.0f} {unit}"
