"""Questions to stores and their answers, as values: planning asks, execution answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from troth.stores.conditions import Condition, Field
from troth.stores.contract import Count


@dataclass(frozen=True, slots=True)
class Draw:
    """Rows are drawn at random, by their key, from a table of about ``of`` rows."""

    key: tuple[Field, ...]
    of: int


@dataclass(frozen=True, slots=True)
class Ask:
    """How many rows of ``table`` in ``system`` meet ``where``, and between which moments ``start`` lies. ``draw``: ask
    about some rows, not all."""

    system: str
    table: str
    where: Condition
    start: Field | None = None
    draw: Draw | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """The question could not be answered; ``reason`` names no value."""

    reason: str


@dataclass(frozen=True, slots=True)
class Sampled:
    """The count among ``drawn`` rows of about ``of``, each as likely to be drawn as any other."""

    count: Count
    drawn: int
    of: int

    @property
    def seen(self) -> str:
        return f"{self.drawn:,} of about {self.of:,} rows, drawn at random"

    @property
    def share(self) -> float:
        """Of all rows, the largest share that the sample would have missed at 95 % confidence (the rule of three)."""
        return 3 / self.drawn


Answers: TypeAlias = Mapping[Ask, Count | Missing]
Measured: TypeAlias = Mapping[Ask, Count | Missing | Sampled]


def counted(answers: Answers, ask: Ask) -> Count | None:
    """The count, or ``None`` when the store could not be asked."""
    answer = answers[ask]
    return answer if isinstance(answer, Count) else None
