"""Time is an argument: code asks a ``Clock``; only the command's edge knows the system's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still: for tests and for looking as of a moment."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant.astimezone(UTC)
