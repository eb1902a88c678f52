"""Making a plan: look, draft, write down keys, count, finish, and keep it in our own database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from secrets import token_hex

from troth.core.canonical import sha256_hex
from troth.core.errors import InputError, NotReached
from troth.core.wholefile import write_whole
from troth.execution.keys import fill
from troth.execution.measure import answer
from troth.planning import names
from troth.planning.access_plan import AnyPlan
from troth.planning.asks import Ask, Missing, counted
from troth.planning.draft import Draft
from troth.planning.drafting import draft
from troth.planning.finish import finish
from troth.planning.physical import Rewrites, budget_of, with_levels, with_physical_step
from troth.planning.plan import KeySet, Place, Plan
from troth.planning.reading import Erasure, Question, Retention
from troth.register.load import Register
from troth.services.finding import Found, find_people
from troth.services.held import held_now
from troth.services.looking import Look, look
from troth.services.project import Project
from troth.services.recording import Recorder
from troth.state import keysets
from troth.stores.conditions import Everything, Key
from troth.stores.contract import Identity, Rewrite


@dataclass(frozen=True, slots=True)
class Made:
    """A plan, kept in our own database under its id. ``totals``: rows of the collections it changes, if asked for."""

    plan: Plan
    found: Found | None = None
    totals: Mapping[str, int] = field(default_factory=dict)


def plan_retention(
    project: Project,
    at: date | None,
    on_ask: Callable[[str], None],
    *,
    note: str = "",
    totals: bool = False,
    physical: bool = False,
) -> Made:
    """Everything past its time. ``note`` is kept with the plan; ``totals``: also count what its collections hold;
    ``physical``: with the physical step."""
    register = project.load()
    with look(register, project.secrets(), project.today(register, at), held_now(project, register).frozen) as seen:
        all_reached(seen)
        plan, keys = make(project, register, seen, Retention(), {}, on_ask, physical=physical)
        counted = _totals(seen, plan, on_ask) if totals else {}
        _keep(project, register, plan, keys, note)
        return Made(plan, totals=counted)


def _totals(seen: Look, plan: Plan, on_ask: Callable[[str], None]) -> dict[str, int]:
    asks: dict[str, Ask] = {}
    for step in plan.steps:
        if step.action not in ("refresh", "task", "rewrite"):
            known = seen.world.collections.get(step.collection)
            asks[step.collection] = Ask(step.system, step.table, seen.world.rows(known) if known else Everything())
    answers = answer(list(asks.values()), seen.reached, {}, on_ask)
    for collection, ask in asks.items():
        if isinstance(missing := answers[ask], Missing):
            raise NotReached(f"{collection}: {missing.reason}", hint="try again later", code="NOT-REACHED")
    return {collection: count.rows for collection, ask in asks.items() if (count := counted(answers, ask))}


def plan_erasure(
    project: Project,
    at: date | None,
    people: Sequence[str],
    on_ask: Callable[[str], None],
    *,
    every_match: bool = False,
    physical: bool = False,
) -> Made:
    """``people`` are names as people give them (e-mail, telephone, login, id), one a line. Raises ``Refused`` when one
    of them fits several rows, unless ``every_match``, and when nobody is found."""
    register = project.load()
    with look(register, project.secrets(), project.today(register, at), held_now(project, register).frozen) as seen:
        all_reached(seen)
        found = find_people(seen, people, every_match=every_match)
        plan, keys = make(
            project, register, seen, Erasure(), found.keys, on_ask, people=found.people, physical=physical
        )
        _keep(project, register, plan, keys)
        return Made(plan, found)


def make(
    project: Project,
    register: Register,
    seen: Look,
    question: Question,
    given: Mapping[str, tuple[Key, ...]],
    on_ask: Callable[[str], None],
    *,
    people: int = 0,
    physical: bool = False,
) -> tuple[Plan, dict[str, tuple[Key, ...]]]:
    """The plan and the key sets it stands on, as things are now. Nothing is kept."""
    made = draft(seen.world, question)
    held = held_now(project, register).keys
    keys = fill(seen.reached.stores, made.questions.values(), {**held, **given})
    answers = answer(made.asks, seen.reached, keys, on_ask)
    secret = project.secrets().resolve(register.data_map.evidence.pseudonym_key)
    kept = {name: value for name, value in keys.items() if not names.is_held(name)}
    sets = [KeySet(name, len(value), keysets.digest(value, secret)) for name, value in sorted(kept.items())]
    nonce = token_hex(8)
    plan = finish(made, answers, sets, places(seen, made), nonce=nonce, people=people, limits=outside(seen))
    if physical:
        plan = _measured(with_physical_step(plan, seen.world, _rewrites(seen)), seen)
    return with_levels(plan, seen.world, {name: health.outside for name, health in seen.health.items()}), kept


def _rewrites(seen: Look) -> Rewrites:
    return {name: store.capabilities.rewrites for name, store in seen.reached.stores.items()}


def _measured(plan: Plan, seen: Look) -> Plan:
    """The physical step with what each part of it takes, as its store measures it now."""
    steps = list(plan.steps)
    for at, step in enumerate(steps):
        budget = budget_of(seen.register.data_map.systems[step.system])
        if step.action == "rewrite" and budget is not None:
            change = Rewrite(step.table or None, budget)
            steps[at] = replace(step, notes=(seen.reached.stores[step.system].explain(change),))
    return replace(plan, steps=tuple(steps))


def places(seen: Look, made: Draft) -> list[Place]:
    return places_of(
        seen, {step.system for step in made.steps if step.action != "task"} | {a.system for a in made.asks}
    )


def places_of(seen: Look, systems: Iterable[str]) -> list[Place]:
    """Where the systems are that a plan stands on."""
    return [place_of(name, seen.health[name].identity) for name in sorted(systems) if name in seen.health]


def place_of(system: str, identity: Identity) -> Place:
    database = sha256_hex([identity.server, identity.database])
    return Place(system, database, hashlib.sha256(identity.endpoint.encode()).hexdigest())


def outside(seen: Look) -> list[str]:
    """Why a store may show only a part of itself, and what systems.yaml says cannot be promised."""
    found = [f"{name}: {limit}" for name, health in seen.health.items() for limit in health.limits]
    for system in seen.register.data_map.systems.values():
        if system.by_hand is None:
            found.extend(f"{system.id}: {limit}" for limit in system.limits)
    return found


def all_reached(seen: Look) -> None:
    """A plan must not be made while a store is away: its rows would silently stay."""
    if seen.reached.unreached:
        words = "; ".join(f"{name}: {reason}" for name, reason in seen.reached.unreached.items())
        raise NotReached(
            f"no plan was made, because a store was not reached: {words}",
            hint="try again when it answers",
            code="NOT-REACHED",
        )


def write_plan(project: Project, plan: AnyPlan, file: Path | None) -> Path:
    """Write the plan file: ``plans/<kind>-<id>.json`` in the project's folder unless a file is named."""
    path = file or project.folder / "plans" / f"{plan.kind}-{plan.id[:12]}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, plan.to_bytes() + b"\n")
    except OSError as error:
        raise InputError(
            f"the plan cannot be written to {path}: {error.strerror}",
            hint="name another file with --out",
            code="PLAN-FILE",
        ) from error
    return path


def _keep(
    project: Project, register: Register, plan: Plan, keys: Mapping[str, tuple[Key, ...]], note: str = ""
) -> None:
    if not plan.steps:
        return
    with project.state(register) as state:
        Recorder(project, register, state).plan_made(plan, keys, note)
