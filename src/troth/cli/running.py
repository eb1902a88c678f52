"""Carrying a plan out from the command: progress bars, Ctrl-C, the words at the end."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console
from rich.text import Text

from troth.cli.printing import out, print_json, progressing, rows
from troth.cli.show_plan import VERB
from troth.core.errors import Interrupted, Stopped
from troth.planning.plan import Plan, Step
from troth.services.applying import Applied, apply
from troth.services.project import Project
from troth.state.plans import How


def run(project: Project, plan: Plan, approve: str | None, how: How, *, as_json: bool) -> int:
    """Apply or resume, with a bar for each step. The first Ctrl-C stops after the present batch, the second at once."""
    with progressing() as progress, _gently() as asked:
        bars = {
            step.id: progress.add_task(f"{VERB[step.action]} {step.collection}", total=step.rows, visible=step.rows > 0)
            for step in plan.steps
        }

        def moved(step: Step, done: int) -> None:
            progress.update(bars[step.id], completed=done, total=max(step.rows, done), visible=True)

        applied = apply(project, plan.id, approve, how, moved, asked)
    if as_json:
        print_json(applied_json(applied))
    else:
        show_applied(out(), applied)
    return applied.exit_status()


@contextmanager
def _gently() -> Generator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed. The second one interrupts what is going on; the store undoes the present batch."""
    pressed: list[int] = []

    def first(number: int, frame: FrameType | None) -> None:
        del frame
        pressed.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        print("stops after the present batch; once more stops at once", file=sys.stderr)

    before = signal.signal(signal.SIGINT, first)
    try:
        yield lambda: bool(pressed)
    except Stopped as error:
        if pressed:
            raise Interrupted(error.message, hint=error.hint, code="INTERRUPTED") from error
        raise
    except KeyboardInterrupt as error:
        hint = "troth status says what is done, what is left, and how to go on"
        message = "interrupted; what was done is recorded"
        raise Interrupted(message, hint=hint, code="INTERRUPTED") from error
    finally:
        signal.signal(signal.SIGINT, before)


def show_applied(console: Console, applied: Applied) -> None:
    actions = {step.id: step for step in applied.plan.steps}
    for record in applied.steps:
        step = actions[record.step]
        if not record.planned and not record.done:
            continue
        line = Text.assemble((f"{record.step}  ", "dim"), f"{VERB[step.action]:<8}", (step.collection, "bold"))
        if record.status == "waiting_for_human":
            line.append(f"  waits for a person: troth task {applied.plan.id[:12]} {record.step}", style="bold cyan")
        else:
            line.append(f"  {rows(record.done)} of {record.planned:,}", style="green")
        if record.no_longer_due:
            line.append(f"  {record.no_longer_due:,} no longer due", style="dim")
        if record.remaining:
            line.append(f"  {record.remaining:,} still there", style="bold red")
        if record.message:
            line.append(f"  {record.message}", style="yellow")
        console.print(line)
    for stuck in applied.plan.blocked:
        count = f"  {rows(stuck.rows)}" if stuck.rows is not None else ""
        console.print(
            Text.assemble(("not done  ", "bold magenta"), (stuck.collection, "bold"), f"{count}  {stuck.reason}")
        )
    console.print()
    if applied.finished and not applied.remaining:
        console.print("[bold green]done[/]  counted again afterwards: no query finds what was to go (logical level)")
    elif applied.waiting:
        console.print(f"[bold cyan]not complete[/]  {applied.waiting} to be done by hand, then: troth sign")
    else:
        console.print(f"[bold red]not complete[/]  {rows(applied.remaining)} of the plan still there")


def applied_json(applied: Applied) -> dict[str, object]:
    return {
        "plan": applied.plan.id,
        "finished": applied.finished,
        "remaining": applied.remaining,
        "waiting": applied.waiting,
        "exit_status": applied.exit_status(),
        "steps": [
            {
                "id": record.step,
                "status": record.status,
                "planned": record.planned,
                "done": record.done,
                "no_longer_due": record.no_longer_due,
                "remaining": record.remaining,
                "message": record.message,
            }
            for record in applied.steps
        ],
    }
