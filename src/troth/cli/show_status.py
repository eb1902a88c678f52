"""One screen for the one on call: whether there is anything to do, and what; then what runs, waits and is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from troth.cli import show_runs
from troth.cli.printing import rows, size_of
from troth.services.applying import RunStatus
from troth.services.health import Health
from troth.services.on_call import Situation

FULL = 5
"""Lines of one kind that are shown; of more it says how many."""

STYLE = {"running": "bold green", "stopped": "bold red", "waiting": "bold cyan", "approved": "bold red"}


ENDED = {
    "complete": "ended complete",
    "incomplete": "ended with rows left",
    "asked": "stopped on request",
    "interrupted": "was interrupted",
    "store_unavailable": "stopped: a store did not answer",
    "change_refused": "stopped: a store refused a change",
    "failed": "stopped by an error",
    "window": "stopped at the end of its window",
    "trial": "stopped after its trial batch",
    "pressure": "stopped: it kept others waiting",
}


def show(console: Console, found: Situation, *, every: bool) -> None:
    _verdict(console, found)
    if every:
        show_runs.show(console, found.runs)
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for label, text in _lines(found, every=every):
        table.add_row(label, text)
    console.print(table)


def _verdict(console: Console, found: Situation) -> None:
    if not found.orders:
        console.print(Text("Nothing to do.", style="bold green"))
    for number, order in enumerate(found.orders[:FULL]):
        word, style = ("Do this: ", "bold red") if number == 0 else ("Then: ", "bold")
        console.print(Text.assemble((word, style), (order.do, "bold")))
        console.print(Padding(Text(order.why), (0, 0, 0, 2), expand=False))
    if len(found.orders) > FULL:
        console.print(f"and {len(found.orders) - FULL} more: troth status --json")
    console.print()


def _lines(found: Situation, *, every: bool) -> Iterator[tuple[str, Text]]:
    if not found.runs:
        yield "plans", Text("none runs, stopped or waits")
    for run in found.runs[:FULL] if not every else ():
        yield _run(run, found.now)
    if len(found.runs) > FULL and not every:
        yield "", Text(f"and {len(found.runs) - FULL} more: troth status --all", style="dim")
    if found.last is not None:
        last = found.last
        style = "" if last.ended == "complete" else "yellow"
        words = f"plan {last.plan[:12]} {ENDED.get(last.ended, last.ended)}, {ago(last.at, found.now)}"
        yield "last run", Text(words, style=style)
    if found.checked is not None:
        told = ", ".join(
            f"{count:,} {verdict.replace('_', ' ')}" for verdict, count in found.checked.verdicts.items() if count
        )
        style = "yellow" if found.checked.verdicts.get("broken") else ""
        yield "last check", Text(f"{told}, {ago(found.checked.at, found.now)}", style=style)
    for due in found.due[:FULL]:
        yield "next", Text(f"{due.day}: {due.what}")
    if found.health is not None:
        yield from _health(found.health, found.now)


def _run(run: RunStatus, now: datetime) -> tuple[str, Text]:
    word = show_runs.word_of(run)
    line = Text.assemble((run.saved.id[:12], "bold"), f" {show_runs.kind_of(run)} as of {run.plan.at}")
    done, planned = sum(step.done for step in run.steps), sum(step.rows for step in run.plan.steps)
    if run.steps:
        line.append(f", {done:,} of {rows(planned)} done")
    else:
        never = ", never applied" if run.saved.status == "planned" else ""
        line.append(f", {rows(planned)}{never}, made {ago(run.saved.made_at, now)}")
    for task in run.waiting:
        began = next((step.finished_at for step in run.steps if step.step == task.step), None)
        line.append(f"; {task.system} by hand" + (f", for {age(began, now)}" if began else ""))
    return word, Text.assemble(line, style=STYLE.get(word, "") if word == "stopped" else "")


def _health(health: Health, now: datetime) -> Iterator[tuple[str, Text]]:
    free = f", {size_of(health.free)} free" if health.free is not None else ""
    kept = sum(each.keys for each in health.keys) + health.held
    people = f"; {kept:,} key{'' if kept == 1 else 's'} of people" if kept else "; no key of anybody"
    yield "state", Text(f"{health.where}, {size_of(health.size)}{free}{people}")
    yield "evidence", evidence_of(health, now)


def evidence_of(health: Health, now: datetime) -> Text:
    if health.signed is None or health.signed_at is None:
        return Text(f"{health.entries:,} entries, none of them signed yet")
    signed = "all" if health.signed == health.entries else f"{health.signed:,}"
    line = Text(f"{health.entries:,} entries, {signed} signed {ago(health.signed_at, now)}")
    match health.whole:
        case True:
            line.append(", read again whole")
        case False:
            line.append(", does not agree with what was signed", style="bold red")
        case None:
            line.append(", too long to be read again here")
    if health.witnessed is None:
        line.append("; no witness", style="yellow")
    return line


def ago(since: datetime, now: datetime) -> str:
    return f"{age(since, now)} ago" if (now - since).total_seconds() >= 60 else "just now"


def age(since: datetime, now: datetime) -> str:
    """How long, in the largest unit that fits."""
    seconds = max(0, int((now - since).total_seconds()))
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if (count := seconds // length) > 0:
            return f"{count:,} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"


def as_json(found: Situation) -> dict[str, object]:
    return {
        "verdict": "do" if found.orders else "nothing",
        "orders": [asdict(order) for order in found.orders],
        "plans": show_runs.as_json(found.runs),
        "last": asdict(found.last) if found.last else None,
        "checked": asdict(found.checked) if found.checked else None,
        "due": [asdict(each) for each in found.due],
        "state": asdict(found.health) if found.health else None,
    }
