"""Is the plan still true? Judged once, when an apply starts: the plan is made again as of its day, and compared."""

from __future__ import annotations

from troth.core.errors import Refused
from troth.planning import names
from troth.planning.draft import Draft, DraftStep
from troth.planning.drafting import draft
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
    """Raise ``Refused`` that shows what changed, when it is more than the tolerance or a step would be another one."""
    question: Question = Erasure() if plan.kind == "erase" else Retention()
    with state.reading() as conn:
        given = {
            info.name: keysets.get(conn, plan.id, info.name)
            for info in keysets.names(conn, plan.id)
            if info.name.startswith(names.GOES)
        }
    now, _ = make(project, register, seen, question, given if plan.kind == "erase" else {}, lambda _: None)
    changes = [*_other_form(plan, draft(seen.world, question)), *_new(plan, now), *_other_counts(plan, now)]
    if changes:
        raise Refused(
            f"things changed since the plan was made: {'; '.join(changes)}",
            hint="make a new plan, look at it, and approve that one",
            code="PLAN-STALE",
        )


def changed_much(then: int, now: int) -> bool:
    """More than a live application changes between a plan and its approval."""
    return abs(now - then) > max(ALWAYS_TOLERATED, TOLERANCE * then)


def _name(step: Step | DraftStep) -> tuple[object, ...]:
    return step.collection, step.action, step.where, step.blanks


def _other_form(plan: Plan, now: Draft) -> list[str]:
    """Steps of the plan that would be others now, however few their rows: a table, column or reference has changed, and
    the store would refuse on the way what it accepted before."""
    possible = {_name(step) for step in now.steps}
    return [
        f"{step.action} {step.collection} would be planned otherwise"
        for step in plan.steps
        if step.action not in ("refresh", "rewrite") and _name(step) not in possible
    ]


def _new(plan: Plan, now: Plan) -> list[str]:
    known = {_name(step) for step in plan.steps}
    return [
        f"{step.action} {step.collection} is new ({step.rows} rows)"
        for step in now.steps
        if _name(step) not in known and step.rows > ALWAYS_TOLERATED
    ]


def _other_counts(plan: Plan, now: Plan) -> list[str]:
    after = {_name(step): step.rows for step in now.steps}
    found = []
    for step in plan.steps:
        rows = after.get(_name(step), 0)
        if changed_much(step.rows, rows):
            found.append(f"{step.action} {step.collection}: {step.rows} rows then, {rows} now")
    return found
