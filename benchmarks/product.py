"""The product's side of one scenario, in a process of its own: ``python -m benchmarks.product SCENARIO FOLDER …``.

The process is warm: everything is imported, and a plan was made and thrown away, before the clock starts. It prints one
JSON object: seconds by part, rows, and the memory it took beyond what it had before.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.dataset import TODAY
from troth.core.errors import Refused
from troth.execution.pace import Watch
from troth.planning.plan import Plan
from troth.services.applying import apply
from troth.services.checking import check
from troth.services.judging import Consent
from troth.services.making import Made, plan_erasure, plan_retention
from troth.services.project import Project, parse_day

DAY = parse_day(TODAY)


def quiet(_: object, *__: object) -> None:
    """Nobody looks on."""


def erase(project: Project, emails: Sequence[str]) -> dict[str, float]:
    return carried_out(project, lambda: plan_erasure(project, DAY, emails, quiet))


def purge(project: Project, _: Sequence[str]) -> dict[str, float]:
    return carried_out(project, lambda: plan_retention(project, DAY, quiet))


def measure(project: Project, _: Sequence[str]) -> dict[str, float]:
    began = time.perf_counter()
    checked = check(project, DAY, quiet)
    rows = sum(finding.rows or 0 for result in checked.results for finding in result.findings)
    return {"seconds": time.perf_counter() - began, "rows": rows}


def carried_out(project: Project, make: Callable[[], Made]) -> dict[str, float]:
    began = time.perf_counter()
    plan: Plan = make().plan
    planned = time.perf_counter()
    applied = apply(project, plan.id, Consent(plan.id, "flag"), Watch(quiet, lambda: False))
    ended = time.perf_counter()
    if applied.exit_status():
        raise AssertionError("not all of it was done")
    rows = sum(step.done for step in applied.steps)
    return {"seconds": ended - began, "planning": planned - began, "applying": ended - planned, "rows": rows}


SCENARIOS = {"erase": erase, "purge": purge, "check": measure}


def resident() -> float:
    """MiB that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    scenario, folder, *emails = sys.argv[1:]
    project = Project(Path(folder), dict(os.environ), actor="bench")
    with contextlib.suppress(Refused):
        plan_erasure(project, DAY, ["nobody@bench.example"], quiet)
    before = resident()
    found = SCENARIOS[scenario](project, emails or sys.stdin.read().split())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(json.dumps({**found, "idle_mib": before, "peak_mib": peak}))


main()
