"""Questions to stores and their answers, as values: planning asks, execution answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from troth.stores.conditions import Condition, Field
from troth.stores.contract import Count


@dataclass(frozen=True, slots=True)
class Ask:
    """How many rows of ``table`` in ``system`` meet ``where``, and between which moments ``start`` lies."""

    system: str
    table: str
    where: Condition
    start: Field | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """The question could not be answered; ``reason`` names no value."""

    reason: str


Answers: TypeAlias = Mapping[Ask, Count | Missing]


def counted(answers: Answers, ask: Ask) -> Count | None:
    """The count, or ``None`` when the store could not be asked."""
    answer = answers[ask]
    return answer if isinstance(answer, Count) else None
