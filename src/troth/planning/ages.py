"""How old the data is against its period: the questions behind the charts of a report, and what their answers mean.

Asked beside the check's own questions and only when somebody wants to look: each place costs a handful of counts more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from troth.core.periods import Period
from troth.planning.asks import Ask, Measured, counted
from troth.planning.check import CheckDraft, Measure
from troth.planning.ends import first_kept, governing, last_day
from troth.planning.events import Timed, Unprovable, happened_before
from troth.planning.reading import Reading, Retention, holding, read, still_personal
from troth.planning.world import FAR, World
from troth.policy.model import Rule
from troth.stores.conditions import Condition, both
from troth.systems.model import Use

INSIDE = (0.25, 0.5, 0.75)
"""Where the period is cut, as parts of it."""
BEYOND = (1.5, 2.0)


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows whose clock began on or after ``first`` and before ``end``; ``None`` is as far as there is anything.
    ``past``: the check counts them as past their period."""

    first: date | None
    end: date | None
    rows: int
    past: bool


@dataclass(frozen=True, slots=True)
class Ages:
    """One place of a check by age. ``limit``: what began before this day is past ``rule``; ``since``: the day from
    which the oldest of it has been kept too long; ``longer``: rows that old which another purpose still keeps.
    ``bins`` is empty where the age is not drawn: the rule has no period, its start is in another store, or the table is
    so large that only some of its rows are asked about."""

    collection: str
    fields: tuple[str, ...]
    promises: tuple[str, ...]
    rule: Rule
    limit: date
    since: date | None
    longer: int
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class AgeDraft:
    """The questions of one place. ``within`` counts what began before each of ``edges`` inside the period, newest
    first, the last one at its limit; ``beyond`` what is past it and began before each later edge."""

    measure: Measure
    rule: Rule
    limit: date
    total: Ask | None = None
    edges: tuple[date, ...] = ()
    within: tuple[Ask, ...] = ()
    later: tuple[date, ...] = ()
    beyond: tuple[Ask, ...] = ()

    @property
    def asks(self) -> tuple[Ask, ...]:
        return (*([self.total] if self.total else []), *self.within, *self.beyond)


def draft_ages(world: World, draft: CheckDraft) -> tuple[AgeDraft, ...]:
    """For each place that the check measures against a period. Places whose purposes start differently are left out."""
    return tuple(_drafts(world, draft))


def _drafts(world: World, draft: CheckDraft) -> Iterator[AgeDraft]:
    for measure in draft.measures:
        collection = world.collections.get(measure.collection)
        if measure.code != "RET-PAST" or measure.ask is None or collection is None:
            continue
        reading = read(world, collection, Retention())
        if reading is None:
            continue
        uses, held = _place(reading, measure.fields)
        if governed := _limit(world, uses):
            rule, limit = governed
            yield _drawn(world, reading, measure, held, rule, limit) or AgeDraft(measure, rule, limit)


def _place(reading: Reading, fields: tuple[str, ...]) -> tuple[tuple[Use, ...], Condition]:
    for group in reading.groups:
        if fields and not group.whole and tuple(mapped.name for mapped in group.fields) == fields:
            return group.uses, holding(reading, group)
    return reading.uses, still_personal(reading)


def _limit(world: World, uses: Sequence[Use]) -> tuple[Rule, date] | None:
    """The rule that keeps the longest and the first day that it still keeps; ``None`` where there is no one clock.

    Inside a purpose the shortest maximum and the longest minimum decide, across purposes the last one to let go.
    """
    found: list[tuple[date, int, Rule]] = []
    events: set[str | None] = set()
    for use in uses:
        rules = governing(world.purpose(use))
        if not rules or not all(rule.decidable for rule in rules):
            return None
        events.update(rule.event for rule in rules)
        dated = [(first_kept(world, rule), len(found) + index, rule) for index, rule in enumerate(rules)]
        caps = [each for each in dated if each[2].bound != "min"]
        floors = [each for each in dated if each[2].bound != "max"]
        found.append(min([*([max(caps)] if caps else []), *floors]))
    if len(events) != 1:
        return None
    limit, _, rule = min(found)
    return rule, limit


def _drawn(
    world: World, reading: Reading, measure: Measure, held: Condition, rule: Rule, limit: date
) -> AgeDraft | None:
    span = (world.today - limit).days
    if rule.period in (None, Period()) or span < 2:
        return None
    collection, event, ask = reading.collection, rule.event or "", measure.ask
    edges = (*(world.today - timedelta(days=round(span * part)) for part in INSIDE), limit)
    later = tuple(world.today - timedelta(days=round(span * part)) for part in BEYOND)
    try:
        known, *before = (happened_before(world, collection, event, edge) for edge in (FAR, *edges, *later))
    except (Unprovable, OverflowError):
        return None
    if ask is None or ask.draw is not None or any(timed.asks for timed in (known, *before)):
        return None

    def asked(timed: Timed, where: Condition) -> Ask:
        return Ask(ask.system, ask.table, both(where, timed.find))

    base = both(world.rows(collection), reading.free, held)
    within = tuple(asked(timed, base) for timed in before[: len(edges)])
    beyond = tuple(asked(timed, ask.where) for timed in before[len(edges) :])
    return AgeDraft(measure, rule, limit, asked(known, base), edges, within, later, beyond)


def ages_of(world: World, drafts: Sequence[AgeDraft], answers: Measured) -> tuple[Ages, ...]:
    """What the answers say; a place whose store did not answer is left out."""
    return tuple(found for draft in drafts if (found := _ages(world, draft, answers)) is not None)


def _ages(world: World, draft: AgeDraft, answers: Measured) -> Ages | None:
    measure = draft.measure
    past = counted(answers, measure.ask) if measure.ask else None
    counts = [counted(answers, ask) for ask in draft.asks]
    rows = [count.rows for count in counts if count is not None]
    if past is None or len(rows) < len(counts):
        return None
    since = None
    if past.oldest is not None:
        last = last_day(world, draft.rule, past.oldest.astimezone(world.zone).date())
        since = last + timedelta(days=1) if last else None
    bins: list[Bin] = []
    longer = 0
    if draft.total is not None:
        total, within, beyond = rows[0], rows[1 : 1 + len(draft.edges)], rows[1 + len(draft.edges) :]
        longer = max(within[-1] - past.rows, 0)
        bins.extend(_bins(draft.edges, (total, *within), None, past=False))
        bins.extend(_bins(draft.later, (past.rows, *beyond), draft.limit, past=True))
        bins.append(Bin(None, draft.later[-1], beyond[-1], past=True))
    return Ages(measure.collection, measure.fields, measure.promises, draft.rule, draft.limit, since, longer, (*bins,))


def _bins(edges: Sequence[date], counts: Sequence[int], end: date | None, *, past: bool) -> Iterator[Bin]:
    """``counts``: before ``end``, then before each edge. A row that was written meanwhile makes no negative bar."""
    for first, here, older in zip(edges, counts, counts[1:], strict=False):
        yield Bin(first, end, max(here - older, 0), past)
        end = first
