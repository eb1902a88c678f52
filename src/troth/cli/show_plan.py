"""A plan for people: what goes, in which order and why; what stays, until when and why; what cannot be done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from troth.cli.printing import day, out, print_json, quoted, rows, shortened
from troth.cli.show_gone import show_gone
from troth.planning.plan import Because, Plan, Step
from troth.planning.plan import as_json as plan_json
from troth.services.making import Made, write_plan
from troth.services.project import Project

VERB = {
    "delete": "delete",
    "mask": "mask",
    "detach": "detach",
    "refresh": "rebuild",
    "task": "by hand",
    "rewrite": "rewrite",
    "disclose": "copy",
}
STYLE = {
    "delete": "bold red",
    "mask": "bold yellow",
    "detach": "yellow",
    "refresh": "cyan",
    "task": "bold cyan",
    "rewrite": "cyan",
    "disclose": "bold green",
}


def show(console: Console, plan: Plan) -> None:
    title = (
        "everything past its time"
        if plan.kind == "retention"
        else f"erasure for {plan.people} {'person' if plan.people == 1 else 'people'}"
    )
    console.print(Text.assemble(("troth plan", "bold"), f"  {title}, as of {plan.at}"))
    console.print()
    for step in plan.steps:
        if step.rows or step.action in ("refresh", "task", "rewrite"):
            _step(console, step)
    idle = [step.collection for step in plan.steps if not step.rows and step.action in ("delete", "mask")]
    if idle:
        words = ", ".join(dict.fromkeys(idle))
        console.print(Text(f"nothing now, looked at again at the end: {words}", style="dim"))
    if plan.retained:
        console.print(Text("\nRetained", style="bold"))
    for item in plan.retained:
        latest = " at the latest" if item.rows > 1 else ""
        until = f"until {item.until}{latest}" if item.until else item.event
        line = Text.assemble(
            (item.collection, "bold"), f"  {rows(item.rows)}  {until}  ", (item.because.article, "cyan")
        )
        if item.fields:
            line.append(f"  ({', '.join(item.fields)})", style="dim")
        line.append(f"  {item.code}", style="dim")
        console.print(Padding(line, (0, 0, 0, 2), expand=False))
        console.print(Padding(quoted(shortened(item.because.sentence)), (0, 0, 0, 4), expand=False))
    if plan.blocked:
        console.print(Text("\nCannot be done as things are", style="bold magenta"))
    for stuck in plan.blocked:
        count = f"  {rows(stuck.rows)}" if stuck.rows is not None else ""
        line = Text.assemble((stuck.collection, "bold"), f"{count}  {stuck.reason}", (f"  {stuck.code}", "dim"))
        console.print(Padding(line, (0, 0, 0, 2), expand=False))
    for gone in plan.gone:
        show_gone(console, gone)
    if plan.limits:
        console.print(Text("\nNot reached by this plan", style="bold"))
    for limit in plan.limits:
        console.print(Padding(Text(limit, style="dim"), (0, 0, 0, 2), expand=False))
    console.print()


def _step(console: Console, step: Step) -> None:
    head = Text.assemble(
        (f"{step.id}  ", "dim"),
        (f"{VERB[step.action]:<8}", STYLE[step.action]),
        (step.collection, "bold"),
        f"  {rows(step.rows)}" if step.action != "rewrite" else "  so that its live files do not hold what went",
    )
    if step.oldest is not None:
        head.append(f"  since {day(step.oldest)}")
    if step.blanks:
        head.append(f"  {', '.join(str(field) for field, _ in step.blanks)}", style="yellow")
    console.print(head)
    for sentence, articles in _sentences(step.because).items():
        text = quoted(shortened(sentence))
        text.append(f"  {'; '.join(articles)}", style="cyan")
        console.print(Padding(text, (0, 0, 0, 5), expand=False))
    for note in step.notes:
        console.print(Padding(Text(note, style="dim"), (0, 0, 0, 5), expand=False))
    if step.how:
        console.print(Padding(Text(f"how: {step.how}", style="dim"), (0, 0, 0, 5), expand=False))


def _sentences(because: Sequence[Because]) -> dict[str, list[str]]:
    """Each sentence once, with every article and statute behind it."""
    found: dict[str, list[str]] = {}
    for each in because:
        articles = found.setdefault(each.sentence, [])
        if each.article not in articles:
            articles.append(each.article)
    return found


def deliver(project: Project, made: Made, out_file: Path | None, *, as_json: bool) -> int:
    """Write the plan file, show the plan, say what to do next."""
    plan = made.plan
    path = write_plan(project, plan, out_file) if plan.steps else None
    if as_json:
        print_json({**plan_json(plan), "file": str(path) if path else None})
        return 0
    console = out()
    show(console, plan)
    if made.found is not None and made.found.unknown:
        console.print(
            Text(f"{made.found.unknown} of the names are known in no collection of people", style="bold yellow")
        )
    if path is None:
        console.print("Nothing is due; there is nothing to apply.")
    else:
        console.print(f"Plan [bold]{plan.id[:12]}[/] is in {path}. Nothing was changed.")
        console.print(f"Next: [bold]troth apply {path}[/]", soft_wrap=True)
    return 0
