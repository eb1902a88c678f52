"""Our own database, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from troth.cli.printing import size_of
from troth.cli.show_status import age, evidence_of
from troth.services.backing_up import BackedUp
from troth.services.health import Health


def show(console: Console, found: Health, now: datetime) -> None:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    table.add_row("where", Text(found.where))
    table.add_row("form", Text(f"{found.form}, {size_of(found.size)}"))
    if found.free is not None:
        table.add_row("disk", Text(f"{found.file_system or 'unknown'}, {size_of(found.free)} free"))
    table.add_row("evidence", evidence_of(found, now))
    seen = "nothing yet" if found.witnessed is None else f"{found.witnessed:,} entries"
    table.add_row("witness", Text(f"{found.witness}: {seen}"))
    for each in found.keys:
        table.add_row("keys", Text(f"{each.keys:,} of people for plan {each.plan[:12]}, for {age(each.since, now)}"))
    if found.held:
        table.add_row("keys", Text(f"{found.held:,} of people on hold"))
    if not found.keys and not found.held:
        table.add_row("keys", Text("of nobody"))
    console.print(table)
    for trouble in found.troubles:
        console.print(Text.assemble((f"{trouble.code}  ", "bold red"), trouble.message))
        console.print(Padding(Text(trouble.hint), (0, 0, 0, 2)))


def as_json(found: Health) -> dict[str, object]:
    return asdict(found)


def show_backup(console: Console, made: BackedUp) -> None:
    console.print(f"{made.file}: {made.entries:,} entries, all signed; read again and verified", soft_wrap=True)
    console.print(
        f"It holds {made.keys:,} keys of people and every name of an actor: keep it as you keep the state, for your "
        "eyes alone, and no longer than needed."
    )
