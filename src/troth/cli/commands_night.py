"""run: what a timer calls."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from troth.cli.context import here
from troth.cli.words import For, Json


def add(app: typer.Typer) -> None:
    app.command()(run)


def run(
    window: For = None,
    notify: Annotated[
        str | None,
        typer.Option("--notify", metavar="COMMAND", help="Run this unless all is well, with a JSON on its input."),
    ] = None,
    metrics: Annotated[
        Path | None, typer.Option("--metrics", metavar="FILE", help="Write figures for Prometheus there.")
    ] = None,
    json: Json = False,
) -> int:
    """Do what a standing approval allows, then check. Exit 0 all kept, 1 broken or left, 5 a person is asked."""
    from troth.cli.printing import out, print_json
    from troth.cli.running import limited, watching
    from troth.cli.show_run import as_json, show, tell
    from troth.services.alerting import command_words
    from troth.services.unattended import run as unattended

    project = here()
    command = command_words(notify) if notify is not None else ()
    limit = limited(window, None)
    ran = unattended(project, watching, limit.begun())
    failures = tell(project, ran, command, metrics)
    if json:
        print_json({**as_json(project, ran), "not_told": failures})
        return ran.exit_status()
    show(out(), ran)
    if ran.problem is not None:
        raise ran.problem
    return ran.exit_status()
