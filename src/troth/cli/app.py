"""The words of the command. Each does one thing: reads its options, calls one service, prints the result."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from troth import __version__
from troth.cli import commands_evidence, commands_help, commands_hold, commands_run, commands_unknown
from troth.cli.context import here, set_folder
from troth.cli.words import Json, group, help_when_alone

app = typer.Typer(
    name="troth",
    help="Makes a privacy policy run: says it, checks it, keeps it and proves it.",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

At = Annotated[str | None, typer.Option("--at", metavar="DAY", help="Look as of this day (2006-09-01).")]


def _version(value: bool) -> None:
    if value:
        typer.echo(f"troth {__version__}")
        raise typer.Exit


@app.callback()
def troth(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Option("-C", "--folder", metavar="FOLDER", help="Where policy.yaml and systems.yaml are.")
    ] = Path(),
    actor: Annotated[
        str, typer.Option("--actor", envvar="TROTH_ACTOR", metavar="NAME", help="Who asks; evidence keeps a pseudonym.")
    ] = "",
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    set_folder(folder, actor)
    help_when_alone(context)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="An empty folder, or one that already has the two files.")] = Path(),
    policy: Annotated[
        str | None, typer.Option("--from", metavar="NAME", help="Begin with a whole starter policy: saas.")
    ] = None,
    json: Json = False,
) -> None:
    """Start a project: the two files to fill in, and the keys that evidence is signed with."""
    from troth.cli.printing import out, print_json
    from troth.services.starting import start

    started = start(folder, policy)
    if json:
        print_json({"made": started.made, "kept": started.kept, "verifier": started.verifier})
        return
    console = out()
    for path in started.made:
        console.print(f"made     {path}")
    for path in started.kept:
        console.print(f"kept     {path}")
    console.print(f"\nGive auditors this key, by a way they trust:\n  [bold]{started.verifier}[/]", soft_wrap=True)
    console.print(f"Next: fill in policy.yaml and systems.yaml, then [bold]troth -C {folder} validate[/]")


@app.command()
def validate(json: Json = False) -> int:
    """Read both files and say everything that is wrong in them, at once."""
    from troth.cli import show_files
    from troth.cli.printing import out, print_json
    from troth.services.validating import validate as run

    found = run(here())
    if json:
        print_json(show_files.as_json(found))
    else:
        show_files.show(out(), found)
    return 2 if found.errors else 0


@app.command()
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

    day = _day(at)
    wanted = Wanted(html, lang, junit, sarif, code_quality, annotations)
    wanted.check()
    project = here()
    accepting = baseline(owner, _day(until), reason, project.now().date(), accept_all=accept_all)
    if sql is not None:
        queries = explain(here(), sql, day)
        if json:
            print_json({"promise": sql, "queries": queries})
        for text in () if json else queries:
            typer.echo(text)
        return 0
    with asking("checking") as on_ask:
        checked = run(project, day, on_ask, exact=exact, ages=html is not None)
    if accepting is not None:
        checked = accept(project, checked, accepting)
    write_reports(checked, wanted, strict=strict)
    if json:
        print_json(show_check.as_json(checked, strict=strict))
    else:
        show_check.show(out(), checked)
    return checked.exit_status(strict=strict)


def _day(at: str | None) -> date | None:
    from troth.services.project import parse_day

    return parse_day(at) if at is not None else None


plan = group("See exactly what would change, and why. Changes nothing.")
app.add_typer(plan, name="plan")
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Where the plan file goes (else plans/ in the folder).")
]


@plan.command("retention")
def plan_retention(at: At = None, out: Out = None, json: Json = False) -> int:
    """Everything that is past its time, in every store."""
    from troth.cli.printing import asking
    from troth.cli.show_plan import deliver
    from troth.services.making import plan_retention as run

    with asking("planning") as on_ask:
        made = run(here(), _day(at), on_ask)
    return deliver(here(), made, out, as_json=json)


@plan.command("erase")
def plan_erase(
    people: Annotated[
        typer.FileText | None,
        typer.Option(
            "--people",
            metavar="FILE",
            help="One name a line: e-mail, +telephone, login or id:KEY; - reads standard input.",
        ),
    ] = None,
    every_match: Annotated[
        bool, typer.Option("--every-match", help="A name that fits several rows means all of them.")
    ] = False,
    at: At = None,
    out: Out = None,
    json: Json = False,
) -> int:
    """What goes, and what stays until when, for people who asked. They are never named in the arguments."""
    from troth.cli.printing import asking
    from troth.cli.show_plan import deliver
    from troth.services.making import plan_erasure as run

    names = (
        people.read().splitlines()
        if people is not None
        else [typer.prompt("Whose data (e-mail, +telephone, login, id:KEY)", err=True)]
    )
    with asking("planning") as on_ask:
        made = run(here(), _day(at), names, on_ask, every_match=every_match)
    return deliver(here(), made, out, as_json=json)


systems = group("What the lines of systems.yaml mean for the tables that are there.")
app.add_typer(systems, name="systems")


@systems.command("show")
def systems_show(table: Annotated[str, typer.Argument(help="A table, or system.table.")], json: Json = False) -> int:
    """Every value of one table, and which line gave it."""
    from troth.cli import show_files
    from troth.cli.printing import out, print_json
    from troth.services.validating import show_table

    shown = show_table(here(), table)
    if json:
        print_json(show_files.table_json(shown))
    else:
        show_files.show_table(out(), shown)
    return 0


@app.command()
def schema(which: Annotated[str, typer.Argument(help="policy or systems")]) -> int:
    """Print the JSON Schema of one of the two files, for editors."""
    from troth.cli.printing import print_json
    from troth.services.validating import json_schema

    print_json(json_schema(which))
    return 0


commands_unknown.add(app, systems)
commands_run.add(app)
commands_hold.add(app)
commands_evidence.add(app)
commands_help.add(app)
