"""Measuring: every question of planning gets its answer from the store, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from troth.core.cards import holds_card
from troth.execution.keys import Keys, bind, scalar
from troth.planning.asks import Ask, Draw, Missing, Sampled
from troth.planning.check import CheckDraft, Measure, Scan, Verdict
from troth.planning.verdicts import Finding
from troth.planning.world import field_of
from troth.stores.conditions import Everything, InKeys, Key, both
from troth.stores.contract import ChangeRefused, Count, Selection, Store, StoreUnavailable

DRAWN = 20_000
"""Rows that are asked about where to ask all would be dear."""

SCAN_BUDGET = 200_000
"""Values of one field that are read whole; beyond, this many are drawn at random and the finding says so."""

Step = Callable[[str], None]
"""Called with a word for people as each question is asked."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Read connections by system, and for those that did not answer, why."""

    stores: Mapping[str, Store]
    unreached: Mapping[str, str]


def answer(asks: Sequence[Ask], reached: Reached, keys: Keys, on_ask: Step) -> dict[Ask, Count | Missing]:
    """One answer per question. A store that stops answering takes only its own questions with it."""
    answers: dict[Ask, Count | Missing] = {}
    for ask in asks:
        store = reached.stores.get(ask.system)
        if store is None:
            answers[ask] = Missing(reached.unreached.get(ask.system, "the store was not reached"))
            continue
        on_ask(f"{ask.system}.{ask.table}")
        try:
            answers[ask] = store.count(bind(ask.table, ask.where, keys), ask.start)
        except (StoreUnavailable, ChangeRefused) as error:
            answers[ask] = Missing(error.message)
    return answers


def measured(
    asks: Sequence[Ask], reached: Reached, keys: Keys, on_ask: Step, *, exact: bool
) -> dict[Ask, Count | Missing | Sampled]:
    """As ``answer``; but where a question says so, and unless ``exact``, about rows drawn at random: the same ones for
    every question about a table."""
    found: dict[Ask, Count | Missing | Sampled] = {}
    found.update(answer([ask for ask in asks if exact or ask.draw is None], reached, keys, on_ask))
    drawn: dict[tuple[str, str], tuple[Key, ...]] = {}
    for ask in asks:
        if ask.draw is not None and ask not in found:
            on_ask(f"{ask.system}.{ask.table}")
            try:
                store = reached.stores[ask.system]
                place = (ask.system, ask.table)
                if place not in drawn:
                    drawn[place] = _drawn(store, ask.table, ask.draw)
                found[ask] = _asked_of(store, ask, ask.draw, keys, drawn[place])
            except (StoreUnavailable, ChangeRefused) as error:
                found[ask] = Missing(error.message)
    return found


def _drawn(store: Store, table: str, draw: Draw) -> tuple[Key, ...]:
    rows = store.read(Selection(table, Everything()), draw.key, limit=DRAWN, sample=True)
    return tuple(tuple(scalar(part) for part in row) for row in rows)


def _asked_of(store: Store, ask: Ask, draw: Draw, keys: Keys, drawn: tuple[Key, ...]) -> Count | Sampled:
    """The count among the rows drawn; of all, when the table turns out to have no more than those."""
    if len(drawn) < DRAWN:
        return store.count(bind(ask.table, ask.where, keys), ask.start)
    among = both(InKeys(draw.key, "drawn"), ask.where)
    return Sampled(store.count(bind(ask.table, among, {**keys, "drawn": drawn}), ask.start), len(drawn), draw.of)


def scan(draft: CheckDraft, reached: Reached, keys: Keys, on_ask: Step) -> dict[Scan, Finding | None]:
    """Test values that no query can tell; ``None`` when all of them, read whole, have the form."""
    found: dict[Scan, Finding | None] = {}
    for measure in draft.measures:
        if measure.scan is not None and measure.scan not in found:
            on_ask(measure.collection)
            found[measure.scan] = _scan(measure, measure.scan, reached, keys)
    return found


def _scan(measure: Measure, wanted: Scan, reached: Reached, keys: Keys) -> Finding | None:
    def made(verdict: Verdict, code: str, rows: int | None, message: str) -> Finding:
        fields = measure.fields
        return Finding("", verdict, code, measure.collection, fields, rows, None, message, measure.hint, wanted.ask)

    store = reached.stores.get(wanted.ask.system)
    if store is None:
        return made("not_reached", "NOT-REACHED", None, reached.unreached.get(wanted.ask.system, "not reached"))
    selection = bind(wanted.ask.table, wanted.ask.where, keys)
    fields = tuple(field_of(name) for name in measure.fields)
    try:
        total = store.count(selection).rows
        sampled = total > SCAN_BUDGET
        values = store.read(selection, fields, limit=SCAN_BUDGET if sampled else None, sample=sampled)
        hits = sum(1 for (value,) in values if value is not None and holds_card(str(value)))
    except (StoreUnavailable, ChangeRefused) as error:
        return made("not_reached", "NOT-REACHED", None, error.message)
    if not sampled:
        return made("broken", measure.code, hits, measure.reason) if hits else None
    seen = f"{SCAN_BUDGET} of {total} values, drawn at random"
    if hits:
        return replace(made("broken", measure.code, hits, f"{measure.reason}, in {seen}"), sample=seen)
    power = 3 / SCAN_BUDGET
    words = f"none in {seen}: at 95 % confidence fewer than {power:.4%} of them are cards"
    return made("unprovable", "FORM-SAMPLED", None, words)
