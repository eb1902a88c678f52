"""A draft for people: where it is, how much of it, and what to look at first; or the lines that are new."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from troth.cli.printing import number, rows
from troth.discover.worklist import Risk, Task
from troth.discover.writing import sections
from troth.services.drafting import DraftMade

SHOWN = 12
RISKS: dict[Risk, tuple[str, str]] = {
    "deletes": ("may delete others' rows", "bold red"),
    "left_out": ("left out until decided", "magenta"),
    "delays": ("may be due too late", "yellow"),
    "names": ("a wrong word", "dim"),
}


def show(console: Console, made: DraftMade) -> None:
    if made.nothing:
        many = len(made.tasks)
        left = f"; {many} {'is' if many == 1 else 'are'} still to decide (--json lists them)" if many else ""
        console.print(Text(f"nothing has changed since the lines of {made.system} were written{left}", "bold green"))
        return
    if made.changed:
        _show_changes(console, made)
    elif made.diff:
        _show_diff(console, made)
    elif made.written is not None:
        lines = len(made.drafted.text.splitlines())
        console.print(Text.assemble(("drafted  ", "bold green"), (str(made.written), "bold"), f"  {lines} lines"))
    else:
        console.print(Text("systems.yaml has other systems; add this one under systems:", style="bold"))
        console.print(Text(made.drafted.text.partition("systems:\n")[2]), soft_wrap=True)
    if not made.changed:
        people, tables = len(made.guesses.people), len(made.guesses.rooted)
        words = (
            f"{number(made.tables)} tables, {number(made.columns)} columns: {people} of people, {tables - people} more "
            f"with personal data, {len(made.guesses.not_personal())} without; conventions: {made.guesses.convention}"
        )
        console.print(words)
    if made.policy_missing:
        console.print(Text("there is no policy.yaml yet: the names are those of the starter policy", style="yellow"))
    if made.tasks or not made.changed:
        _show_tasks(console, made.tasks)
    console.print("\nNext:")
    if made.policy_missing:
        console.print("  troth init --from saas    the starter policy that these names are of")
    if made.diff and made.written is None:
        console.print("  troth systems draft --write    puts these lines in; nothing that is there is changed")
    console.print("  troth validate            both files, everything that is wrong at once")
    console.print("  troth check               every promise against this database")
    console.print("  troth systems draft       again, whenever the schema has changed")


def _show_changes(console: Console, made: DraftMade) -> None:
    if made.drafted.lines and not made.diff:
        head = f"systems.yaml has no place for these lines; add them under systems: {made.system}:"
        console.print(Text(head, style="bold"))
        for line in sections(made.drafted.lines):
            console.print(Text(line), soft_wrap=True)
    elif made.diff:
        _show_diff(console, made)
    for each in made.drafted.by_hand:
        words = Text.assemble(("add by hand  ", "yellow"), f"{each.mark}: {each.table} ", (each.words, "bold"))
        console.print(words.append(f"  {each.reason}", "dim"))
    for gone in made.gone:
        console.print(Text.assemble(("no longer there  ", "yellow"), gone))
    if made.gone:
        console.print(Text("take these lines out by hand, or correct them", style="dim"))


_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def _show_diff(console: Console, made: DraftMade) -> None:
    many = len(made.drafted.lines)
    what = "1 line" if many == 1 else f"{many} lines"
    done = f"{what} written into {made.written}" if made.written else f"{what} to add to systems.yaml, for what is new"
    console.print(Text(done, style="bold"))
    for line in made.diff.splitlines():
        console.print(Text(line, _COLOURS.get(line[:1], "")), soft_wrap=True)


def _show_tasks(console: Console, tasks: tuple[Task, ...]) -> None:
    if not tasks:
        console.print(Text("nothing is left to decide", style="bold green"))
        return
    counts = Counter(task.risk for task in tasks)
    summary = ", ".join(f"{counts[risk]} {words}" for risk, (words, _) in RISKS.items() if counts[risk])
    console.print(Text(f"\n{len(tasks)} to decide: {summary}", style="bold"))
    grid = Table.grid(padding=(0, 1))
    for at, task in enumerate(tasks[:SHOWN], 1):
        where = ", ".join(task.where[:3]) + (f" and {len(task.where) - 3} more" if len(task.where) > 3 else "")
        words = Text.assemble(
            (where, RISKS[task.risk][1]), f"  {task.question}  ", (_why(task), "dim"), overflow="fold"
        )
        grid.add_row(Text(f"{at:>3}", style="dim"), words)
    console.print(grid)
    if len(tasks) > SHOWN:
        console.print(
            Text(f"    … and {len(tasks) - SHOWN} more: each is marked in the file; --json lists them", "dim")
        )


def _why(task: Task) -> str:
    return f"{task.reason}; {rows(task.rows)}" if task.rows else task.reason


def as_json(made: DraftMade) -> dict[str, object]:
    return {
        "system": made.system,
        "written": str(made.written) if made.written is not None else None,
        "changed": made.changed,
        "convention": made.guesses.convention,
        "tables": made.tables,
        "columns": made.columns,
        "text": made.drafted.text,
        "lines": [
            {
                "section": line.section,
                "key": line.key,
                "value": line.value,
                "reason": line.reason,
                "certainty": line.certainty,
            }
            for line in made.drafted.lines
        ],
        "tasks": [
            {
                "risk": task.risk,
                "where": list(task.where),
                "question": task.question,
                "reason": task.reason,
                "rows": task.rows,
            }
            for task in made.tasks
        ],
        "by_hand": [
            {"place": str(each.mark), "table": each.table, "words": each.words, "reason": each.reason}
            for each in made.drafted.by_hand
        ],
        "gone": list(made.gone),
        "diff": made.diff,
    }
