"""troth systems check and troth systems grants: the connections to the databases that systems.yaml describes."""

from __future__ import annotations

from typing import Annotated

import typer

from troth.cli.context import here
from troth.cli.words import Json


def add(systems: typer.Typer) -> None:
    systems.command("check")(check)
    systems.command("grants")(grants)


def check(json: Json = False) -> int:
    """Is every system reached as it should be, on both connections, and is what is declared there, and nothing else."""
    from troth.cli import show_systems
    from troth.cli.printing import asking, out, print_json
    from troth.services.connections import check_systems

    with asking("checking") as on_step:
        checked = check_systems(here(), on_step)
    if json:
        print_json(show_systems.as_json(checked))
    else:
        show_systems.show(out(), checked)
    return checked.exit_status()


def grants(
    system: Annotated[
        str | None, typer.Argument(metavar="[SYSTEM]", help="One system of systems.yaml; all of them when absent.")
    ] = None,
    read_role: Annotated[str, typer.Option("--read-role", metavar="NAME", help="The role under read:.")] = "troth_read",
    write_role: Annotated[
        str, typer.Option("--write-role", metavar="NAME", help="The role under write:.")
    ] = "troth_write",
    json: Json = False,
) -> int:
    """Print what makes the roles of both connections, with the rights they need and no more. Changes nothing."""
    from troth.cli import show_systems
    from troth.cli.printing import asking, print_json
    from troth.services.granting import grants as make

    with asking("looking") as on_step:
        made = make(here(), system, read_role, write_role, on_step)
    if json:
        print_json(show_systems.granted_as_json(made))
    else:
        for each in made:
            typer.echo(f"-- system {each.system}\n{each.text}")
    return 0
