"""How gone what a plan removes will be, and its physical step: pure, added to a plan whose other steps are known."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Literal, TypeAlias

from troth.planning.access_plan import AnyPlan
from troth.planning.plan import Blocked, Gone, Plan, Step
from troth.planning.world import World
from troth.stores.conditions import Everything
from troth.stores.gone import Budget, Level, Outside
from troth.systems.model import System

Rewrites: TypeAlias = Mapping[str, Literal["collection", "store", "none"]]
"""By system, what its store writes anew at once."""

CHANGES = frozenset({"delete", "mask", "detach", "refresh"})


def with_levels(plan: Plan, world: World, outside: Mapping[str, tuple[Outside, ...]]) -> Plan:
    """The plan with what it reaches said of each system that it changes."""
    rewritten = {step.system for step in plan.steps if step.action == "rewrite"}
    found: list[Gone] = []
    for system in dict.fromkeys(step.system for step in plan.steps if step.action in CHANGES):
        declared = world.data_map.systems[system]
        level: Level = "physical" if system in rewritten else "logical"
        budget = budget_of(declared) if system in rewritten else None
        found.append(Gone(system, level, places_outside(declared, outside[system], level), budget))
    return replace(plan, gone=tuple(found))


def budget_of(system: System) -> Budget | None:
    """What the physical step of ``system`` may take; none where systems.yaml does not say."""
    limits = system.physical
    return Budget(limits.lock, limits.disk) if limits is not None else None


def places_outside(system: System, seen: tuple[Outside, ...], level: Level) -> tuple[Outside, ...]:
    """What lies outside of ``level``: what the store says, in the place of which goes what systems.yaml declares; then
    backups and copies, of which no store knows."""
    inside = "freed_pages" if level == "physical" else "freed_disk"
    places = [_declared(system, each) for each in seen if each.place != inside]
    backups = Outside("backups", "backups", "not_known", "backups: {keep: …} in systems.yaml would make it known")
    if system.backups is not None:
        how = f"backups: {{keep: {system.backups} days}} is declared"
        backups = Outside("backups", "backups", "declared", how, system.backups)
    copies = Outside("copies", "exports and copies elsewhere", "not_known", "nobody here knows of them")
    return (*places, backups, copies)


def at_level(plan: AnyPlan, name: str, level: Level) -> tuple[Outside, ...]:
    """What lies outside of ``level`` in one system of a plan, which may aim at another level."""
    gone = plan.gone_from(name) if isinstance(plan, Plan) else None
    if gone is None or gone.level == level:
        return gone.outside if gone else ()
    pages = Outside("freed_pages", "the store's live files", "not_known", "until its physical step is done")
    return (pages, *(each for each in gone.outside if each.place != "freed_disk"))


def _declared(system: System, place: Outside) -> Outside:
    if system.logs is None or place.days is not None or place.place not in ("database_log", "server_log"):
        return place
    how = f"logs: {{keep: {system.logs} days}} is declared"
    return Outside(place.place, place.what, "declared", how, system.logs)


def with_physical_step(plan: Plan, world: World, rewrites: Rewrites) -> Plan:
    """The plan with one more step for each table that it changes, after all others, where the store has such a step and
    systems.yaml states a budget for it; else with the reason why not."""
    tables = tuple(_touched(plan, world))
    steps, blocked = list(plan.steps), list(plan.blocked)
    for system in dict.fromkeys(system for system, _ in tables):
        kind = rewrites[system]
        if kind == "none":
            blocked.append(Blocked(system, None, "NOT-PHYSICAL", "its store has no physical step"))
        elif world.data_map.systems[system].physical is None:
            reason = "its physical step has no budget: add physical: {lock: …, disk: …} to it in systems.yaml"
            blocked.append(Blocked(system, None, "NO-BUDGET", reason))
        elif kind == "store":
            steps.append(_step(len(steps) + 1, system, system, ""))
        else:
            for name in [table for each, table in tables if each == system]:
                steps.append(_step(len(steps) + 1, system, f"{system}.{name}", name))
    return replace(plan, steps=tuple(steps), blocked=tuple(blocked))


def _touched(plan: Plan, world: World) -> Iterator[tuple[str, str]]:
    """Tables that the plan changes, and those whose rows the store itself removes or changes with them."""
    touched = dict.fromkeys((step.system, step.table) for step in plan.steps if step.action in CHANGES)
    waiting = list(touched)
    while waiting:
        system, table = waiting.pop()
        yield system, table
        for info in world.schemas[system].collections:
            follows = any(each.target == table and each.on_delete != "no_action" for each in info.references)
            if follows and (system, info.name) not in touched:
                touched[system, info.name] = None
                waiting.append((system, info.name))


def _step(number: int, system: str, collection: str, table: str) -> Step:
    return Step(
        f"s{number:02}", system, collection, table, "rewrite", Everything(), Everything(), None, 0, None, (), ()
    )  # fmt: skip


def reached(plan: Plan, done: Collection[str]) -> Level:
    """The level of what the plan removed, over all its systems. ``done``: ids of the steps that came to their end and
    could show what they are for."""
    found = gone_after(plan, done)
    return "physical" if found and all(each.level == "physical" for each in found) else "logical"


def gone_after(plan: Plan, done: Collection[str]) -> tuple[Gone, ...]:
    """How gone it is in each system after a run, as far as its physical step could show it."""
    short = {step.system for step in plan.steps if step.action == "rewrite" and step.id not in done}
    return tuple(
        replace(gone, level="logical", outside=at_level(plan, gone.system, "logical")) if gone.system in short else gone
        for gone in plan.gone
    )
