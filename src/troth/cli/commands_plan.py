"""plan retention, plan erase, plan access: what would change or be handed out, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from troth.cli.context import here
from troth.cli.words import At, Json, day_of

Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Where the plan file goes (else plans/ in the folder).")
]

People = Annotated[
    typer.FileText | None,
    typer.Option(
        "--people",
        metavar="FILE",
        help="One name a line: e-mail, +telephone, login or id:KEY; - reads standard input.",
    ),
]
EveryMatch = Annotated[bool, typer.Option("--every-match", help="A name that fits several rows means all of them.")]


Physical = Annotated[
    bool, typer.Option("--physical", help="At the end, write what is changed anew: not in the live files either.")
]


def add(plan: typer.Typer) -> None:
    plan.command("retention")(plan_retention)
    plan.command("erase")(plan_erase)
    plan.command("access")(plan_access)


def plan_retention(at: At = None, out: Out = None, physical: Physical = False, json: Json = False) -> int:
    """Everything that is past its time, in every store."""
    from troth.cli.printing import asking
    from troth.cli.show_plan import deliver
    from troth.services.making import plan_retention as run

    with asking("planning") as on_ask:
        made = run(here(), day_of(at), on_ask, physical=physical)
    return deliver(here(), made, out, as_json=json)


def plan_erase(
    people: People = None,
    every_match: EveryMatch = False,
    at: At = None,
    out: Out = None,
    physical: Physical = False,
    json: Json = False,
) -> int:
    """What goes, and what stays until when, for people who asked. They are never named in the arguments."""
    from troth.cli.printing import asking
    from troth.cli.show_plan import deliver
    from troth.services.making import plan_erasure as run

    names = _names(people)
    with asking("planning") as on_ask:
        made = run(here(), day_of(at), names, on_ask, every_match=every_match, physical=physical)
    return deliver(here(), made, out, as_json=json)


def plan_access(
    people: People = None,
    every_match: EveryMatch = False,
    at: At = None,
    out: Out = None,
    json: Json = False,
) -> int:
    """What a copy for each person who asked would hold. They are never named in the arguments."""
    from troth.cli.printing import asking
    from troth.cli.show_access import deliver
    from troth.services.disclosing import plan_access as run

    names = _names(people)
    with asking("planning") as on_ask:
        made = run(here(), day_of(at), names, on_ask, every_match=every_match)
    return deliver(here(), made, out, as_json=json)


def _names(people: typer.FileText | None) -> list[str]:
    if people is not None:
        return people.read().splitlines()
    return [typer.prompt("Whose data (e-mail, +telephone, login, id:KEY)", err=True)]
