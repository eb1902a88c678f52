"""A plan of copies for people who asked: who gets what, what is masked, named, withheld, and asked for by hand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from troth.cli.printing import out, print_json, rows
from troth.planning.access_plan import AccessPlan, Answer, Column, Part
from troth.planning.plan import as_json as plan_json
from troth.services.disclosing import MadeAccess
from troth.services.making import write_plan
from troth.services.packaging import Packaged
from troth.services.project import Project

WHY = {
    "hash": "only proves a password",
    "secret": "lets in whoever has it",
    "encrypted": "the application encrypts it",
    "undeclared": "no line says what it is",
    "reference": "no line says where it leads",
    "others": "somebody else's",
}


def show(console: Console, plan: AccessPlan) -> None:
    people = f"{len(plan.answers)} {'person' if len(plan.answers) == 1 else 'people'}"
    console.print(Text.assemble(("troth plan", "bold"), f"  a copy for {people}, as of {plan.at}"))
    console.print()
    for answer in plan.answers:
        _answer(console, plan, answer)
    for part in plan.parts:
        _part(console, part)
    if plan.withheld:
        console.print(Text("\nIn no copy", style="bold"))
    for each in plan.withheld:
        line = Text.assemble(
            (each.where, "bold"), f"  {each.reason}  ", (each.article, "cyan"), (f"  {each.code}", "dim")
        )
        console.print(Padding(line, (0, 0, 0, 2), expand=False))
    if plan.limits:
        console.print(Text("\nNot reached by this plan", style="bold"))
    for limit in plan.limits:
        console.print(Padding(Text(limit, style="dim"), (0, 0, 0, 2), expand=False))
    console.print()


def _answer(console: Console, plan: AccessPlan, answer: Answer) -> None:
    lines = f"line{'' if len(answer.lines) == 1 else 's'} {', '.join(map(str, answer.lines))}"
    head = Text.assemble((f"{answer.id}  ", "dim"), ("copy    ", "bold green"), f"{lines} of the names  ")
    head.append(rows(answer.rows) if answer.known else "nobody known: the copy says so")
    console.print(head)
    counts = [f"{count.part} {count.rows:,}" for count in answer.counts]
    if counts:
        console.print(Padding(Text(", ".join(counts), style="dim"), (0, 0, 0, 5), expand=False))
    for task in plan.tasks:
        if task.person == answer.id:
            line = Text.assemble(
                (f"{task.id}  ", "dim"), ("by hand ", "bold cyan"), (task.system, "bold"), f"  {task.how}"
            )
            console.print(Padding(line, (0, 0, 0, 5), expand=False))


def _part(console: Console, part: Part) -> None:
    """What is not simply given of a part; one that is given whole needs no line."""
    words = [
        *_named("masked", (each for each in part.columns if each.shown == "masked")),
        *_named("masked where it is another's", (each for each in part.columns if each.shown == "own")),
        *_named("held, not given", (each for each in part.columns if each.shown == "held")),
        *_named("left out", (each for each in part.columns if each.shown == "left_out")),
    ]
    if part.withheld:
        words = [f"withheld: held for customers, who decide  {part.withheld}"]
    if words:
        console.print(Text.assemble("\n", (part.id, "bold")))
    for line in words:
        console.print(Padding(Text(line), (0, 0, 0, 5), expand=False))


def _named(words: str, columns: Iterable[Column]) -> list[str]:
    by_why: dict[str, list[str]] = {}
    for column in columns:
        by_why.setdefault(WHY[column.why], []).append(column.name)
    return [f"{words}: {', '.join(found)} ({why})" for why, found in by_why.items()]


def deliver(project: Project, made: MadeAccess, out_file: Path | None, *, as_json: bool) -> int:
    """Write the plan file, show the plan, say what to do next."""
    plan = made.plan
    path = write_plan(project, plan, out_file)
    if as_json:
        print_json({**plan_json(plan), "file": str(path)})
        return 0
    console = out()
    show(console, plan)
    console.print(f"Plan [bold]{plan.id[:12]}[/] is in {path}. Nothing was handed out.")
    console.print(f"Next: [bold]troth package {path} --out FOLDER[/]", soft_wrap=True)
    return 0


def show_packaged(console: Console, packaged: Packaged) -> None:
    for copy in packaged.copies:
        line = Text.assemble((f"{copy.answer.id}  ", "dim"), ("copy    ", "bold green"), f"{rows(copy.rows)}  ")
        console.print(line.append(str(copy.path), "bold"), soft_wrap=True)
    for task in packaged.waiting:
        ask = f"waits for a person: troth task {packaged.plan.id[:12]} {task.step}"
        console.print(
            Text.assemble((f"{task.step}  ", "dim"), ("by hand ", "bold cyan"), (task.system, "bold"), f"  {ask}")
        )
    console.print()
    if packaged.finished:
        console.print("[bold green]done[/]  every copy is made; the keys of the people were forgotten")
    else:
        console.print(f"[bold cyan]not complete[/]  {len(packaged.waiting)} to be done by hand, then: troth sign")


def packaged_json(packaged: Packaged) -> dict[str, object]:
    return {
        "plan": packaged.plan.id,
        "finished": packaged.finished,
        "waiting": len(packaged.waiting),
        "exit_status": packaged.exit_status(),
        "copies": [{"id": each.answer.id, "rows": each.rows, "path": str(each.path)} for each in packaged.copies],
    }
