"""What somebody on call has to do now, the most urgent first: each with the command, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from troth.execution.pace import Over
from troth.services.applying import RunStatus
from troth.services.health import Health
from troth.services.unattended import MADE_BY_RUN, TO_APPROVE
from troth.state import holds
from troth.state.holds import Hold


@dataclass(frozen=True, slots=True)
class Order:
    """Something for a person to do: the command, or what else it takes, and why."""

    do: str
    why: str


def orders(found: tuple[RunStatus, ...], sound: Health, active: tuple[Hold, ...], today: date) -> Iterator[Order]:
    for trouble in sound.troubles:
        yield Order(trouble.hint, trouble.message)
    for run in found:
        if run.died or (run.saved.status == "stopped" and run.saved.note != _WINDOW):
            yield Order(_go_on(run), _stopped(run))
    for run in found:
        if run.saved.status == "approved" and not run.running:
            yield Order(_go_on(run), "it was approved and not begun; nothing begins by itself")
    for run in found:
        if run.saved.status == "planned" and run.saved.note == MADE_BY_RUN:
            yield Order(
                f"troth apply plans/{TO_APPROVE}", "troth run asks: no standing approval allows what it planned"
            )
    for run in found:
        for task in run.waiting if not run.running else ():
            short = run.saved.id[:12]
            why = f"{task.system} is done by hand; then: troth sign {short} {task.step}"
            yield Order(f"troth task {short} {task.step}", why)
    for hold in holds.due_for_review(active, today):
        what = f"the hold on {hold.scope.collection} was to be reviewed on {hold.reason.review_on}"
        yield Order("troth hold list", f"{what}; what it keeps stays until: troth hold lift {hold.id[-8:]}")


_WINDOW = str(Over("window"))
"""What the next night goes on with, unasked."""


def _go_on(run: RunStatus) -> str:
    if run.plan.kind == "access":
        return f"troth package plans/access-{run.saved.id[:12]}.json --out FOLDER"
    return f"troth resume {run.saved.id[:12]}"


def _stopped(run: RunStatus) -> str:
    note = run.saved.note.split("\n")[0]
    if run.died:
        how = "its process died"
    elif note:
        how = note if note.startswith("stopped") else f"the run stopped: {note}"
    else:
        how = "the run was interrupted"
    if run.plan.kind == "access":
        return f"{how}; some copies are whole, others are not"
    return f"{how}; some rows are gone, others of the same people are still there"
