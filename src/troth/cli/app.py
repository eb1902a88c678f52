"""The words of the command, gathered. Each does one thing: reads its options, calls one service, prints the result."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from troth import __version__
from troth.cli import (
    commands_check,
    commands_evidence,
    commands_files,
    commands_help,
    commands_hold,
    commands_plan,
    commands_run,
    commands_systems,
    commands_unknown,
)
from troth.cli.context import set_folder
from troth.cli.words import group, help_when_alone

app = typer.Typer(
    name="troth",
    help="Makes a privacy policy run: says it, checks it, keeps it and proves it.",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"troth {__version__}")
        raise typer.Exit


@app.callback()
def troth(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Option("-C", "--folder", metavar="FOLDER", help="Where policy.yaml and systems.yaml are.")
    ] = Path(),
    actor: Annotated[
        str, typer.Option("--actor", envvar="TROTH_ACTOR", metavar="NAME", help="Who asks; evidence keeps a pseudonym.")
    ] = "",
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    set_folder(folder, actor)
    help_when_alone(context)


plan = group("See exactly what would change, and why. Changes nothing.")
systems = group("What the lines of systems.yaml mean for the tables that are there.")
app.add_typer(plan, name="plan")
app.add_typer(systems, name="systems")
commands_files.add(app, systems)
commands_check.add(app)
commands_plan.add(plan)
commands_unknown.add(app, systems)
commands_systems.add(systems)
commands_run.add(app)
commands_hold.add(app)
commands_evidence.add(app)
commands_help.add(app)
