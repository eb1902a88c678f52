"""Is the plan still true? Judged once, when an apply starts: the plan is made again as of its day, and compared."""

from __future__ import annotations

from troth.core.errors import Refused
from troth.planning import names
from troth.planning.plan import Plan, Step
from troth.planning.reading import Erasure, Question, Retention
from troth.register.load import Register
from troth.services.looking import Look
from troth.services.making import make
from troth.services.project import Project
from troth.state import keysets
from troth.state.database import State

TOLERANCE = 0.10
"""Share of a step's rows by which its count may have changed since the plan was made."""

ALWAYS_TOLERATED = 100
"""Rows by which any step's count may have changed."""


def refuse_if_stale(project: Project, register: Register, seen: Look, plan: Plan, state: State) -> None:
    """Raise ``Refused`` that shows what changed, when it is more than the tolerance or the steps are other ones."""
    question: Question = Erasure() if plan.kind == "erase" else Retention()
    with state.reading() as conn:
        given = {
            info.name: keysets.get(conn, plan.id, info.name)
            for info in keysets.names(conn, plan.id)
            if info.name.startswith(names.GOES)
        }
    now, _ = make(project, register, seen, question, given if plan.kind == "erase" else {}, lambda _: None)
    changes = [*_other_steps(plan, now), *_other_counts(plan, now)]
    if changes:
        raise Refused(
            f"things changed since the plan was made: {'; '.join(changes)}",
            hint="make a new plan, look at it, and approve that one",
            code="PLAN-STALE",
        )


def _name(step: Step) -> tuple[object, ...]:
    return step.collection, step.action, step.where, step.blanks


def _other_steps(plan: Plan, now: Plan) -> list[str]:
    """Steps that one of the two does not have: a constraint, a column or a table is another than it was."""
    before = {_name(step): step for step in plan.steps}
    after = {_name(step): step for step in now.steps}
    gone = [
        f"{step.action} {step.collection} would be planned otherwise"
        for name, step in before.items()
        if name not in after and step.rows > ALWAYS_TOLERATED
    ]
    new = [
        f"{step.action} {step.collection} is new ({step.rows} rows)"
        for name, step in after.items()
        if name not in before and step.rows > ALWAYS_TOLERATED
    ]
    return [*gone, *new]


def _other_counts(plan: Plan, now: Plan) -> list[str]:
    after = {_name(step): step.rows for step in now.steps}
    found = []
    for step in plan.steps:
        rows = after.get(_name(step))
        if rows is not None and abs(rows - step.rows) > max(ALWAYS_TOLERATED, TOLERANCE * step.rows):
            found.append(f"{step.action} {step.collection}: {step.rows} rows then, {rows} now")
    return found
