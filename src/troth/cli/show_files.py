"""What validate and systems show found, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from troth.core.diagnostics import Diagnostic, Severity
from troth.services.validating import Validated
from troth.systems.show import Shown

STYLE = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}


def show(console: Console, found: Validated) -> None:
    for item in found.diagnostics:
        show_diagnostic(console, item)
    for missing in found.unresolved:
        console.print(Text.assemble(("not set here", "yellow"), f"  {missing}"))
    warnings = len(found.diagnostics) - found.errors
    if found.errors:
        console.print(Text(f"{_many(found.errors, 'error')}, {_many(warnings, 'warning')}", style="bold red"))
        return
    console.print(
        Text.assemble(
            ("valid", "bold green"),
            f"  {_many(found.processings, 'processing')}, {_many(found.promises, 'promise')}, "
            f"{_many(found.systems, 'system')}, {_many(warnings, 'warning')}",
        )
    )


def show_diagnostic(console: Console, item: Diagnostic) -> None:
    console.print(Text.assemble((f"{item.mark}", "bold"), ": ", (f"{item.severity} {item.code}", STYLE[item.severity])))
    console.print(Text(f"  {item.message}"))
    if item.hint:
        console.print(Text(f"  → {item.hint}", style="dim"))


def _many(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def as_json(found: Validated) -> dict[str, object]:
    return {
        "errors": found.errors,
        "warnings": len(found.diagnostics) - found.errors,
        "unresolved": list(found.unresolved),
        "diagnostics": [item.as_json() for item in found.diagnostics],
    }


def show_table(console: Console, shown: Sequence[Shown]) -> None:
    """One line a value, with the line of the file that gave it. In a narrow terminal it goes on below, word by word."""
    for collection, values in groupby(shown, key=attrgetter("collection")):
        console.print(Text(collection, style="bold"))
        grid = Table.grid(padding=(0, 1))
        for value in values:
            origin = str(value.mark) if value.mark else (value.origin or "the live schema")
            words = Text.assemble((value.name, "bold"), f"  {value.value}  ", (origin, "dim"), overflow="fold")
            grid.add_row("", Text(value.kind, style="cyan"), words)
        console.print(grid)


def table_json(shown: Sequence[Shown]) -> dict[str, object]:
    return {
        "values": [
            {
                "collection": value.collection,
                "kind": value.kind,
                "name": value.name,
                "value": value.value,
                "from": str(value.mark) if value.mark else None,
                "origin": value.origin,
            }
            for value in shown
        ]
    }
