"""init, validate, schema, systems show: the two files themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from troth.cli.context import here
from troth.cli.words import Json


def add(app: typer.Typer, systems: typer.Typer) -> None:
    app.command()(init)
    app.command()(validate)
    app.command()(schema)
    systems.command("show")(systems_show)


def init(
    folder: Annotated[Path, typer.Argument(help="An empty folder, or one that already has the two files.")] = Path(),
    policy: Annotated[
        str | None, typer.Option("--from", metavar="NAME", help="Begin with a whole starter policy: saas.")
    ] = None,
    json: Json = False,
) -> None:
    """Start a project: the two files to fill in, and the keys that evidence is signed with."""
    from troth.cli.printing import out, print_json
    from troth.services.starting import start

    started = start(folder, policy)
    if json:
        print_json({"made": started.made, "kept": started.kept, "verifier": started.verifier})
        return
    console = out()
    for path in started.made:
        console.print(f"made     {path}")
    for path in started.kept:
        console.print(f"kept     {path}")
    console.print(f"\nGive auditors this key, by a way they trust:\n  [bold]{started.verifier}[/]", soft_wrap=True)
    console.print(f"Next: fill in policy.yaml and systems.yaml, then [bold]troth -C {folder} validate[/]")


def validate(json: Json = False) -> int:
    """Read both files and say everything that is wrong in them, at once."""
    from troth.cli import show_files
    from troth.cli.printing import out, print_json
    from troth.services.validating import validate as run

    found = run(here())
    if json:
        print_json(show_files.as_json(found))
    else:
        show_files.show(out(), found)
    return 2 if found.errors else 0


def schema(which: Annotated[str, typer.Argument(help="policy, systems, or part (of systems)")]) -> int:
    """Print the JSON Schema of one of the files, for editors."""
    from troth.cli.printing import print_json
    from troth.services.validating import json_schema

    print_json(json_schema(which))
    return 0


def systems_show(table: Annotated[str, typer.Argument(help="A table, or system.table.")], json: Json = False) -> int:
    """Every value of one table, and which line gave it."""
    from troth.cli import show_files
    from troth.cli.printing import out, print_json
    from troth.services.validating import show_table

    shown = show_table(here(), table)
    if json:
        print_json(show_files.table_json(shown))
    else:
        show_files.show_table(out(), shown)
    return 0
