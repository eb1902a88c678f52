"""An unattended run in a few lines, as JSON, and told to others. Nothing is printed when there was nothing to do."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from troth.cli.printing import rows
from troth.services.alerting import figures_of, notify, write_metrics
from troth.services.project import Project
from troth.services.unattended import Ran, Worked

DONE = {"delete": "deleted", "mask": "masked", "detach": "detached"}
SHOWN = 5
"""Broken promises that are named; ``troth check`` names all."""


def show(console: Console, ran: Ran) -> None:
    """What was done, what is left, and, unless all is well, what the promises say."""
    for each in ran.worked:
        console.print(_worked(each), soft_wrap=True)
    if ran.waiting:
        console.print(f"{ran.waiting} to be done by hand: troth status says what", style="bold cyan")
    if ran.checked is None or (ran.exit_status() == 0 and not ran.worked):
        return
    counts = (f"{number} {state.replace('_', ' ')}" for state, number in figures_of(ran).promises.items() if number)
    console.print(Text.assemble(("promises  ", "bold"), ", ".join(counts)), soft_wrap=True)
    broken = [result for result in ran.checked.results if result.verdict == "broken"]
    for result in broken[:SHOWN]:
        console.print(Text.assemble(("broken  ", "bold red"), f"{result.promise.id}  {rows(result.rows)}"))
    if len(broken) > SHOWN:
        console.print(f"and {len(broken) - SHOWN} more: troth check")


def _worked(each: Worked) -> Text:
    changed = ", ".join(f"{DONE[action]} {rows(number)}" for action, number in each.changed.items())
    line = Text.assemble(("plan ", ""), (each.plan.id[:12], "bold"), f"  {changed or 'nothing changed'}")
    if each.ended == "window":
        line.append(f"  the window is over, {rows(each.left)} left for the next run", style="cyan")
    elif each.left:
        line.append(f"  {rows(each.left)} left", style="bold red")
    return line


def as_json(project: Project, ran: Ran) -> dict[str, object]:
    """Everything about a run that others are told: counts, names of promises, codes and sentences of ours."""
    figures, problem = figures_of(ran), ran.problem
    return {
        "project": project.folder.resolve().name,
        "at": ran.at,
        "seconds": round(ran.seconds, 3),
        "exit_status": ran.exit_status(),
        "problem": {"code": problem.code, "message": problem.message, "hint": problem.hint} if problem else None,
        "plans": [
            {"id": each.plan.id, "changed": each.changed, "left": each.left, "ended": each.ended} for each in ran.worked
        ],
        "waiting": ran.waiting,
        "verdicts": figures.promises,
        "past": figures.past,
    }


def tell(project: Project, ran: Ran, command: Sequence[str], metrics: Path | None) -> list[str]:
    """The file of figures, and the command unless all is well. What went wrong is said on standard error and returned;
    it hides nothing of the run. A run beside another one leaves the file to that one."""
    failures = []
    if metrics is not None and ran.alone:
        failures.append(write_metrics(metrics, ran))
    if command and ran.exit_status():
        message = as_json(project, ran)
        failures.append(notify(command, {**message, "at": ran.at.isoformat()}))
    failed = [failure for failure in failures if failure]
    for failure in failed:
        print(f"troth: not told: {failure}", file=sys.stderr)
    return failed
