"""How gone something is, and where it may still be: what any kind of store can say of itself.

*Logical*: no query finds it. *Physical*: it is not in the store's live files either. Whatever the level, copies may lie
outside: logs of the store, replicas, backups. Each is listed with the days after which it is gone there, or with what
would make that known; a list that is empty means that nobody asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

Level: TypeAlias = Literal["logical", "physical"]

Place: TypeAlias = Literal[
    "freed_pages", "freed_disk", "database_log", "server_log", "replicas", "snapshots", "backups", "copies", "other"
]
"""``freed_pages``: room in the live files that waits to be written over; ``freed_disk``: blocks of the disk whose file
was removed; ``database_log``: what the store can be restored or followed with; ``server_log``: what it tells those who
run it; ``snapshots``: files that it writes now and then; ``copies``: exports, what people took elsewhere."""

Known: TypeAlias = Literal["measured", "declared", "not_known"]

Reason: TypeAlias = Literal["not_asked", "not_possible", "over_budget", "rights", "busy", "held_back", "not_shown"]
"""Why something is gone on the logical level alone."""


@dataclass(frozen=True, slots=True)
class Outside:
    """One place outside of what the level is about. ``days``: gone there so many days after the change, 0 where nothing
    is kept at all; ``None``: not known, and ``how`` says what would make it known; else ``how`` says how it is."""

    place: Place
    what: str
    known: Known
    how: str
    days: int | None = None

    def until(self, day: date) -> date | None:
        """The last day on which it may be there, when the change was on ``day``."""
        return None if self.days is None else day + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Budget:
    """What a physical step may take: seconds in which others wait for its lock, bytes of disk that it needs at once."""

    lock: int
    disk: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What a physical step came to: its level, and for *logical* why, as a word and for people."""

    level: Level
    reason: Reason | None = None
    why: str = ""


NOT_ASKED = Shown("logical", "not_asked")


def days_of(seconds: float) -> int:
    """Whole days that cover ``seconds``."""
    return -int(-seconds // 86_400)
