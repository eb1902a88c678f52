"""package: the copies of an approved plan, written for the people who asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from troth.cli.context import here
from troth.cli.words import Json, asked_for_approval, day_of

DAYS = 30
"""How long a copy is kept by whoever makes it, unless a day is given."""


def add(app: typer.Typer) -> None:
    app.command()(package)


def package(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="The plan file, of troth plan access.")],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the copies go, one for each person.")],
    approve: Annotated[
        str | None, typer.Option("--approve", metavar="ID", help="The id you approve, 12 characters or more.")
    ] = None,
    lang: Annotated[
        str, typer.Option("--lang", metavar="LANGUAGE", help="The language of the copies: en or fr.")
    ] = "en",
    zipped: Annotated[bool, typer.Option("--zip", help="One ZIP file for each person instead of a folder.")] = False,
    expires: Annotated[
        str | None, typer.Option("--expires", metavar="DAY", help="When the copies expire (else 30 days from now).")
    ] = None,
    json: Json = False,
) -> int:
    """Write a copy for each person, after approval of the plan's id. Changes nothing in any store."""
    from datetime import timedelta

    from troth.cli import show_access
    from troth.cli.printing import err, print_json, progressing
    from troth.cli.printing import out as console
    from troth.core.errors import InputError
    from troth.planning.access_plan import Answer
    from troth.publish.language import language
    from troth.services.applying import open_plan
    from troth.services.judging import Consent
    from troth.services.packaging import Wanted, disclosure_of
    from troth.services.packaging import package as run

    project = here()
    today = project.now().date()
    last = day_of(expires) or today + timedelta(days=DAYS)
    if last <= today:
        raise InputError(f"{last} is not to come", hint="name a later day", code="EXPIRES")
    wanted = Wanted(out, language(lang), last, zipped)
    opened = open_plan(project, plan)
    access = disclosure_of(opened.plan.to_bytes())
    consent = Consent(approve, "flag") if approve is not None else None
    if consent is None and not opened.approved:
        show_access.show(err(), access)
        consent = Consent(asked_for_approval(access.id), "prompt")
    with progressing() as progress:
        bars = {each.id: progress.add_task(f"copy {each.id}", total=each.rows) for each in access.answers}

        def moved(answer: Answer, rows: int) -> None:
            progress.update(bars[answer.id], completed=rows, total=max(rows, answer.rows))

        packaged = run(project, access.id, consent, wanted, moved)
    if json:
        print_json(show_access.packaged_json(packaged))
    else:
        show_access.show_packaged(console(), packaged)
    return packaged.exit_status()
