"""troth approve: standing approvals of retention plans, and whether a plan falls under one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from troth.core.errors import HumanAsked, InputError, Refused
from troth.core.quantities import WHOLE, share_words
from troth.evidence import entries
from troth.evidence.values import Digest
from troth.planning.plan import Plan
from troth.register.load import Register
from troth.services.project import Project
from troth.services.recording import Recorder
from troth.state import standing
from troth.state.database import Connection
from troth.state.standing import StandingApproval

Fit: TypeAlias = Literal["stands", "files_changed", "ended", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Given:
    """A standing approval, and whether it counts today."""

    approval: StandingApproval
    fit: Fit


def give(project: Project, max_rows: int, max_share: int, until: date) -> Given:
    """Approve retention plans in advance, for both files as they are now. Ends the standing approval before.

    ``max_share`` is in millionths. Raises ``InputError`` for a ceiling of nothing, or a day that has passed.
    """
    register = project.load()
    if max_rows < 1:
        raise InputError(f"{max_rows} rows are no ceiling", hint="write --max-rows 10000", code="ROWS")
    if until < project.today(register):
        raise InputError(f"{until} has passed", hint="--until is the last day it counts", code="DAY")
    with project.state(register) as state, state.transaction() as conn:
        recorder = Recorder(project, register, state)
        if (before := standing.current(conn)) is not None:
            _end(conn, recorder, before)
        policy, systems = register.policy.revision, register.data_map.revision
        actor = recorder.pseudonym("actor", project.actor)
        entry = entries.StandingGiven(project.now(), actor, Digest(policy), Digest(systems), max_rows, max_share, until)
        number = recorder.append(conn, entry)
        given = StandingApproval(number, project.actor, entry.at, policy, systems, max_rows, max_share, until)
        standing.add(conn, given)
    return Given(given, "stands")


def withdraw(project: Project) -> Given:
    """End the standing approval. Raises ``Refused`` when there is none."""
    register = project.load()
    with project.state(register) as state, state.transaction() as conn:
        current = standing.current(conn)
        if current is None:
            raise Refused("there is no standing approval", hint="troth approve list", code="STANDING-NONE")
        _end(conn, Recorder(project, register, state), current)
    return Given(current, "withdrawn")


def _end(conn: Connection, recorder: Recorder, approval: StandingApproval) -> None:
    project = recorder.project
    standing.withdraw(conn, approval.entry, project.actor, project.now())
    actor = recorder.pseudonym("actor", project.actor)
    recorder.append(conn, entries.StandingWithdrawn(project.now(), approval.entry, actor))


def list_given(project: Project) -> tuple[Given, ...]:
    """Every standing approval there ever was, the newest first."""
    register = project.load()
    today = project.today(register)
    with project.state(register) as state, state.reading() as conn:
        return tuple(Given(each, fit_of(each, register, today)) for each in standing.listed(conn))


def fit_of(approval: StandingApproval, register: Register, today: date) -> Fit:
    """Whether it counts on a day, for both files as they are."""
    if approval.withdrawn_at is not None:
        return "withdrawn"
    if today > approval.until:
        return "ended"
    if (approval.policy, approval.systems) != (register.policy.revision, register.data_map.revision):
        return "files_changed"
    return "stands"


def in_force(conn: Connection, register: Register, today: date) -> StandingApproval:
    """The standing approval that counts today. Raises ``HumanAsked`` that says why none does."""
    current = standing.current(conn)
    again = "look, and give another: troth approve retention --max-rows N --max-share 1% --until DAY"
    if current is None:
        raise HumanAsked("no standing approval was given, or it was withdrawn", hint=again, code="STANDING-NONE")
    fit = fit_of(current, register, today)
    if fit == "ended":
        message = f"the standing approval of {current.at.date()} ended on {current.until}"
        raise HumanAsked(message, hint=again, code="STANDING-ENDED")
    if fit == "files_changed":
        message = f"policy.yaml or systems.yaml was changed after the standing approval of {current.at.date()}"
        raise HumanAsked(message, hint=again, code="STANDING-FILES")
    return current


def refuse_above_ceiling(approval: StandingApproval, plan: Plan, totals: Mapping[str, int]) -> None:
    """Raise ``HumanAsked`` with everything that goes beyond a ceiling. ``totals``: rows of each collection that the
    plan changes, when it was made. A row that two steps change counts twice, and so does one of a task by hand."""
    if plan.kind != "retention":
        raise HumanAsked(
            f"plan {plan.id[:12]} is an erasure, which no standing approval is for",
            hint=f"troth apply PLAN --approve {plan.id[:12]}",
            code="STANDING-CEILING",
        )
    above = "".join(f"\n  {each}" for each in _above(approval, plan, totals))
    if above:
        raise HumanAsked(
            f"the standing approval of {approval.at.date()} does not allow this plan:{above}",
            hint="nothing was done; look at the plan, and approve this one or give a higher ceiling",
            code="STANDING-CEILING",
        )


def _above(approval: StandingApproval, plan: Plan, totals: Mapping[str, int]) -> Iterator[str]:
    rows = sum(step.rows for step in plan.steps)
    if rows > approval.max_rows:
        yield f"{rows:,} rows in all, {rows - approval.max_rows:,} more than the {approval.max_rows:,} allowed"
    changed: dict[str, int] = {}
    for step in plan.steps:
        if step.action not in ("refresh", "task", "rewrite"):
            changed[step.collection] = changed.get(step.collection, 0) + step.rows
    for collection, number in changed.items():
        total = totals[collection]
        if number * WHOLE > approval.max_share * total:
            share = share_words(number * WHOLE // max(total, 1) // 100 * 100)
            allowed = f"{share_words(approval.max_share)} ({approval.max_share * total // WHOLE:,})"
            yield f"{collection}: {number:,} of {total:,} rows, which is {share} where {allowed} are allowed"
