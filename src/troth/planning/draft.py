"""A plan before its numbers are known: steps in order, each with the question whose answer is its row count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from troth.planning.asks import Ask
from troth.planning.plan import Action, KeyQuestion
from troth.planning.world import World
from troth.stores.conditions import (
    Blank,
    Condition,
    Field,
)
from troth.systems.model import Use

Causes: TypeAlias = tuple[tuple[str, Ask], ...]
"""Reasons why rows stay, each with the question how many it keeps: one that keeps none is not said."""


@dataclass(frozen=True, slots=True)
class DraftStep:
    """A step whose ``rows`` will be the answer to ``ask``. ``uses`` are the purposes that ended."""

    system: str
    collection: str
    table: str
    action: Action
    where: Condition
    ask: Ask
    sweep: Condition | None
    blanks: tuple[tuple[Field, Blank], ...]
    uses: tuple[Use, ...]
    notes: tuple[str, ...] = ()
    checks: tuple[tuple[str, Ask], ...] = ()
    """(rule of the store, question how many rows would break it): any row means that the step must not start."""
    how: str = ""
    keys: str = ""
    left: Condition | None = None
    """Rows that should go, whatever keeps them now; counted after the step. ``None``: ``where``."""
    all_asked: Ask | None = None
    """``left`` as it was at planning time: more rows than the step's are rows that something keeps."""
    stays: Causes = ()
    """Why the rows are not deleted."""
    slow: tuple[str, ...] = ()
    """Notes that matter for many rows."""


@dataclass(frozen=True, slots=True)
class DraftRetained:
    """Rows that stay for ``use``; ``ask`` counts them and asks for the latest start, ``unknown`` counts those of them
    that have none."""

    collection: str
    ask: Ask
    use: Use
    code: str
    article: str
    fields: tuple[str, ...] = ()
    unknown: Ask | None = None


@dataclass(frozen=True, slots=True)
class DraftBlocked:
    """Rows that are due and cannot be changed; counted when ``ask`` is there. ``causes`` say more than ``reason``."""

    collection: str
    code: str
    reason: str
    ask: Ask | None
    uses: tuple[Use, ...] = ()
    causes: Causes = ()


@dataclass(slots=True)
class Draft:
    """What planning has so far. ``questions`` are asked first, in their order; they fill the key sets."""

    world: World
    kind: str
    questions: dict[str, KeyQuestion] = field(default_factory=dict)
    steps: list[DraftStep] = field(default_factory=list)
    retained: list[DraftRetained] = field(default_factory=list)
    blocked: list[DraftBlocked] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)

    @property
    def asks(self) -> tuple[Ask, ...]:
        found: dict[Ask, None] = {}
        for step in self.steps:
            found[step.ask] = None
            found.update({ask: None for _, ask in step.checks})
            found.update({ask: None for _, ask in step.stays})
            if step.all_asked is not None:
                found[step.all_asked] = None
        for kept in self.retained:
            found.update({ask: None for ask in (kept.ask, kept.unknown) if ask is not None})
        for item in self.blocked:
            found.update({ask: None for _, ask in item.causes})
            if item.ask is not None:
                found[item.ask] = None
        return tuple(found)

    def want(self, questions: Iterable[KeyQuestion]) -> None:
        for question in questions:
            self.questions.setdefault(question.name, question)
