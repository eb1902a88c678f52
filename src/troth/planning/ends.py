"""When does a purpose no longer justify keeping a row? By its own rules (retention), or because a person asks.

A purge and an erasure are the same plan with another answer to this one question.

Rules: several maximums inside one purpose, the shortest; several minimums, the longest (domain rules 7.2.1). Across
purposes the last one decides, in ``steps.py``. In erasure each basis has its own answer (Art. 17(1) and 17(3) GDPR).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from troth.core.periods import Period, end_of_year, first_kept_start_of_year
from troth.law.read import erasure_rules
from troth.law.values import ErasureRule
from troth.planning.events import ALWAYS, NEVER, Timed, Unprovable, all_of, any_of, happened_before
from troth.planning.world import FAR, World
from troth.policy.model import Purpose, Rule
from troth.systems.model import Collection, Use

GDPR_APPLIES = date(2018, 5, 25)
"""Art. 99(2) GDPR. A plan as of an earlier day is decided by the same rules."""


def first_kept(world: World, rule: Rule) -> date:
    """What started before this day is past ``rule`` today. Raises ``Unprovable`` for a rule to confirm."""
    if rule.period is None:
        raise Unprovable("the period is to confirm", hint="write it in policy.yaml")
    if rule.of_year is None:
        return rule.period.first_kept_start(world.today)
    last = world.policy.controller.year_end if rule.of_year == "financial" else (12, 31)
    return first_kept_start_of_year(rule.period, world.today, last)


def last_day(world: World, rule: Rule, start: date) -> date | None:
    """The last day a row that started on ``start`` is kept under ``rule``."""
    from_year_end = {"calendar": (12, 31), "financial": world.policy.controller.year_end}
    if rule.period is None:
        return None
    if rule.of_year is None:
        return rule.period.after(start)
    return rule.period.after(end_of_year(start, from_year_end[rule.of_year]))


def governing(purpose: Purpose) -> tuple[Rule, ...]:
    """The rules that say when data leaves: those of the archive when there is one, else the active ones."""
    archive = tuple(rule for rule in purpose.rules if rule.phase == "archive")
    return archive or purpose.rules


def ended(world: World, collection: Collection, use: Use) -> Timed:
    """Rows for which the purpose has ended by its own rules. Raises ``Unprovable`` when that cannot be told."""
    rules = governing(world.purpose(use))
    if not rules:
        raise Unprovable(
            f"the policy gives no period for {use}", hint=f"add retain: to {use.processing} in policy.yaml"
        )
    _refuse_contradiction(use, rules)
    caps = [_passed(world, collection, use, rule) for rule in rules if rule.bound != "min"]
    floors = [_passed(world, collection, use, rule, least=True) for rule in rules if rule.bound != "max"]
    return all_of([*([any_of(caps)] if caps else []), *floors])


def known(world: World, collection: Collection, use: Use) -> Timed:
    """Rows for which at least the start of one rule is known; the others never fall due by themselves."""
    events = {rule.event for rule in governing(world.purpose(use)) if rule.event is not None}
    return any_of([happened_before(world, collection, event, FAR) for event in sorted(events)])


def _passed(world: World, collection: Collection, use: Use, rule: Rule, *, least: bool = False) -> Timed:
    """Rows past the rule. ``least``: as a minimum, which a state without a date cannot show to have run."""
    if rule.event is None or rule.period is None:
        raise Unprovable(
            f"the policy leaves to confirm how long {use} keeps data",
            hint="write the period and its start in policy.yaml",
        )
    dated = least and rule.period != Period()
    return happened_before(world, collection, rule.event, first_kept(world, rule), dated=dated)


def _refuse_contradiction(use: Use, rules: tuple[Rule, ...]) -> None:
    floors = [rule for rule in rules if rule.bound != "max" and rule.period is not None]
    for cap in rules:
        for floor in floors:
            if cap.bound == "max" and cap.period is not None and cap.event == floor.event and _days(floor) > _days(cap):
                raise Unprovable(
                    f"{use} must be kept {floor.period} and no longer than {cap.period}: both cannot hold",
                    hint="correct one of the two in policy.yaml; until then nothing of it is deleted",
                )


def _days(rule: Rule) -> int:
    period = rule.period or Period()
    return period.months * 30 + period.days + (365 if rule.of_year else 0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an erasure request meets in one purpose. ``ends``: rows the purpose lets go; ``code`` and ``article`` are
    the reason for the others."""

    ends: Timed
    code: str
    article: str


def released(world: World, collection: Collection, use: Use, *, optional: bool = False) -> Verdict:
    """What the purpose answers to an erasure request: the first rule of the law's data that fits (Art. 17 GDPR).

    ``optional``: the item is not necessary for the contract. A purpose whose own end cannot be told keeps the row, and
    so does one whose basis is still to confirm. Holds are the reading's business, not a purpose's.
    """
    purpose = world.purpose(use)
    if purpose.basis is None:
        return Verdict(NEVER, "R-TO-CONFIRM", "Art. 6(1) GDPR")
    case = _Case(purpose, world.processing(use).role, optional)
    rule = next(rule for rule in _rules(world.today) if _fits(rule, case))
    article = f"Art. {rule.article} GDPR"
    if rule.outcome == "forward":
        return Verdict(NEVER, rule.reason or "", article)
    if rule.outcome in ("refuse", "defer") or (rule.outcome == "object_then_erase" and str(purpose.compelling)):
        return Verdict(_ended_or_kept(world, collection, use), rule.reason or "", article)
    return Verdict(ALWAYS, "", article)


def _rules(on: date) -> tuple[ErasureRule, ...]:
    """The rules in force on a day; for a day before the GDPR applied, the first there are."""
    return erasure_rules(on) or erasure_rules(GDPR_APPLIES)


@dataclass(frozen=True, slots=True)
class _Case:
    purpose: Purpose
    role: str
    optional: bool


def _fits(rule: ErasureRule, case: _Case) -> bool:
    if rule.bases and case.purpose.basis not in rule.bases:
        return False
    match rule.code:
        case "processor":
            return case.role == "processor"
        case "contract":
            return not case.purpose.precontract and not case.optional
        case "precontract":
            return case.purpose.precontract
        case "hold" | "shared":
            return False
        case _:
            return True


def _ended_or_kept(world: World, collection: Collection, use: Use) -> Timed:
    try:
        return ended(world, collection, use)
    except Unprovable:
        return NEVER
