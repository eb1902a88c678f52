"""How gone a run's work is, in the words of evidence: levels, and places outside with their last days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from troth.evidence import entries
from troth.evidence.values import Known, Level, OutsidePlace
from troth.planning.access_plan import AnyPlan
from troth.planning.physical import reached
from troth.planning.plan import Plan
from troth.state.steps import StepRecord
from troth.stores.gone import Outside


def evidence_outside(places: Iterable[Outside], day: date) -> tuple[entries.Outside, ...]:
    """Places outside of a change that was made on ``day``: no words, a day where one is known."""
    return tuple(
        entries.Outside(OutsidePlace(each.place), Known(each.known), each.until(day)) for each in places
    )  # fmt: skip


def level_reached(plan: AnyPlan, records: Iterable[StepRecord]) -> Level | None:
    """The level of all that ``plan`` removed; none of a plan that removes nothing."""
    if not isinstance(plan, Plan):
        return None
    return Level(reached(plan, {record.step for record in records if record.status == "done"}))
