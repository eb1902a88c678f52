"""Chance and time: every table has its own source of chance, so that a change to one leaves the others as they were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from random import Random
from typing import TypeAlias, TypeVar

T = TypeVar("T")
Row: TypeAlias = tuple[object, ...]

YEARS = 12
"""How long the company has had customers."""

_CLOCK = tuple(f"{h:02}:{m:02}:{s:02}" for h in range(24) for m in range(60) for s in range(60))
_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True)
class World:
    """How large, from which seed, and which day is the last. Days are counted from the first (0) to ``today``."""

    seed: int
    customers: int
    as_of: date

    def chance(self, table: str) -> Chance:
        return Chance(f"{self.seed}:{table}")

    @cached_property
    def today(self) -> int:
        return (self.as_of - self.first).days

    @cached_property
    def first(self) -> date:
        year = self.as_of.year - YEARS
        return date(year, self.as_of.month, min(self.as_of.day, 28))

    def days(self) -> tuple[str, ...]:
        """Each day as it is written, from the first to today."""
        return tuple((self.first + timedelta(days=day)).isoformat() for day in range(self.today + 1))

    def months(self) -> Iterator[int]:
        """The first day of each whole month."""
        day = self.first
        while (day := (day.replace(day=1) + timedelta(days=32)).replace(day=1)) <= self.as_of:
            yield (day - self.first).days


class Chance(Random):
    """A seeded source that is quick at what a million rows need."""

    def of(self, choices: Sequence[T]) -> T:
        return choices[int(self.random() * len(choices))]

    def below(self, limit: int) -> int:
        return int(self.random() * limit)

    def once_in(self, number: float) -> bool:
        return self.random() * number < 1

    def clock(self) -> str:
        """A time of day, mostly of a working day."""
        return _CLOCK[28800 + int(self.random() * 36000) if self.random() < 0.8 else int(self.random() * 86400)]

    def text(self, length: int) -> str:
        return "".join(self.choices(_ALPHABET, k=length))

    def ip(self) -> str:
        """An address of the ranges kept free for measuring and documentation."""
        if self.once_in(12):
            return f"2001:db8:{self.below(65536):x}:{self.below(65536):x}::{self.below(65535) + 1:x}"
        return f"198.{18 + self.below(2)}.{self.below(256)}.{self.below(254) + 1}"

    def phone(self) -> str:
        if self.once_in(6):
            return f"+44 7700 900{self.below(1000):03}"
        return f"+33 6 39 98 {self.below(100):02} {self.below(100):02}"
