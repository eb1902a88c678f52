"""apply, status, resume, stop, and the tasks that people do by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from troth.cli.context import here
from troth.cli.words import First, For, Json, asked_for_approval

PlanId = Annotated[str, typer.Argument(metavar="ID", help="A plan's id, or its first characters (6 or more).")]


def add(app: typer.Typer) -> None:
    app.command()(apply)
    app.command()(status)
    app.command()(resume)
    app.command()(stop)
    app.command()(drop)
    app.command()(sign)
    app.command()(task)


def apply(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="The plan file.")],
    approve: Annotated[
        str | None, typer.Option("--approve", metavar="ID", help="The id you approve, 12 characters or more.")
    ] = None,
    window: For = None,
    first: First = None,
    json: Json = False,
) -> int:
    """Carry out a plan, after approval of its id."""
    from troth.cli import show_plan
    from troth.cli.printing import err
    from troth.cli.running import limited, run
    from troth.services.applying import change_of, open_plan
    from troth.services.judging import Consent

    limit = limited(window, first)
    opened = open_plan(here(), plan)
    change = change_of(opened.plan)
    if approve is not None or opened.approved:
        consent = Consent(approve, "flag") if approve is not None else None
        return run(here(), change, consent, limit, as_json=json)
    show_plan.show(err(), change)
    return run(here(), change, Consent(asked_for_approval(change.id), "prompt"), limit, as_json=json)


def resume(plan: PlanId, window: For = None, first: First = None, json: Json = False) -> int:
    """Go on with an approved plan where it stopped."""
    from troth.cli.running import limited, run
    from troth.services.applying import change_of, kept_plan

    limit = limited(window, first)
    return run(here(), change_of(kept_plan(here(), plan)), None, limit, as_json=json)


def stop(plan: PlanId, json: Json = False) -> int:
    """Ask a running plan to stop after its present batch."""
    from troth.cli.printing import out, print_json
    from troth.services.applying import stop as ask

    plan_id = ask(here(), plan)
    if json:
        print_json({"plan": plan_id})
    else:
        out().print(f"plan {plan_id[:12]} stops after its present batch; go on with: troth resume {plan_id[:12]}")
    return 0


def drop(plan: PlanId, json: Json = False) -> int:
    """Drop a plan that is not wanted and was never begun: forget its keys."""
    from troth.cli.printing import out, print_json
    from troth.services.dropping import drop as run

    plan_id, keys = run(here(), plan)
    if json:
        print_json({"plan": plan_id, "status": "refused", "keys": keys})
    else:
        forgotten = f"{keys:,} key{'' if keys == 1 else 's'} of people forgotten"
        out().print(f"plan {plan_id[:12]} is dropped, {forgotten}; nothing else was changed")
        out().print("Its file holds no key and can be applied no more: keep it or delete it.")
    return 0


def status(
    every: Annotated[bool, typer.Option("--all", help="Each step of every plan, also of those that ended.")] = False,
    json: Json = False,
) -> int:
    """One screen: whether there is anything to do and what; then what runs, what stopped, what waits, what is due."""
    from troth.cli import show_status
    from troth.cli.printing import out, print_json
    from troth.services.on_call import situation

    found = situation(here(), every=every)
    if json:
        print_json(show_status.as_json(found))
    else:
        show_status.show(out(), found, every=every)
    return 0


def task(plan: PlanId, step: Annotated[str, typer.Argument(metavar="STEP")], json: Json = False) -> int:
    """The keys to look for in a system that is done by hand. Shown to you; kept nowhere else."""
    from troth.cli.printing import print_json
    from troth.services.tasks import keys_of

    keys = keys_of(here(), plan, step)
    if json:
        print_json({"step": step, "keys": keys})
        return 0
    for key in keys:
        typer.echo("\t".join(str(part) for part in key))
    return 0


def sign(
    plan: PlanId,
    step: Annotated[str, typer.Argument(metavar="STEP")],
    statement: Annotated[
        str,
        typer.Option("--statement", metavar="WORDS", help="What you did; kept in our own database, never in evidence."),
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Sign without being asked.")] = False,
    json: Json = False,
) -> int:
    """Declare that a step was done by hand. Evidence says declared, never measured."""
    from troth.cli.printing import out, print_json
    from troth.services.tasks import sign as declare

    if not yes:
        typer.confirm("You declare that this was done completely?", abort=True, err=True)
    finished = declare(here(), plan, step, statement)
    if json:
        print_json({"step": step, "finished": finished})
    else:
        out().print("signed" + ("; the plan is complete" if finished else ""))
    return 0
