"""May this plan begin here and now? Approval, day, files, place; what has changed since is judged in ``staleness``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from troth.core.errors import NotReached, Refused
from troth.planning.access_plan import AnyPlan
from troth.planning.plan import Plan
from troth.register.load import Register
from troth.services.looking import Look
from troth.services.making import place_of
from troth.services.project import Project
from troth.services.recording import Recorder
from troth.state.plans import How
from troth.stores.contract import Store

APPROVED_BY = 12
"""Characters of a plan's id that an approval must give at least."""


@dataclass(frozen=True, slots=True)
class Consent:
    """An approval that comes with the command: the id that was given, and how; ``standing`` is the entry of the
    standing approval that the plan falls under."""

    given: str
    how: How
    standing: int | None = None


def refuse_unapproved(recorder: Recorder, plan: AnyPlan, consent: Consent | None) -> None:
    """The approval is judged first and recorded last, when nothing else stands in the way."""
    if consent is not None:
        given = consent.given.strip().lower()
        if len(given) < APPROVED_BY or not plan.id.startswith(given):
            raise Refused(
                f"that does not approve this plan, whose id begins with {plan.id[:APPROVED_BY]}",
                hint=f"give its first {APPROVED_BY} characters or more; a changed plan has another id",
                code="NOT-APPROVED",
            )
    elif recorder.approval(plan) is None:
        raise Refused(
            f"plan {plan.id[:12]} is not approved",
            hint=f"give --approve {plan.id[:12]}",
            code="NOT-APPROVED",
        )


def refuse_too_early(project: Project, register: Register, plan: AnyPlan) -> None:
    today = project.today(register)
    if plan.at > today:
        raise Refused(
            f"the plan is as of {plan.at}, and that day has not come (it is {today})",
            hint="it shows what will fall due; make one without --at to apply",
            code="PLAN-EARLY",
        )
    if (plan.policy, plan.systems) != (register.policy.revision, register.data_map.revision):
        raise Refused(
            "policy.yaml or systems.yaml was changed after the plan was made",
            hint="make a new plan with the files as they are",
            code="PLAN-FILES",
        )


def refuse_other_place(plan: Plan, seen: Look, writers: Mapping[str, Store]) -> None:
    """The read connection must lead to where the plan was made, the write connection to the same database."""
    made_on = {place.system: place for place in plan.places}
    for system, store in writers.items():
        if system in seen.reached.unreached:
            raise NotReached(
                f"{system}: it is not known whether this is where the plan was made: {seen.reached.unreached[system]}",
                hint="nothing was changed; try again when its read connection answers",
                code="NOT-REACHED",
            )
        read = place_of(system, seen.health[system].identity)
        write = place_of(system, store.check().identity)
        if made_on.get(system) != read or write.database != read.database:
            raise Refused(
                f"{system} is not the database this plan was made on",
                hint="a plan never runs on another database; make a new one here",
                code="PLAN-PLACE",
            )
