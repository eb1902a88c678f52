"""troth hold: suspend deletion for people or collections, list what is suspended, lift it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli.context import here
from troth.cli.words import Json, group

if TYPE_CHECKING:
    from troth.services.holding import Standing


def add(app: typer.Typer) -> None:
    hold = group("Suspend deletion: an open request, a restriction, a litigation.")
    hold.command("place")(place)
    hold.command("list")(list_holds)
    hold.command("lift")(lift)
    app.add_typer(hold, name="hold")


def place(
    reason: Annotated[
        str, typer.Option("--reason", metavar="KIND", help="litigation, restriction, request or authority.")
    ],
    until: Annotated[str, typer.Option("--review", metavar="DAY", help="The day somebody looks at it again.")],
    people: Annotated[
        typer.FileText | None,
        typer.Option("--people", metavar="FILE", help="One name a line; - reads standard input."),
    ] = None,
    every_match: Annotated[
        bool, typer.Option("--every-match", help="A name that fits several rows means all of them.")
    ] = False,
    collection: Annotated[
        str | None,
        typer.Option("--collection", metavar="SYSTEM.TABLE", help="A whole collection instead of people."),
    ] = None,
    json: Json = False,
) -> int:
    """Nothing of these people is deleted while the hold stands."""
    from troth.cli.printing import out, print_json
    from troth.services.holding import place as run
    from troth.services.project import parse_day

    names: list[str] = []
    if people is not None:
        names = people.read().splitlines()
    elif collection is None:
        names = [typer.prompt("Whose data", err=True)]
    placed = run(here(), names, reason, parse_day(until), every_match=every_match, collection=collection)
    if json:
        print_json({"holds": [asdict(hold) for hold in placed]})
        return 0
    for hold in placed:
        out().print(f"hold {hold.id} on {_whom(hold)}, looked at again on {until}")
    return 0


def _whom(hold: Standing) -> str:
    if hold.people is None:
        return f"all of {hold.collection}"
    return f"{hold.people} {'person' if hold.people == 1 else 'people'} in {hold.collection}"


def list_holds(json: Json = False) -> int:
    """Every hold that stands."""
    from troth.cli.printing import out, print_json
    from troth.services.holding import list_holds as run

    holds = run(here())
    if json:
        print_json({"holds": [asdict(hold) for hold in holds]})
        return 0
    if not holds:
        out().print("no hold stands")
    for hold in holds:
        overdue = "  [bold red]the review day has passed[/]" if hold.overdue else ""
        out().print(f"{hold.id}  {hold.reason}  {_whom(hold)}  review {hold.review}{overdue}")
    return 0


def lift(hold: Annotated[str, typer.Argument(metavar="ID")], json: Json = False) -> int:
    """Deletion goes on with the next plan; the record that there was a hold stays."""
    from troth.cli.printing import out, print_json
    from troth.services.holding import lift as run

    lifted = run(here(), hold)
    if json:
        print_json({"hold": lifted})
    else:
        out().print(f"hold {lifted} is lifted")
    return 0
