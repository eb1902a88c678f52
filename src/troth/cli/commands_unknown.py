"""troth look and troth systems draft: a database that no file describes yet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from troth.cli.context import here
from troth.cli.words import Json

Address = Annotated[
    str,
    typer.Argument(
        metavar="ADDRESS", help="A variable that holds the address (DATABASE_URL), or an address without a password."
    ),
]
Schema = Annotated[
    list[str] | None,
    typer.Option(
        "--schema", metavar="SCHEMA", help="PostgreSQL: a schema to look at (else public). MariaDB: a database."
    ),
]


def add(app: typer.Typer, systems: typer.Typer) -> None:
    app.command("look")(look)
    systems.command("draft")(draft)


def look(
    address: Address,
    schema: Schema = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also write one page that stands alone.")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", metavar="LANGUAGE", help="Of the page: en or fr.")] = "en",
    json: Json = False,
) -> int:
    """Without a policy, read-only: which personal data is there, how old it is, and what looks wrong."""
    from troth.cli import show_look
    from troth.cli.printing import asking, out, print_json
    from troth.publish.language import language
    from troth.services.unknown import look as run

    spoken = language(lang)
    with asking("looking") as on_step:
        looked = run(here(), address, tuple(schema or ()), on_step)
    if html is not None:
        from troth.publish.look_page import look_page
        from troth.services.reporting import look_report_of

        html.write_text(look_page(look_report_of(looked), spoken), encoding="utf-8")
    if json:
        print_json(show_look.as_json(looked))
    else:
        show_look.show(out(), looked)
    return 0


def draft(
    address: Annotated[
        str | None,
        typer.Argument(
            metavar="[ADDRESS]", help="As for look. Absent: the system that systems.yaml has, or the one named."
        ),
    ] = None,
    system: Annotated[
        str | None, typer.Option("--system", metavar="ID", help="Which system of systems.yaml, or what to call it.")
    ] = None,
    schema: Schema = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the draft there instead of systems.yaml.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Put the new lines into the systems.yaml that is there; none is changed.")
    ] = False,
    json: Json = False,
) -> int:
    """Write systems.yaml from a live schema, every line marked as a guess; of one that is there, show what is new."""
    from troth.cli import show_draft
    from troth.cli.printing import asking, out, print_json
    from troth.services.drafting import make_draft

    with asking("drafting") as on_step:
        made = make_draft(here(), address, system, tuple(schema or ()), out_file, on_step, write=write)
    if json:
        print_json(show_draft.as_json(made))
    else:
        show_draft.show(out(), made)
    return 0
