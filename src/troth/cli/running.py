"""Carrying a plan out from the command: progress bars, Ctrl-C, the words at the end."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from rich.console import Console
from rich.text import Text

from troth.cli.printing import out, print_json, progressing, rows
from troth.cli.show_gone import LEVELS, gone_json, show_left_outside
from troth.cli.show_plan import VERB
from troth.core.errors import InputError, Interrupted, Stopped
from troth.core.quantities import parse_window
from troth.execution.pace import Bounds, Watch
from troth.planning.plan import Plan, Step
from troth.services.applying import Applied, apply
from troth.services.judging import Consent
from troth.services.project import Project


@dataclass(frozen=True, slots=True)
class Limited:
    """How far a run may go: seconds from its beginning, rows."""

    seconds: float | None = None
    first: int | None = None

    def begun(self) -> Bounds:
        """From now on."""
        return Bounds(None if self.seconds is None else time.monotonic() + self.seconds, self.first)


def limited(window: str | None, first: int | None) -> Limited:
    """What the options ``--for`` and ``--first`` say. Raises ``InputError`` for no time and for no row."""
    if first is not None and first < 1:
        raise InputError(f"{first} rows are no trial", hint="write --first 100", code="ROWS")
    return Limited(None if window is None else parse_window(window).total_seconds(), first)


def run(project: Project, plan: Plan, consent: Consent | None, limit: Limited, *, as_json: bool) -> int:
    """Apply or resume, with a bar for each step."""
    with watching(plan) as watch:
        applied = apply(project, plan.id, consent, watch, limit.begun())
    if as_json:
        print_json(applied_json(applied))
    else:
        show_applied(out(), applied)
    return applied.exit_status()


@contextmanager
def watching(plan: Plan) -> Generator[Watch]:
    """A bar for each step of a plan, pauses on standard error, and Ctrl-C: the first one stops after the present batch,
    the second at once."""
    with progressing() as progress, gently() as asked:
        bars = {
            step.id: progress.add_task(f"{VERB[step.action]} {step.collection}", total=step.rows, visible=step.rows > 0)
            for step in plan.steps
        }

        def moved(step: Step, done: int) -> None:
            progress.update(bars[step.id], completed=done, total=max(step.rows, done), visible=True)

        def paused(why: str) -> None:
            progress.console.print(Text(f"pausing: {why}", style="yellow"))

        yield Watch(moved, asked, paused=paused)


@contextmanager
def gently() -> Generator[Callable[[], bool]]:
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
        if not record.planned and not record.done and step.action != "rewrite":
            continue
        line = Text.assemble((f"{record.step}  ", "dim"), f"{VERB[step.action]:<8}", (step.collection, "bold"))
        if record.status == "waiting_for_human":
            line.append(f"  waits for a person: troth task {applied.plan.id[:12]} {record.step}", style="bold cyan")
        elif step.action != "rewrite":
            line.append(f"  {rows(record.done)} of {record.planned:,}", style="green")
        if record.no_longer_due:
            line.append(f"  {record.no_longer_due:,} no longer due", style="dim")
        if record.remaining:
            line.append(f"  {record.remaining:,} still there", style="bold red")
        if record.message:
            done = step.action == "rewrite" and record.status == "done"
            line.append(f"  {record.message}", style="green" if done else "yellow")
        console.print(line)
    for stuck in applied.plan.blocked:
        count = f"  {rows(stuck.rows)}" if stuck.rows is not None else ""
        console.print(
            Text.assemble(("not done  ", "bold magenta"), (stuck.collection, "bold"), f"{count}  {stuck.reason}")
        )
    console.print()
    if applied.finished and not applied.remaining:
        console.print(f"[bold green]done[/]  counted again afterwards: {LEVELS[applied.level]}")
    elif applied.ended is not None:
        console.print(ended_words(applied), soft_wrap=True)
    elif applied.waiting:
        console.print(f"[bold cyan]not complete[/]  {applied.waiting} to be done by hand, then: troth sign")
    elif applied.remaining:
        console.print(f"[bold red]not complete[/]  {rows(applied.remaining)} of the plan still there")
    else:
        console.print(f"[bold yellow]not complete[/]  {LEVELS[applied.level]}; the physical step could not show more")
    show_left_outside(console, applied)


def ended_words(applied: Applied) -> str:
    """Why it came to an end before the plan did, and how to go on."""
    short, left = applied.plan.id[:12], rows(applied.left)
    if applied.ended == "window":
        return f"[bold cyan]the window is over[/]  {left} left, as was to be expected; go on with: troth resume {short}"
    return (
        f"[bold cyan]the trial batch is done[/]  {left} left. Look at the rows in the store, and at the numbers above; "
        f"then go on with: troth resume {short}"
    )


def applied_json(applied: Applied) -> dict[str, object]:
    return {
        "plan": applied.plan.id,
        "finished": applied.finished,
        "ended": applied.ended,
        "left": applied.left,
        "remaining": applied.remaining,
        "waiting": applied.waiting,
        "level": applied.level,
        "gone": gone_json(applied),
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
