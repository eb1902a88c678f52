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
    Known,
    Level,
    Limit,
    LogicalReason,
    Outcome,
    OutsidePlace,
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
class Outside:
    """A place outside of what a level is about. ``until``: the last day on which it may be there; None: not known."""

    place: OutsidePlace
    known: Known
    until: date | None

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
    """Someone approved a plan by its id, or it fell under the standing approval given in entry ``standing``."""

    kind: ClassVar[str] = "approved"
    plan: PlanId
    actor: Pseudonym
    how: How
    standing: int | None = None


@dataclass(frozen=True, slots=True)
class StandingGiven(_Entry):
    """Someone approved, in advance, retention plans of these revisions of both files: up to so many rows of a plan and
    so many millionths of a collection's rows, until a last day."""

    kind: ClassVar[str] = "standing_given"
    actor: Pseudonym
    policy: Digest
    systems: Digest
    max_rows: int
    max_share: int
    until: date


@dataclass(frozen=True, slots=True)
class StandingWithdrawn(_Entry):
    """The standing approval of entry ``standing`` counts no more."""

    kind: ClassVar[str] = "standing_withdrawn"
    standing: int
    actor: Pseudonym


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
    outside: tuple[Outside, ...] = ()


@dataclass(frozen=True, slots=True)
class Rewritten(_Entry):
    """The physical step of a plan on one table, or one store: the level that could be shown after it, and where copies
    of what the plan removed there may still be. ``reason``: why it is the logical level alone."""

    kind: ClassVar[str] = "rewritten"
    approval: int
    plan: PlanId
    step: StepId
    level: Level
    reason: LogicalReason | None
    outside: tuple[Outside, ...]


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
    level: Level | None = None
    """Of all that it removed; None when it removes nothing."""


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


@dataclass(frozen=True, slots=True)
class StateRestored(_Entry):
    """Our own database was put back from a copy with ``entries`` of the log; ``lost`` ones were known beyond it."""

    kind: ClassVar[str] = "state_restored"
    actor: Pseudonym
    entries: int
    lost: int


@dataclass(frozen=True, slots=True)
class PackageMade(_Entry):
    """A copy was made for one person: ``rows`` of ``collections``, in which ``masked`` values of others were masked."""

    kind: ClassVar[str] = "package_made"
    approval: int
    plan: PlanId
    step: StepId
    planned: int
    rows: int
    collections: int
    masked: int
    expires: date
    established: Literal[Established.MEASURED] = Established.MEASURED


Entry: TypeAlias = (
    ProjectCreated
    | PlanMade
    | Approved
    | StandingGiven
    | StandingWithdrawn
    | Batch
    | StepDone
    | Rewritten
    | Sweep
    | Finished
    | Stopped
    | PlanDropped
    | CheckRecorded
    | HoldPlaced
    | HoldLifted
    | PackageMade
    | TaskSigned
    | StateRestored
)
"""Every kind there is."""
