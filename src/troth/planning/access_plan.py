"""The plan of a disclosure (Article 15 GDPR): what a copy for each person would hold, mask, name and withhold.

A frozen value like ``plan.Plan``, in the same canonical JSON, with an id of the same kind. It changes no store: what it
does outside is to hand a copy to somebody, and that needs the same approval. It holds no value from a store either.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator, TypeAdapter

from troth.core.canonical import canonical
from troth.planning.plan import KeyQuestion, KeySet, Place, Plan, read_document
from troth.stores.conditions import Condition

Shown: TypeAlias = Literal["given", "own", "masked", "held", "left_out"]
"""``given``: as it is; ``own``: where it is a reference to the person, else masked; ``masked``: somebody else's, a mark
stands for it; ``held``: named with the number of rows that hold it, never read; ``left_out``: nobody has said what it
is."""

Why: TypeAlias = Literal["", "others", "hash", "secret", "encrypted", "undeclared", "reference"]


@dataclass(frozen=True, slots=True)
class Own:
    """When a reference is the person's own: its value is in the key set, in rows that ``when`` is true of."""

    keys: str
    when: tuple[tuple[str, tuple[str | int | bool | None, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One field of the rows. ``item`` is its id in policy.yaml, empty where it is none by itself."""

    name: str
    item: str
    shown: Shown
    why: Why = ""
    own: tuple[Own, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one collection, in the copy of whoever has some. ``rows`` ``own``: the person's; ``others``: of somebody
    else, which mention the person. ``withheld``: the code of the reason why they are counted and not given."""

    id: str
    system: str
    collection: str
    table: str
    rows: Literal["own", "others"]
    where: Condition
    columns: tuple[Column, ...]
    uses: tuple[str, ...]
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class Withheld:
    """What no copy holds, for whatever person: ``reason`` says why, in words; ``code`` is of the law's data."""

    where: str
    code: str
    article: str
    reason: str
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PartCount:
    """How many rows of a part are about the person."""

    part: str
    rows: int


@dataclass(frozen=True, slots=True)
class Answer:
    """One person's copy. ``lines``: the lines of the list of names that fit this person; nothing else tells who it is.
    Without ``known``, nobody of that name was found, and the copy says so."""

    id: str
    lines: tuple[int, ...]
    known: bool
    counts: tuple[PartCount, ...]

    @property
    def rows(self) -> int:
        return sum(count.rows for count in self.counts)

    @property
    def action(self) -> Literal["disclose"]:
        return "disclose"


@dataclass(frozen=True, slots=True)
class ByHandTask:
    """What a person asks for in a system that no store of ours reaches. ``keys`` names the set to look for there."""

    id: str
    person: str
    system: str
    how: str
    keys: str
    rows: int
    uses: tuple[str, ...]

    @property
    def action(self) -> Literal["task"]:
        return "task"


@dataclass(frozen=True)
class AccessPlan:
    """Copies for people who asked, one answer each. ``people``: how many of them were found."""

    format: int
    nonce: str
    kind: Literal["access"]
    at: date
    policy: str
    systems: str
    places: tuple[Place, ...]
    people: int
    keysets: tuple[KeySet, ...]
    questions: tuple[KeyQuestion, ...]
    parts: tuple[Part, ...]
    answers: tuple[Answer, ...]
    tasks: tuple[ByHandTask, ...]
    withheld: tuple[Withheld, ...]
    limits: tuple[str, ...]

    @cached_property
    def id(self) -> str:
        """SHA-256 of the canonical JSON, in hexadecimal."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def to_bytes(self) -> bytes:
        return self._document

    @cached_property
    def _document(self) -> bytes:
        return canonical(_adapter().dump_python(self, mode="json"))

    @property
    def steps(self) -> tuple[Answer | ByHandTask, ...]:
        """What is carried out, in order: a copy for each person, then what people do by hand."""
        return (*self.answers, *self.tasks)

    def part(self, part_id: str) -> Part:
        return next(part for part in self.parts if part.id == part_id)


AnyPlan: TypeAlias = Plan | AccessPlan


def planned(plan: AnyPlan) -> Mapping[str, int]:
    """Rows by what is done with them."""
    found: dict[str, int] = {}
    for step in plan.steps:
        found[step.action] = found.get(step.action, 0) + step.rows
    return found


def read_any_plan(document: bytes) -> AnyPlan:
    """The plan in ``document``, whatever its kind. Raises ``InputError`` when it is none or was altered."""
    return read_document(_any_adapter(), document)


@cache
def _adapter() -> TypeAdapter[AccessPlan]:
    return TypeAdapter(AccessPlan)


@cache
def _any_adapter() -> TypeAdapter[AnyPlan]:
    return TypeAdapter(Annotated[AnyPlan, Discriminator("kind")])
