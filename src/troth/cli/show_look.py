"""What a first look saw, in the terminal and for programs."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from troth.cli.printing import number
from troth.discover.seeing import Holding, Suspicion
from troth.services.unknown import Looked

SHOWN_OF_A_KIND = 5
NEXT = (
    "a starter policy, and keys for evidence",
    "where the data is, drafted from this schema",
    "what is promised, measured",
)


def show(console: Console, looked: Looked) -> None:
    sight = looked.sight
    held = [each for each in sight.holdings if each.items]
    linked = [each for each in sight.holdings if not each.items]
    console.print(Text.assemble((looked.database, "bold"), f", conventions: {looked.convention}; nothing was changed"))
    parts = [f"{len(held)} {'table holds' if len(held) == 1 else 'tables hold'} personal data"]
    if linked:
        parts.append(f"{len(linked)} more {'belongs' if len(linked) == 1 else 'belong'} to people or name them")
    if sight.undecided:
        parts.append(f"of {len(sight.undecided)} it is not known whose")
    console.print(f"{', '.join(parts)}, in {len(sight.others)} nothing was seen\n")
    for each in held:
        _show_holding(console, each)
    if linked:
        names = ", ".join(f"{each.table} ({each.whose})" for each in linked)
        console.print(Text.assemble(("also linked to people  ", "dim"), names))
    for words, listed in (("not known whose", sight.undecided), ("could not be read", sight.unread)):
        if listed:
            console.print(Text.assemble((f"{words}  ", "yellow"), ", ".join(listed)))
    _show_suspicions(console, sight.suspicions)
    for limit in looked.limits:
        console.print(Text(f"limit: {limit}", style="dim"))
    console.print("\nNext:")
    for command, meaning in zip(looked.next, NEXT, strict=True):
        console.print(Text.assemble((f"  {command}", "bold"), f"  {meaning}"))


def _show_holding(console: Console, each: Holding) -> None:
    head = Text.assemble((each.table, "bold"), f"  {counted(each)}  ", (each.whose, "cyan"), ("  " + ages(each), "dim"))
    console.print(head)
    words = "; ".join(f"{item}: {', '.join(columns)}" for item, columns in each.items.items())
    grid = Table.grid(padding=(0, 1))
    grid.add_row("  ", Text(words, overflow="fold"))
    console.print(grid)


def _show_suspicions(console: Console, suspicions: tuple[Suspicion, ...]) -> None:
    if not suspicions:
        console.print(Text("\nnothing looks wrong at first sight; a policy says what should not be there", "green"))
        return
    console.print(Text(f"\nlooks wrong: {len(suspicions)}", style="bold red"))
    seen: Counter[str] = Counter()
    for each in suspicions:
        seen[each.code] += 1
        if seen[each.code] > SHOWN_OF_A_KIND:
            continue
        where = f"{each.table}.{each.column}"
        console.print(
            Text.assemble((where, "bold"), f"  {each.message}", (f"  {how_many(each)}", "red"), f"  {each.code}")
        )
        console.print(Text(f"  → {each.hint}", style="dim"))
    for code, count in seen.items():
        if count > SHOWN_OF_A_KIND:
            console.print(Text(f"… and {count - SHOWN_OF_A_KIND} more {code}: --html and --json list them", "dim"))


def counted(each: Holding) -> str:
    return f"{number(each.rows)} rows" if each.rows is not None else "rows unknown"


def ages(each: Holding) -> str:
    if each.oldest is None:
        return "no date of its own" if each.rows else ""
    return f"{each.oldest.date()} to {each.latest.date() if each.latest else '?'}"


def how_many(each: Suspicion) -> str:
    return f"{number(each.rows)} rows" if each.rows is not None else each.sampled


def as_json(looked: Looked) -> dict[str, object]:
    sight = looked.sight
    return {
        "database": looked.database,
        "convention": looked.convention,
        "holdings": [
            {
                "table": each.table,
                "rows": each.rows,
                "whose": each.whose,
                "oldest": each.oldest,
                "latest": each.latest,
                "items": {item: list(columns) for item, columns in each.items.items()},
            }
            for each in sight.holdings
        ],
        "suspicions": [
            {
                "code": each.code,
                "table": each.table,
                "column": each.column,
                "message": each.message,
                "hint": each.hint,
                "rows": each.rows,
                "sampled": each.sampled,
            }
            for each in sight.suspicions
        ],
        "others": list(sight.others),
        "undecided": list(sight.undecided),
        "unread": list(sight.unread),
        "limits": list(looked.limits),
        "next": list(looked.next),
    }
