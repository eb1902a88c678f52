"""What several commands share: the options for programs and for days, and groups that print their help when alone."""

from __future__ import annotations

from datetime import date
from typing import Annotated, TypeAlias

import typer

Json: TypeAlias = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
At: TypeAlias = Annotated[str | None, typer.Option("--at", metavar="DAY", help="Look as of this day (2006-09-01).")]
For: TypeAlias = Annotated[
    str | None, typer.Option("--for", metavar="TIME", help="Stop after the batch that passes this: 2h, 90m.")
]
First: TypeAlias = Annotated[
    int | None, typer.Option("--first", metavar="N", help="Stop after the first N rows of the plan, to look at them.")
]


def day_of(text: str | None) -> date | None:
    """The day an option names, none where it was not given. Raises ``InputError`` for anything else."""
    from troth.services.project import parse_day

    return parse_day(text) if text is not None else None


def asked_for_approval(plan_id: str) -> str:
    """What somebody types who was shown a plan: its id, to approve it."""
    asked = f"This is plan {plan_id[:12]}. To approve it, type these 12 characters; anything else gives up"
    return str(typer.prompt(asked, err=True))


def help_when_alone(context: typer.Context) -> None:
    """Without a command: the help, as a result, as ``--help`` prints it."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def group(summary: str) -> typer.Typer:
    return typer.Typer(help=summary, invoke_without_command=True, callback=help_when_alone)
