"""From a draft and its answers to the plan: steps that have rows, numbered; what stays and why; what cannot be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from troth.planning.asks import Answers, Missing, counted
from troth.planning.draft import Causes, Draft, DraftRetained, DraftStep
from troth.planning.ends import governing, last_day
from troth.planning.plan import FORMAT, Because, Blocked, KeySet, Place, Plan, Retained, Step
from troth.planning.world import World
from troth.policy.model import Basis
from troth.register.promises import retention_id, retention_quote
from troth.stores.conditions import Everything, key_sets
from troth.stores.contract import Count
from troth.systems.model import Use

MANY = 1_000
"""Rows from which on it matters how fast each one goes."""


def finish(
    made: Draft,
    answers: Answers,
    keysets: Sequence[KeySet],
    places: Sequence[Place],
    *,
    nonce: str,
    people: int,
    limits: Sequence[str] = (),
) -> Plan:
    """The plan. Steps that no row needs are left out of a purge; an erasure keeps them, since its last look at every
    collection must also find what a live application adds meanwhile."""
    world = made.world
    steps: list[Step] = []
    blocked: list[Blocked] = []
    for draft in made.steps:
        answer = answers[draft.ask]
        because = tuple(dict.fromkeys(_because(made, use) for use in draft.uses))
        if isinstance(answer, Missing):
            blocked.append(Blocked(draft.collection, None, "NOT-REACHED", answer.reason, because))
            continue
        broken = [rule for rule, ask in draft.checks if (count := counted(answers, ask)) and count.rows]
        if broken:
            reason = f"masking would break the store's own rule {', '.join(broken)}; declare a blank that it accepts"
            blocked.append(Blocked(draft.collection, answer.rows, "RULE", reason, because))
        elif answer.rows or (made.kind == "erase" and _may_come(draft, keysets)):
            everything = counted(answers, draft.all_asked) if draft.all_asked is not None else None
            stays = [f"the row stays: {reason}" for reason in _true(draft.stays, answers)]
            notes = (*stays, *draft.notes, *(draft.slow if answer.rows >= MANY else ()))
            steps.append(_step(f"s{len(steps) + 1:02}", replace(draft, notes=notes), answer, because, everything))
    steps.extend(_refreshes(world, steps))
    for stuck in made.blocked:
        rows = counted(answers, stuck.ask) if stuck.ask is not None else None
        if stuck.ask is None or rows is None or rows.rows:
            because = tuple(dict.fromkeys(because_of(world, use) for use in stuck.uses))
            reason = "; ".join([*([stuck.reason] if stuck.reason else []), *_true(stuck.causes, answers)])
            blocked.append(Blocked(stuck.collection, rows.rows if rows else None, stuck.code, reason, because))
    return Plan(
        FORMAT,
        nonce,
        "erase" if made.kind == "erase" else "retention",
        world.today,
        world.policy.revision,
        world.data_map.revision,
        tuple(places),
        people,
        tuple(keysets),
        tuple(made.questions.values()),
        tuple(steps),
        tuple(_retained(made, answers)),
        tuple(dict.fromkeys(blocked)),
        tuple(dict.fromkeys([*made.limits, *limits])),
    )


def _true(causes: Causes, answers: Answers) -> list[str]:
    """The reasons that keep a row, or of which that is not known."""
    return [reason for reason, ask in causes if (found := counted(answers, ask)) is None or found.rows]


def because_of(world: World, use: Use) -> Because:
    """The promise a change keeps: its id, the sentence it quotes, the statute or article behind the period."""
    purpose, processing = world.purpose(use), world.processing(use)
    rules = governing(purpose)
    quote = retention_quote(processing, purpose, rules)
    words = " and ".join(str(rule) for rule in rules) or "no period given"
    sentence = quote or f"{str(processing.title) or use.processing}: {words}"
    law = next((rule.law for rule in rules if rule.law), None) or purpose.law
    return Because(retention_id(processing, purpose), sentence, law or "Art. 5(1)(e) GDPR")


def _may_come(draft: DraftStep, keysets: Sequence[KeySet]) -> bool:
    """True when a live application may yet add rows that the step means: somebody is in one of its key sets."""
    filled = {keyset.name for keyset in keysets if keyset.count}
    return draft.action in ("delete", "mask") and bool(key_sets(draft.where) & filled)


def _because(made: Draft, use: Use) -> Because:
    because = because_of(made.world, use)
    if made.kind == "erase":
        return Because(because.promise, because.sentence, "Art. 17(1) GDPR")
    return because


def _step(
    step_id: str, draft: DraftStep, answer: Count, because: tuple[Because, ...], everything: Count | None
) -> Step:
    return Step(
        step_id,
        draft.system,
        draft.collection,
        draft.table,
        draft.action,
        draft.where,
        draft.ask.where,
        draft.sweep,
        answer.rows,
        answer.oldest,
        draft.blanks,
        because,
        draft.notes,
        draft.how,
        draft.keys,
        draft.left,
        max(0, everything.rows - answer.rows) if everything is not None else 0,
    )


def _refreshes(world: World, steps: Sequence[Step]) -> list[Step]:
    """Materialised views that store copies of rows this plan changes are rebuilt at the end."""
    touched = {(step.system, step.table) for step in steps if step.action != "task"}
    found: list[Step] = []
    for system, schema in world.schemas.items():
        for info in schema.collections:
            if info.kind == "materialized_view" and any((system, table) in touched for table in info.reads_from):
                found.append(
                    Step(
                        f"s{len(steps) + len(found) + 1:02}",
                        system,
                        f"{system}.{info.name}",
                        info.name,
                        "refresh",
                        Everything(),
                        Everything(),
                        None,
                        0,
                        None,
                        (),
                        (),
                        ("it stores copies of rows that change",),
                    )
                )
    return found


def _retained(made: Draft, answers: Answers) -> list[Retained]:
    world = made.world
    found: list[Retained] = []
    for item in made.retained:
        count = counted(answers, item.ask)
        if count is None or not count.rows:
            continue
        latest = count.latest.date() if count.latest and _all_known(item, answers) else None
        until, event = until_when(world, item.use, latest)
        because = because_of(world, item.use)
        if item.code == "R-17-3-E":
            until, event = None, "the hold is lifted"
        by_law = world.purpose(item.use).basis is Basis.LEGAL_OBLIGATION and item.code != "R-17-3-E"
        law = because.article if by_law or item.code == "PURPOSE" else item.article
        because = Because(because.promise, because.sentence, law)
        found.append(Retained(item.collection, count.rows, item.code, because, until, event, item.fields))
    return list(dict.fromkeys(found))  # purposes that one sentence holds for say the same


def _all_known(item: DraftRetained, answers: Answers) -> bool:
    """No row stays whose start nobody knows: it would stay for longer than the latest of the others."""
    unknown = counted(answers, item.unknown) if item.unknown is not None else None
    return unknown is not None and not unknown.rows


def until_when(world: World, use: Use, latest: date | None) -> tuple[date | None, str]:
    """The last day the latest row is kept, when its start is in the row; in words what it is kept until."""
    rules = governing(world.purpose(use))
    words = " and ".join(str(rule) for rule in rules) or "to confirm"
    days = [last_day(world, rule, latest) for rule in rules] if latest else []
    known = [day for day in days if day is not None]
    return (max(known) if known and len(rules) == len(known) else None), words
