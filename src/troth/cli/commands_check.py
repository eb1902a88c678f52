"""check: every promise measured, and every report of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from troth.cli.context import here
from troth.cli.words import At, Json, day_of
from troth.core.errors import InputError


def add(app: typer.Typer) -> None:
    app.command()(check)


def check(
    at: At = None,
    json: Json = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page for people who read no YAML.")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", metavar="LANGUAGE", help="Of the page: en or fr.")] = "en",
    junit: Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML for CI.")] = None,
    sarif: Annotated[Path | None, typer.Option("--sarif", metavar="FILE", help="Write SARIF 2.1.0 for CI.")] = None,
    code_quality: Annotated[
        Path | None, typer.Option("--code-quality", metavar="FILE", help="Write GitLab's code quality report.")
    ] = None,
    annotations: Annotated[
        str | None, typer.Option("--annotations", metavar="SYSTEM", help="Print annotations: github or azure.")
    ] = None,
    accept_all: Annotated[
        bool, typer.Option("--accept-all", help="Write what is broken now into policy.yaml as accepted.")
    ] = False,
    owner: Annotated[str | None, typer.Option("--owner", metavar="NAME", help="Who answers for it.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DAY", help="The last day it is accepted.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="WORDS", help="Why it is accepted.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on unprovable promises too.")] = False,
    exact: Annotated[bool, typer.Option("--exact", help="Count all rows, also where that is dear.")] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Only: is every table and column declared? No row is read.")
    ] = False,
    record: Annotated[bool, typer.Option("--record", help="Leave the counts in the evidence, signed.")] = False,
    sql: Annotated[
        str | None, typer.Option("--sql", metavar="PROMISE", help="Print the exact queries of one promise.")
    ] = None,
) -> int:
    """Measure every promise against the real stores. Exit 0 kept, 1 broken, 2 bad input, 3 not reached."""
    from troth.cli import show_check
    from troth.cli.printing import asking, out, print_json
    from troth.cli.write_reports import Wanted, write_reports
    from troth.services.accepting import accept_all as accept
    from troth.services.accepting import baseline
    from troth.services.checking import check as run
    from troth.services.checking import explain
    from troth.services.checking import record as keep
    from troth.services.schema_check import check_schema

    day = day_of(at)
    wanted = Wanted(html, lang, junit, sarif, code_quality, annotations)
    wanted.check()
    project = here()
    accepting = baseline(owner, day_of(until), reason, project.now().date(), accept_all=accept_all)
    if sql is not None:
        queries = explain(here(), sql, day)
        if json:
            print_json({"promise": sql, "queries": queries})
        for text in () if json else queries:
            typer.echo(text)
        return 0
    if schema and (record or accept_all or exact or day is not None or html is not None):
        hint = "leave out --record, --accept-all, --exact, --at and --html"
        raise InputError("--schema looks at tables and columns alone", hint=hint, code="SCHEMA-ALONE")
    with asking("checking") as on_ask:
        checked = (
            check_schema(project, on_ask) if schema else run(project, day, on_ask, exact=exact, ages=html is not None)
        )
    if accepting is not None:
        checked = accept(project, checked, accepting)
    if record:
        checked = keep(project, checked)
    write_reports(checked, wanted, strict=strict)
    if json:
        print_json(show_check.as_json(checked, strict=strict))
    else:
        show_check.show(out(), checked)
    return checked.exit_status(strict=strict)
