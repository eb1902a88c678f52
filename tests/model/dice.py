"""Choices thrown by a seed: the same seed makes the same world."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Dice:
    random: random.Random

    @classmethod
    def of(cls, seed: int) -> Dice:
        return cls(random.Random(seed))

    def chance(self, percent: int) -> bool:
        """True in so many of a hundred throws; the plain case is the one without."""
        return self.random.randrange(100) >= 100 - percent

    def pick(self, choices: Sequence[T]) -> T:
        return self.random.choice(choices)

    def number(self, least: int, most: int) -> int:
        return self.random.randint(least, most)

    def some(self, choices: Sequence[T], least: int, most: int) -> list[T]:
        """Between ``least`` and ``most`` different ones, in the order given."""
        most = min(most, len(choices))
        at = self.random.sample(range(len(choices)), self.random.randint(min(least, most), most))
        return [choices[place] for place in sorted(at)]
