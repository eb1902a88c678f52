"""What a copy for one person is written from: the plan's answer, the two files, and what was counted for the person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from troth.planning.access_plan import AccessPlan, Answer, ByHandTask, Part
from troth.policy.model import Policy, Processing
from troth.systems.model import DataMap


@dataclass(frozen=True, slots=True)
class CopyReport:
    """``parts``: those with rows of this person. ``held``: (part, column) → rows that hold it, of columns that are only
    named."""

    policy: Policy
    data_map: DataMap
    plan: AccessPlan
    answer: Answer
    made: datetime
    expires: date
    version: str
    parts: tuple[Part, ...]
    held: Mapping[tuple[str, str], int]

    @property
    def day(self) -> date:
        return self.made.date()

    @property
    def tasks(self) -> tuple[ByHandTask, ...]:
        """What people ask for by hand, for this person."""
        return tuple(task for task in self.plan.tasks if task.person == self.answer.id)

    def processings(self) -> tuple[Processing, ...]:
        """The processings that the person's data serves, in the policy's order."""
        served = {use.partition(".")[0] for use in self._uses}
        return tuple(each for key, each in self.policy.processings.items() if key in served)

    def purposes(self, processing: Processing) -> frozenset[str]:
        """The purposes of a processing that the person's data serves."""
        uses = (use.partition(".") for use in self._uses)
        return frozenset(purpose for key, _, purpose in uses if key == processing.id)

    @property
    def _uses(self) -> frozenset[str]:
        of_parts = (use for part in self.parts for use in part.uses)
        return frozenset((*of_parts, *(use for task in self.tasks for use in task.uses)))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One part as it was written: its rows, the values masked in them, the days to which they are kept, the file, and
    the first rows for the page."""

    part: Part
    rows: int
    masked: int
    first: date | None
    last: date | None
    undated: int
    file: str
    preview: tuple[tuple[tuple[object, ...], date | None], ...]
