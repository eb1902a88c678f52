"""How far each plan's steps are, batch by batch. The plan is the workflow: what is recorded is never done again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, get_args

from sqlalchemy import ColumnElement, and_, func, insert, literal, select, update

from troth.core.errors import Refused
from troth.state.database import Connection
from troth.state.tables import batches as batches_table
from troth.state.tables import steps as steps_table

Status: TypeAlias = Literal["pending", "running", "done", "waiting_for_human", "blocked", "failed"]


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step's progress in rows. ``remaining``: what the store still held when it was counted, None where that
    could not be counted. Once counted, planned = done + no_longer_due + remaining, unless rows were added since."""

    plan: str
    step: str
    planned: int
    done: int
    no_longer_due: int
    remaining: int | None
    status: Status
    message: str
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def left(self) -> int:
        """Rows that are still there: counted, or not come to yet."""
        return max(0, self.planned - self.done) if self.remaining is None else self.remaining


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """One batch, numbered by the executor. ``replayed``: its count came from the store's receipt of an earlier try."""

    plan: str
    step: str
    batch: int
    rows: int
    at: datetime
    replayed: bool = False


def add_steps(conn: Connection, plan: str, planned: Sequence[tuple[str, int]]) -> None:
    """Write down a plan's steps, in order, with the rows each was planned for. Doing it again changes nothing."""
    known = set(conn.execute(select(steps_table.c.step).where(steps_table.c.plan == plan)).scalars())
    rows = [
        {
            "plan": plan,
            "step": step,
            "position": position,
            "planned": rows,
            "done": 0,
            "no_longer_due": 0,
            "remaining": None,
            "status": "pending",
            "message": "",
        }
        for position, (step, rows) in enumerate(planned)
        if step not in known
    ]
    if rows:
        conn.execute(insert(steps_table), rows)


def start(conn: Connection, plan: str, step: str, at: datetime) -> None:
    """The step runs (again): ``started_at`` stays that of the first time."""
    first = func.coalesce(steps_table.c.started_at, literal(at, steps_table.c.started_at.type))
    _change(conn, plan, step, status="running", started_at=first, message="")


def record_batch(conn: Connection, batch: BatchRecord) -> bool:
    """Record a batch and add its rows to the step's. False when it was recorded before, and nothing changed.

    Raises ``Refused`` (``STATE-BATCH``) when it was recorded with another number of rows.
    """
    table = batches_table.c
    same = and_(table.plan == batch.plan, table.step == batch.step, table.batch == batch.batch)
    known = conn.execute(select(table.rows).where(same)).scalar_one_or_none()
    if known is not None:
        if known != batch.rows:
            raise Refused(
                f"batch {batch.batch} of step {batch.step} was recorded with {known} rows, now {batch.rows} are told",
                hint="do not go on: the store's receipts and our own records disagree",
                code="STATE-BATCH",
            )
        return False
    _change(conn, batch.plan, batch.step, done=steps_table.c.done + batch.rows)
    conn.execute(
        insert(batches_table).values(
            plan=batch.plan,
            step=batch.step,
            batch=batch.batch,
            rows=batch.rows,
            at=batch.at,
            replayed=batch.replayed,
        )
    )
    return True


def progress(conn: Connection, plan: str, step: str) -> tuple[int, int]:
    """(rows recorded so far, number of the next batch)."""
    table = batches_table.c
    query = select(func.coalesce(func.sum(table.rows), 0), func.coalesce(func.max(table.batch) + 1, 0))
    rows, following = conn.execute(query.where(table.plan == plan, table.step == step)).one()
    return int(rows), int(following)


def end(
    conn: Connection,
    plan: str,
    step: str,
    status: Status,
    at: datetime,
    *,
    no_longer_due: int = 0,
    remaining: int | None = None,
    message: str = "",
) -> None:
    """The step has come to rest: done, waiting for a human, blocked or failed. ``done`` rows are the batches'."""
    if status not in get_args(Status) or status in ("pending", "running"):
        raise ValueError(f"a step does not end {status}")
    _change(
        conn,
        plan,
        step,
        status=status,
        finished_at=at,
        no_longer_due=no_longer_due,
        remaining=remaining,
        message=message,
    )


def get(conn: Connection, plan: str, step: str) -> StepRecord:
    """One step's record. Raises ``LookupError`` when it was never written down."""
    found = _records(conn, _is(plan, step))
    if not found:
        raise LookupError(f"plan {plan[:12]} has no step {step}")
    return found[0]


def listed(conn: Connection, plan: str) -> tuple[StepRecord, ...]:
    """A plan's steps in their order; none when it has not been started."""
    return _records(conn, steps_table.c.plan == plan)


def batches(conn: Connection, plan: str, step: str) -> tuple[BatchRecord, ...]:
    """A step's batches in their order."""
    table = batches_table.c
    query = select(table.plan, table.step, table.batch, table.rows, table.at, table.replayed)
    rows = conn.execute(query.where(table.plan == plan, table.step == step).order_by(table.batch))
    return tuple(BatchRecord(*row) for row in rows)


def _records(conn: Connection, which: ColumnElement[bool]) -> tuple[StepRecord, ...]:
    columns = [column for column in steps_table.c if column is not steps_table.c.position]
    query = select(*columns).where(which).order_by(steps_table.c.position)
    return tuple(StepRecord(*row) for row in conn.execute(query))


def _change(conn: Connection, plan: str, step: str, **values: object) -> None:
    if conn.execute(update(steps_table).where(_is(plan, step)).values(values)).rowcount != 1:
        raise LookupError(f"plan {plan[:12]} has no step {step}")


def _is(plan: str, step: str) -> ColumnElement[bool]:
    return and_(steps_table.c.plan == plan, steps_table.c.step == step)
