"""What troth systems check found, for people and for programs."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from troth.services.connections import NOT_LOOKED_AT, Checked


def show(console: Console, checked: Checked) -> None:
    for each in checked.connections:
        word = ("reached", "bold green") if each.reached else ("not reached", "bold red")
        said = each.version if each.reached else each.why
        console.print(Text.assemble((f"{each.system} ", "bold"), f"{each.which}  ", word, f"  {said}"))
        for limit in each.limits:
            console.print(Text(f"  limit: {limit}", style="yellow"))
    for title, names in (
        ("declared and absent", checked.absent),
        ("there and not declared", checked.undeclared),
        ("seen outside", checked.elsewhere),
    ):
        for name in names:
            console.print(Text.assemble((f"{title}  ", "yellow"), name))
    if checked.undeclared:
        console.print("Next: [bold]troth systems draft[/] proposes lines for what is not declared")
    console.print(Text(f"not looked at: {NOT_LOOKED_AT}", style="dim"))


def as_json(checked: Checked) -> dict[str, object]:
    return {
        "connections": [
            {
                "system": each.system,
                "which": each.which,
                "reached": each.reached,
                "version": each.version,
                "why": each.why,
                "limits": list(each.limits),
            }
            for each in checked.connections
        ],
        "absent": list(checked.absent),
        "undeclared": list(checked.undeclared),
        "elsewhere": list(checked.elsewhere),
        "exit_status": checked.exit_status(),
    }
