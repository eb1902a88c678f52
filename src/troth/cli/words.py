"""What several commands share: the option for programs, and groups that print their help when they stand alone."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

Json: TypeAlias = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def help_when_alone(context: typer.Context) -> None:
    """Without a command: the help, as a result, as ``--help`` prints it."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def group(summary: str) -> typer.Typer:
    return typer.Typer(help=summary, invoke_without_command=True, callback=help_when_alone)
