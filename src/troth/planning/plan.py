"""The plan: a frozen value, its canonical JSON, and its id. What is shown, approved and applied is this value.

It holds numbers, names of fields and the company's own sentences, never a value from a store; people are in it as
key sets, each known by its size and a keyed digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from typing import Literal, Protocol, TypeAlias, TypeVar

from pydantic import TypeAdapter, ValidationError

from troth.core.canonical import canonical
from troth.core.errors import InputError
from troth.stores.conditions import Blank, Condition, Field
from troth.stores.gone import Budget, Level, Outside

FORMAT = 1

T = TypeVar("T", bound="Document")

Action: TypeAlias = Literal["delete", "mask", "detach", "refresh", "task", "rewrite"]


@dataclass(frozen=True, slots=True)
class Because:
    """Why: the promise, the sentence it quotes, and the article or statute."""

    promise: str
    sentence: str
    article: str


@dataclass(frozen=True, slots=True)
class KeySet:
    """A set of references to rows that was written down with the plan: how many, and a keyed digest of them."""

    name: str
    count: int
    digest: str


@dataclass(frozen=True, slots=True)
class KeyQuestion:
    """Where a key set comes from: ``fields`` of the rows ``where`` in ``table``. Asked in the plan's order, since one
    may build on another. ``recheck``: rows for which this is true have ceased to be due; asked again before a batch
    when the set is used in another store."""

    name: str
    system: str
    table: str
    where: Condition
    fields: tuple[Field, ...]
    recheck: Condition | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One change on one collection, carried out in batches.

    ``where`` is tested again in each batch's own statement. ``counted`` is what ``rows`` was counted with at planning
    time, when the steps before it had not been carried out. ``sweep`` is what is looked for after the last step.
    """

    id: str
    system: str
    collection: str
    table: str
    action: Action
    where: Condition
    counted: Condition
    sweep: Condition | None
    rows: int
    oldest: datetime | None
    blanks: tuple[tuple[Field, Blank], ...]
    because: tuple[Because, ...]
    notes: tuple[str, ...] = ()
    how: str = ""
    keys: str = ""
    """For a task: the key set that names what to look for."""
    left: Condition | None = None
    """Rows that should go, whatever keeps them: counted after the step, less the ``kept`` ones that were known to be
    kept by references or holds when the plan was made. ``None``: ``where``."""
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Retained:
    """Rows that stay, and why. ``code`` is a reason of the law's data (``R-17-3-B``); ``until`` the last day of the
    latest row when a date is known, else ``event`` says until what."""

    collection: str
    rows: int
    code: str
    because: Because
    until: date | None
    event: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Blocked:
    """Rows that are due and that this plan cannot change: the store or the files do not allow it. Never called done."""

    collection: str
    rows: int | None
    code: str
    reason: str
    because: tuple[Because, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """The database a plan was made on, as hashes: of what a primary and its replicas share, and of the address."""

    system: str
    database: str
    endpoint: str


@dataclass(frozen=True, slots=True)
class Gone:
    """How gone what this plan removes from one system will be at its end, if all goes well; and what lies outside of
    that, never left empty. ``budget``: what its physical step may take."""

    system: str
    level: Level
    outside: tuple[Outside, ...]
    budget: Budget | None = None


@dataclass(frozen=True)
class Plan:
    """Everything that will be done, in order, and everything that will not, with its reason."""

    format: int
    nonce: str
    """Random: a plan made again is another plan, whose batches no store has a receipt of."""
    kind: Literal["retention", "erase"]
    at: date
    policy: str
    systems: str
    places: tuple[Place, ...]
    people: int
    keysets: tuple[KeySet, ...]
    questions: tuple[KeyQuestion, ...]
    steps: tuple[Step, ...]
    retained: tuple[Retained, ...]
    blocked: tuple[Blocked, ...]
    limits: tuple[str, ...]
    """What this plan does not reach, in words: rows that are hidden, free text, what systems.yaml says."""
    gone: tuple[Gone, ...] = ()
    """One for each system whose rows it changes; plans of older versions have none, and no such key."""

    @cached_property
    def id(self) -> str:
        """SHA-256 of the canonical JSON, in hexadecimal."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def to_bytes(self) -> bytes:
        return self._document

    @cached_property
    def _document(self) -> bytes:
        older = None if self.gone else {"gone"}
        return canonical(_plan_adapter().dump_python(self, mode="json", exclude=older))

    def step(self, step_id: str) -> Step:
        return next(step for step in self.steps if step.id == step_id)

    def gone_from(self, system: str) -> Gone | None:
        return next((each for each in self.gone if each.system == system), None)


class Document(Protocol):
    """A plan of any kind, as far as its file goes."""

    @property
    def format(self) -> int: ...

    def to_bytes(self) -> bytes: ...


def read_document(adapter: TypeAdapter[T], document: bytes) -> T:
    """The plan in ``document``; ``InputError`` when it is not one, or not in its canonical form."""
    try:
        plan = adapter.validate_json(document, strict=False)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(
            f"this is not a plan Troth made: {place or 'the file'}: {first['msg']}",
            hint="plans are not edited by hand; make a new one with troth plan",
            code="PLAN-READ",
        ) from None
    if plan.format != FORMAT:
        raise InputError(
            f"the plan has format {plan.format}, this Troth reads format {FORMAT}",
            hint="make a new plan with this version",
            code="PLAN-FORMAT",
        )
    if plan.to_bytes() != document.strip():
        raise InputError(
            "the plan was altered after it was made: it is not in its canonical form",
            hint="plans are not edited by hand; make a new one with troth plan",
            code="PLAN-ALTERED",
        )
    return plan


def read_plan(document: bytes) -> Plan:
    """The plan of a change in ``document``. Raises as ``read_document``."""
    return read_document(_plan_adapter(), document)


@cache
def _plan_adapter() -> TypeAdapter[Plan]:
    return TypeAdapter(Plan)


def as_json(plan: Document) -> Mapping[str, object]:
    """The plan as plain JSON values, with its id."""
    text = plan.to_bytes()
    document: dict[str, object] = json.loads(text)
    return {"id": hashlib.sha256(text).hexdigest(), **document}
