"""The closed set of entry kinds. ``docs/reference`` and the offline verifier read them as JSON objects:
``{"at": …, "kind": …}`` and the fields below.

What is about a change carries ``approval``: the number of the log's entry in which that plan was approved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal, TypeAlias

from troth.core.canonical import Json
from troth.evidence.values import (
    Action,
    Digest,
    Established,
    HoldId,
    How,
    KeyId,
    Level,
    Limit,
    Outcome,
    PlanId,
    PlanKind,
    Pseudonym,
    StepId,
    StopReason,
    Verdict,
    Version,
    check_fields,
    fields_as_json,
)


@dataclass(frozen=True, slots=True)
class Planned:
    """Rows that a plan counted for one action."""

    action: Action
    rows: int

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class KeySet:
    """A key set of a plan: how many keys, and their keyed digest."""

    count: int
    digest: Digest

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class Judged:
    """How many promises got one verdict."""

    verdict: Verdict
    promises: int

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True, slots=True)
class _Entry:
    """What all kinds share. ``at`` is the writer's clock."""

    kind: ClassVar[str]
    at: datetime

    def __post_init__(self) -> None:
        check_fields(self)

    def to_json(self) -> dict[str, Json]:
        """The entry as it is written, before its canonical form."""
        return {"kind": self.kind, **fields_as_json(self)}


@dataclass(frozen=True, slots=True)
class ProjectCreated(_Entry):
    """The log begins; ``key`` will sign it."""

    kind: ClassVar[str] = "project_created"
    key: KeyId


@dataclass(frozen=True, slots=True)
class PlanMade(_Entry):
    """A plan as of ``as_of``, under these revisions of both files (SHA-256 of their bytes)."""

    kind: ClassVar[str] = "plan_made"
    plan: PlanId
    plan_kind: PlanKind
    as_of: date
    policy: Digest
    systems: Digest
    people: int
    planned: tuple[Planned, ...]
    keysets: tuple[KeySet, ...]


@dataclass(frozen=True, slots=True)
class Approved(_Entry):
    """Someone approved a plan by its id."""

    kind: ClassVar[str] = "approved"
    plan: PlanId
    actor: Pseudonym
    how: How


@dataclass(frozen=True, slots=True)
class Batch(_Entry):
    """One batch of a step was carried out. ``replayed``: counted from the store's receipt of an earlier try."""

    kind: ClassVar[str] = "batch"
    approval: int
    plan: PlanId
    step: StepId
    batch: int
    rows: int
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class StepDone(_Entry):
    """A step ended. ``remaining``: rows that the store still held then, None when nobody could count them."""

    kind: ClassVar[str] = "step_done"
    approval: int
    plan: PlanId
    step: StepId
    planned: int
    done: int
    no_longer_due: int
    remaining: int | None
    established: Established
    level: Level = Level.LOGICAL
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class Sweep(_Entry):
    """After the last step, all collections were looked at again; ``rows`` had come since and were dealt with."""

    kind: ClassVar[str] = "sweep"
    approval: int
    plan: PlanId
    round: int
    rows: int


@dataclass(frozen=True, slots=True)
class Finished(_Entry):
    """A plan has come to its end."""

    kind: ClassVar[str] = "finished"
    approval: int
    plan: PlanId
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Stopped(_Entry):
    """A run stopped before the plan's end; it may go on later."""

    kind: ClassVar[str] = "stopped"
    approval: int
    plan: PlanId
    reason: StopReason


@dataclass(frozen=True, slots=True)
class PlanDropped(_Entry):
    """Someone withdrew a plan before it was begun: nothing was changed, and its keys are forgotten."""

    kind: ClassVar[str] = "plan_dropped"
    plan: PlanId
    actor: Pseudonym


@dataclass(frozen=True, slots=True)
class CheckRecorded(_Entry):
    """Promises were measured as of a day, under these revisions of both files, by this version of Troth."""

    kind: ClassVar[str] = "check_recorded"
    as_of: date
    policy: Digest
    systems: Digest
    version: Version
    actor: Pseudonym
    judged: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class HoldPlaced(_Entry):
    """Deletion is suspended for ``people``, or for a whole collection (None)."""

    kind: ClassVar[str] = "hold_placed"
    hold: HoldId
    actor: Pseudonym
    people: int | None
    until: date | None
    review_on: date | None


@dataclass(frozen=True, slots=True)
class HoldLifted(_Entry):
    """A hold has ended because someone lifted it."""

    kind: ClassVar[str] = "hold_lifted"
    hold: HoldId
    actor: Pseudonym


@dataclass(frozen=True, slots=True)
class TaskSigned(_Entry):
    """Someone vouches for a task done by hand. ``statement`` is a keyed hash of what they wrote."""

    kind: ClassVar[str] = "task_signed"
    approval: int
    plan: PlanId
    step: StepId
    actor: Pseudonym
    count: int
    statement: Pseudonym
    established: Literal[Established.DECLARED] = Established.DECLARED


Entry: TypeAlias = (
    ProjectCreated
    | PlanMade
    | Approved
    | Batch
    | StepDone
    | Sweep
    | Finished
    | Stopped
    | PlanDropped
    | CheckRecorded
    | HoldPlaced
    | HoldLifted
    | TaskSigned
)
"""Every kind there is."""
