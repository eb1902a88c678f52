"""Tasks for people: steps in systems that no store of ours reaches. A plan is complete when each is signed.

Who signs vouches for it; Troth measured nothing, and evidence says *declared*.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, update

from troth.core.errors import InputError, Refused
from troth.state.database import Connection
from troth.state.tables import tasks as tasks_table


@dataclass(frozen=True, slots=True)
class Task:
    """What someone must do by hand. ``how`` says how (a document); ``keyset`` names what to look for, ``count`` how
    many. ``statement`` is what the signer wrote."""

    plan: str
    step: str
    system: str
    how: str
    keyset: str
    count: int
    signed_by: str | None = None
    signed_at: datetime | None = None
    statement: str | None = None


def add(conn: Connection, task: Task) -> None:
    """Write down a task of a step that is recorded. Doing it again changes nothing."""
    if _tasks(conn, tasks_table.c.plan == task.plan, tasks_table.c.step == task.step):
        return
    conn.execute(
        insert(tasks_table).values(
            plan=task.plan, step=task.step, system=task.system, how=task.how, keyset=task.keyset, count=task.count
        )
    )


def listed(conn: Connection, plan: str) -> tuple[Task, ...]:
    """A plan's tasks, signed or not."""
    return _tasks(conn, tasks_table.c.plan == plan)


def waiting(conn: Connection, plan: str | None = None) -> tuple[Task, ...]:
    """Tasks that nobody has signed yet, of one plan or of all."""
    unsigned = tasks_table.c.signed_at.is_(None)
    return _tasks(conn, unsigned) if plan is None else _tasks(conn, unsigned, tasks_table.c.plan == plan)


def sign(conn: Connection, plan: str, step: str, by: str, at: datetime, statement: str) -> Task:
    """Someone declares a task done. Raises ``InputError`` for no such task, ``Refused`` for one signed before."""
    which = tasks_table.c.plan == plan, tasks_table.c.step == step
    found = _tasks(conn, *which)
    if not found:
        raise InputError(f"plan {plan[:12]} has no task {step}", hint="troth status lists tasks", code="TASK-UNKNOWN")
    if found[0].signed_at is not None:
        raise Refused(f"task {step} was signed before, on {found[0].signed_at:%Y-%m-%d}", code="TASK-SIGNED")
    conn.execute(update(tasks_table).where(*which).values(signed_by=by, signed_at=at, statement=statement))
    return _tasks(conn, *which)[0]


def _tasks(conn: Connection, *where: ColumnElement[bool]) -> tuple[Task, ...]:
    query = select(tasks_table).where(*where).order_by(tasks_table.c.plan, tasks_table.c.step)
    return tuple(Task(*row) for row in conn.execute(query))
