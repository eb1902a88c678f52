"""What a report of a check is made of, whichever form it is written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from troth.core.diagnostics import Mark
from troth.planning.ages import Ages
from troth.planning.verdicts import Finding, PromiseResult
from troth.policy.model import Policy
from troth.systems.model import DataMap


@dataclass(frozen=True, slots=True)
class CheckReport:
    """One check, with the two files it is about. ``databases``: system → product and version; ``unreached``: system →
    why; ``elsewhere``: (system, name) of what was seen beside the declared part; ``doubts``: lines of the two files
    that look wrong."""

    policy: Policy
    data_map: DataMap
    results: tuple[PromiseResult, ...]
    at: date
    version: str
    databases: Mapping[str, str]
    unreached: Mapping[str, str]
    limits: tuple[str, ...]
    elsewhere: tuple[str, ...]
    doubts: int
    ages: tuple[Ages, ...]
    lines: Mapping[str, Mark]
    """The line of systems.yaml that each collection comes from."""

    def of(self, finding: Finding) -> Ages | None:
        """The ages of the place that a finding is about."""
        for each in self.ages:
            place = (each.collection, each.fields) == (finding.collection, finding.fields)
            if place and finding.promise in each.promises:
                return each
        return None


def unmeasured(result: PromiseResult) -> bool:
    """True of a kind of promise that this version does not measure at all."""
    measured = result.promise.kind in ("retention", "form", "closed_list")
    return not measured and all(finding.code == "NOT-MEASURED" for finding in result.findings)
