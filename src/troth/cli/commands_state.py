"""troth state: where our own database is and how it is, a backup of it, and putting one back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from troth.cli.context import here
from troth.cli.words import Json, group


def add(app: typer.Typer) -> None:
    state = group("Our own database: where it is, how it is, a backup, and putting one back.")
    state.command("show")(show)
    state.command("backup")(backup)
    state.command("restore")(restore)
    app.add_typer(state, name="state")


def show(json: Json = False) -> int:
    """Where it is, what it holds of people, and whether its evidence agrees with what was signed."""
    from troth.cli import show_state
    from troth.cli.printing import out, print_json
    from troth.services.health import look

    found = look(here())
    if json:
        print_json(show_state.as_json(found))
    else:
        show_state.show(out(), found, here().now())
    return 1 if found.troubles else 0


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The new file; nothing is replaced.")], json: Json = False
) -> int:
    """Copy our own database as it is at one moment, also while a run is at work. Holds keys of people."""
    from troth.cli import show_state
    from troth.cli.printing import out, print_json
    from troth.services.backing_up import back_up

    made = back_up(here(), file)
    if json:
        print_json({"file": str(file), "entries": made.entries, "checkpoint": made.note, "keys": made.keys})
    else:
        show_state.show_backup(out(), made)
    return 0


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup that troth state backup wrote.")],
    lose: Annotated[
        int | None,
        typer.Option("--lose", metavar="N", help="Put back a copy that lacks this many entries of evidence."),
    ] = None,
    json: Json = False,
) -> int:
    """Put a backup in the place that systems.yaml names, a file or a server. Evidence says so."""
    from troth.cli.printing import out, print_json
    from troth.services.backing_up import restore as run

    restored = run(here(), file, lose)
    if json:
        print_json({"state": restored.where, "entries": restored.entries, "lost": restored.lost})
    else:
        out().print(
            f"{restored.entries:,} entries put back in {restored.where}; {restored.lost:,} lost", soft_wrap=True
        )
        out().print("Plans are as they were then: look at troth status before anything is resumed.")
    return 0
