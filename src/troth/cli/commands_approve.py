"""troth approve: what retention runs may do without asking anybody, who said so, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli.context import here
from troth.cli.words import Json, group

if TYPE_CHECKING:
    from troth.services.standing import Given


def add(app: typer.Typer) -> None:
    approve = group("Approve retention in advance, up to ceilings and until a day. Never erasures.")
    approve.command("retention")(retention)
    approve.command("list")(list_approvals)
    approve.command("withdraw")(withdraw)
    app.add_typer(approve, name="approve")


def retention(
    max_rows: Annotated[int, typer.Option("--max-rows", metavar="N", help="Rows of one plan, in all.")],
    max_share: Annotated[
        str, typer.Option("--max-share", metavar="SHARE", help="Of the rows of each collection: 1% or 0.5%.")
    ],
    until: Annotated[str, typer.Option("--until", metavar="DAY", help="The last day it counts.")],
    json: Json = False,
) -> int:
    """Let troth run apply retention plans below these ceilings. A changed file ends it, and so does another one."""
    from troth.core.quantities import parse_share
    from troth.services.project import parse_day
    from troth.services.standing import give

    return _print(give(here(), max_rows, parse_share(max_share), parse_day(until)), as_json=json)


def list_approvals(json: Json = False) -> int:
    """Every standing approval that was given, the newest first, and whether it counts today."""
    from troth.cli.printing import out, print_json
    from troth.services.standing import list_given

    found = list_given(here())
    if json:
        print_json({"approvals": [_as_json(each) for each in found]})
        return 0
    if not found:
        out().print("no standing approval was given; troth run asks a person about every plan")
    for each in found:
        out().print(_sentence(each))
    return 0


def withdraw(json: Json = False) -> int:
    """From now on a person is asked about every plan."""
    from troth.services.standing import withdraw as run

    return _print(run(here()), as_json=json)


def _print(given: Given, *, as_json: bool) -> int:
    from troth.cli.printing import out, print_json

    if as_json:
        print_json(_as_json(given))
    else:
        out().print(_sentence(given))
    return 0


FITS = {
    "stands": "[bold green]stands[/]",
    "files_changed": "[bold yellow]counts no more[/]: policy.yaml or systems.yaml was changed",
    "ended": "[bold yellow]counts no more[/]: its last day has passed",
    "withdrawn": "withdrawn",
}


def _sentence(given: Given) -> str:
    from rich.markup import escape

    from troth.cli.printing import rows
    from troth.core.quantities import share_words

    approval = given.approval
    return (
        f"{FITS[given.fit]}  {rows(approval.max_rows)} of a plan, {share_words(approval.max_share)} of a collection, "
        f"until {approval.until}; given by {escape(approval.actor)} on {approval.at.date()}"
    )


def _as_json(given: Given) -> dict[str, object]:
    approval = given.approval
    return {
        "entry": approval.entry,
        "fit": given.fit,
        "given_by": approval.actor,
        "given_at": approval.at,
        "max_rows": approval.max_rows,
        "max_share": f"{approval.max_share / 10_000:g}%",
        "until": approval.until,
        "policy": approval.policy,
        "systems": approval.systems,
    }
