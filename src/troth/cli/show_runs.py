"""Every plan with each of its steps: what is done and left, and what happens if nothing is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from troth.cli.printing import rows
from troth.cli.show_plan import STYLE, VERB
from troth.planning.access_plan import AccessPlan, Answer, ByHandTask
from troth.planning.plan import Step
from troth.services.applying import RunStatus
from troth.state.steps import StepRecord

AnyStep: TypeAlias = Step | Answer | ByHandTask


def show(console: Console, found: Sequence[RunStatus]) -> None:
    for status in found:
        _plan(console, status)


def kind_of(status: RunStatus) -> str:
    kinds = {"retention": "purge", "erase": f"erasure for {status.plan.people}", "access": "copies for those who asked"}
    return kinds[status.plan.kind]


def word_of(status: RunStatus) -> str:
    """How the plan stands: a run whose process died has stopped, one that is done but for tasks waits."""
    if status.running:
        return "running"
    if status.died:
        return "stopped"
    return "waiting" if status.saved.status == "running" else status.saved.status


def _plan(console: Console, status: RunStatus) -> None:
    kind, word = kind_of(status), word_of(status)
    style = {"running": "bold green", "stopped": "bold red", "finished": "green"}.get(word, "bold cyan")
    head = Text.assemble((f"{word:<10}", style), (status.saved.id[:12], "bold"))
    head.append(f"  {kind}, as of {status.plan.at}, made {status.saved.made_at:%Y-%m-%d %H:%M} UTC")
    console.print(head)
    records = {record.step: record for record in status.steps}
    for step in status.plan.steps if status.saved.status != "refused" else ():
        record = records.get(step.id)
        if step.rows or (record is not None and record.done) or step.action in ("task", "disclose"):
            console.print(Padding(_step(step, record, status), (0, 0, 0, 10), expand=False))
    console.print(Padding(Text(meaning(status), style="italic"), (0, 0, 1, 10), expand=False))


def _word(record: StepRecord, status: RunStatus) -> str:
    """A step that its process left when it died is begun, not running."""
    return "begun" if record.status == "running" and not status.running else record.status


def _step(step: AnyStep, record: StepRecord | None, status: RunStatus) -> Text:
    line = Text.assemble((f"{step.id}  ", "dim"), (f"{VERB[step.action]:<8}", STYLE[step.action]), _about(step))
    if record is None or record.status == "pending":
        line.append(f"  {rows(step.rows)} to do", style="dim")
        return line
    line.append(f"  {record.done:,} of {record.planned:,}  {_word(record, status).replace('_', ' ')}")
    if record.remaining:
        line.append(f"  {record.remaining:,} still there", style="bold red")
    return line


def _about(step: AnyStep) -> str:
    match step:
        case Answer(lines=lines):
            return f"line {', '.join(map(str, lines))} of the names"
        case ByHandTask(system=system, person=person):
            return f"{system}, for {person}"
        case _:
            return step.collection


def meaning(status: RunStatus) -> str:
    """What is inconsistent now, and what happens if nobody does anything."""
    short = status.saved.id[:12]
    if isinstance(status.plan, AccessPlan) and (words := _of_copies(status, short)):
        return words
    kept = f"; {status.keys:,} keys of people stay written down until then" if status.keys else ""
    if status.running:
        return f"At work now. To stop it after its present batch: troth stop {short}"
    match status.saved.status:
        case "planned":
            return (
                f"Never applied. If nobody does anything, nothing is changed and the data stays past its time{kept}. "
                f"Not wanted: troth drop {short}"
            )
        case "refused":
            return "Dropped before it was begun: nothing was changed; the keys of the people were forgotten."
        case "finished":
            return "Complete; the keys of the people were forgotten."
        case _ if status.waiting:
            names = ", ".join(f"{task.step} ({task.system})" for task in status.waiting)
            return (
                f"Done but for {names}, which a person does by hand and signs: troth task {short} STEP, "
                f"then troth sign {short} STEP"
            )
        case "approved":
            return (
                f"Approved and not begun; nothing begins by itself{kept}. Begin: troth resume {short}. "
                f"Not wanted: troth drop {short}"
            )
        case _:
            return (
                "Rows that are done are gone, others of the same people are still there; nothing goes on by itself and "
                f"{status.keys:,} keys of people stay written down until it ends. Go on: troth resume {short}"
            )


def _of_copies(status: RunStatus, short: str) -> str:
    """Of a plan that changes nothing: whoever asked has no answer yet."""
    again = f"troth package PLAN --out FOLDER; not wanted: troth drop {short}"
    match status.saved.status:
        case "planned" | "approved":
            return (
                "No copy was made, and nothing begins by itself; those who asked have no answer, and "
                f"{status.keys:,} keys of people stay written down. Make the copies: {again}"
            )
        case "running" | "stopped" if not status.running and not status.waiting:
            return (
                "Some copies are whole, others are not; nothing goes on by itself, and what is half written is none. "
                "Go on: troth package PLAN --out FOLDER, with the same folder"
            )
        case _:
            return ""


def as_json(found: Sequence[RunStatus]) -> list[dict[str, object]]:
    return [
        {
            "id": status.saved.id,
            "kind": status.plan.kind,
            "status": word_of(status),
            "at": status.plan.at,
            "made_at": status.saved.made_at,
            "meaning": meaning(status),
            "steps": _steps_json(status),
            "waiting": [{"step": task.step, "system": task.system, "how": task.how} for task in status.waiting],
        }
        for status in found
    ]


def _steps_json(status: RunStatus) -> list[dict[str, object]]:
    """The steps as they are recorded; of a plan that was not begun, as they are planned."""
    if not status.steps:
        return [_step_json(step.id, "pending", step.rows, 0, None) for step in status.plan.steps]
    return [
        _step_json(record.step, _word(record, status), record.planned, record.done, record.remaining)
        for record in status.steps
    ]


def _step_json(step: str, word: str, planned: int, done: int, remaining: int | None) -> dict[str, object]:
    return {"id": step, "status": word, "planned": planned, "done": done, "remaining": remaining}
