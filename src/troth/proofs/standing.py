"""Standing approvals in a log: whether each plan that was approved under one was allowed by it.

Only entries are looked at: the revisions of both files, the rows of the plan, and whether it was withdrawn. The share
of a collection is not in evidence, and the last day is one of the controller's zone: both are the writer's word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class StandingApprovals:
    """What was given and not withdrawn so far, by entry, and what plans of which some may stand on it are about."""

    count: int = 0
    """Plans that were approved under one."""
    _given: dict[int, Mapping[str, object]] = field(default_factory=dict)
    _plans: dict[object, Mapping[str, object]] = field(default_factory=dict)

    def take(self, index: int, entry: Mapping[str, object]) -> str | None:
        """Take in the next entry; returns what is wrong with it, in words."""
        match entry.get("kind"):
            case "standing_given":
                self._given[index] = entry
            case "standing_withdrawn":
                number = entry.get("standing")
                if type(number) is not int or self._given.pop(number, None) is None:
                    return f"withdraws entry {number}, which is no standing approval that counted"
            case "plan_made":
                self._plans[entry.get("plan")] = {name: entry.get(name) for name in ("plan_kind", *_BOUND, "planned")}
            case "approved" if entry.get("standing") is not None:
                self.count += 1
                return self._unfit(entry["standing"], self._plans.get(entry.get("plan"), {}))
            case _:
                pass
        return None

    def _unfit(self, number: object, plan: Mapping[str, object]) -> str | None:
        given = self._given.get(number) if type(number) is int else None
        if given is None:
            return f"stands on entry {number}, which is no standing approval that counted then"
        if plan.get("plan_kind") != "retention" or any(plan.get(name) != given.get(name) for name in _BOUND):
            return f"stands on entry {number}, which is for other files or another kind of plan"
        allowed, rows = given.get("max_rows"), _rows(plan.get("planned"))
        if type(allowed) is not int or rows is None or rows > allowed:
            return f"stands on entry {number}, which allows {allowed} rows, and its plan has {rows}"
        return None


_BOUND = ("policy", "systems")


def _rows(planned: object) -> int | None:
    """Rows of all actions of a plan."""
    if not isinstance(planned, list):
        return None
    rows = [each.get("rows") if isinstance(each, dict) else None for each in planned]
    known = [number for number in rows if type(number) is int]
    return sum(known) if len(known) == len(rows) else None
