"""One world taken from its plan to its end, twice, and everything that is wrong on the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.model.drive import Bench, Ledger, Planned
from tests.model.expect import Expected, Place, compare, expect
from tests.model.links import is_blank, number
from tests.model.naive import Naive
from tests.model.spec import Case, State

from troth.core.errors import TrothError
from troth.planning.plan import Step
from troth.planning.verdicts import PromiseResult
from troth.systems.model import BelongsTo, Collection


def troubles(bench: Bench) -> list[str]:
    """Everything wrong in a plan, its run, the checks around it, and a second plan right after."""
    first = bench.state()
    planned, found = _once(bench)
    if found:
        return [f"1: {trouble}" for trouble in found]
    second = bench.state()
    _, found = _once(bench)
    return [f"2: {trouble}" for trouble in [*found, *_again(bench.case, first, second, bench.state(), planned)]]


def _once(bench: Bench) -> tuple[Planned, list[str]]:
    case, before = bench.case, bench.state()
    expected = expect(case, before)
    checked = bench.check() if case.people is None else ()
    planned = bench.plan()
    seen: dict[str, tuple[State, State]] = {}
    last = [before]

    def after_step(step: Step) -> None:
        now = bench.state()
        seen[step.id] = (last[0], now)
        last[0] = now

    ledger = bench.ledger(planned)
    ledger.after_step = after_step
    try:
        bench.run(planned, ledger)
    except TrothError as error:
        return planned, [f"STOPPED half way: {error}"]
    after = bench.state()
    found = [
        *compare(case, before, after, expected, planned.plan),
        *_steps(planned, ledger, seen),
        *_silent(case, before, after, expected, planned),
    ]
    if case.people is None:
        found += _check(case, before, expected, checked, "before")
        found += _check(case, after, expect(case, after), bench.check(), "after")
    return planned, found


def _steps(planned: Planned, ledger: Ledger, seen: Mapping[str, tuple[State, State]]) -> Iterator[str]:
    """Each step did to exactly the rows it had counted exactly what it said, and the sweep found nothing more."""
    for step in planned.plan.steps:
        counted = planned.rows[step.id]
        outcome, (before, after) = ledger.outcomes[step.id], seen[step.id]
        done = sum(ledger.batches.get(step.id, []))
        if (outcome.done, outcome.no_longer_due, outcome.remaining, done) != (step.rows, 0, 0, step.rows):
            yield f"COUNT {step.id} {step.action} {step.collection}: planned {step.rows}, {outcome}, with sweeps {done}"
        old, new = before[step.table], after[step.table]
        gone = frozenset(old.keys() - new.keys())
        changed = frozenset(n for n in new.keys() & old.keys() if new[n] != old[n])
        moved = gone if step.action == "delete" else changed
        if moved != counted:
            yield f"ROWS {step.id} {step.action} {step.collection}: counted {set(counted)}, changed {set(moved)}"
        elsewhere = {name for name in before if name != step.table and before[name].keys() != after[name].keys()}
        if elsewhere or (gone and step.action != "delete"):
            yield f"CASCADE {step.id} {step.action} {step.collection}: took rows of {elsewhere or step.table}"
    if any(ledger.sweeps):
        yield f"SWEEP found {ledger.sweeps} rows although nothing else was running"


def _said(planned: Planned) -> set[Place]:
    """Rows of which the plan says that they stay: masked instead, or blocked."""
    found = {
        (step.table, n)
        for step in planned.plan.steps
        if step.action == "mask" and any(note.startswith("the row stays") for note in step.notes)
        for n in planned.rows[step.id]
    }
    blocked = [each for each in planned.draft.blocked if each.ask is not None]
    return found | {(each.ask.table, n) for each in blocked if each.ask for n in planned.stuck[each.collection]}


def _silent(case: Case, before: State, after: State, expected: Expected, planned: Planned) -> Iterator[str]:
    """A row that should go and stays is in the plan: among what is blocked, or as a row whose fields are masked."""
    masked = _said(planned)
    for (table, n), name in expected.due.items():
        collection = next(each for each in case.collections if each.id == name)
        said = (table, n) in masked
        unknown = any(
            blocked.collection == name and (blocked.rows is None or blocked.code == "RULE")
            for blocked in planned.plan.blocked
        )
        said = said or unknown or (table, n) in expected.maybe
        if n in after[table] and not said and _personal(collection, before, (table, n)):
            yield f"SILENT {table} {n} of {name} is due and stays; the plan does not say so"


def _personal(collection: Collection, state: State, place: Place) -> bool:
    """The row holds an item, or says whose it is; one that has no field for either counts as it stands."""
    row = state[place[0]][place[1]]
    names = [mapped.name for mapped in collection.fields]
    names += [link.here for link in collection.links if isinstance(link, BelongsTo)]
    return not names or any(not is_blank(row[name]) for name in names)


def _check(
    case: Case, state: State, expected: Expected, results: tuple[PromiseResult, ...], when: str
) -> Iterator[str]:
    """``troth check`` counts what the model counts, and calls nothing kept that is not."""
    naive = Naive(case, state)
    for collection in case.collections:
        rows = {at for at in expected.ended if collection.id in (expected.due.get(at), expected.anonymised.get(at))}
        want = len([at for at in rows if _personal(collection, state, at)])
        findings = [finding for result in results for finding in result.findings if finding.collection == collection.id]
        past = [finding for finding in findings if finding.code == "RET-PAST" and not finding.fields]
        got = max((finding.rows or 0 for finding in past), default=0)
        unsure = any(table == collection.table for table, _ in expected.maybe)
        if got != want and not unsure:
            yield f"CHECK {when} {collection.id}: {got} rows past their period, the model says {want}"
        left = {
            name: [
                n for table, n, each in expected.fields
                if table == collection.table and each == name and (table, n) not in rows
                and n in set(map(number, naive.rows(collection))) and not is_blank(state[table][n][name])
            ]
            for name in (mapped.name for mapped in collection.fields)
        }  # fmt: skip
        fields = [finding for finding in findings if finding.code == "RET-PAST" and finding.fields]
        for finding in fields:
            if not any(left[name] for name in finding.fields) and not unsure:
                yield f"CHECK {when} {collection.id}.{finding.fields}: {finding.rows} rows, the model says none"
        for name, ns in left.items():
            if ns and not any(name in finding.fields for finding in fields) and not unsure:
                yield f"CHECK {when} {collection.id}.{name}: none, the model says {ns}"


def _again(case: Case, first: State, second: State, third: State, planned: Planned) -> Iterator[str]:
    """A second plan right after changes nothing, but for rows that have fallen due by what the first one did, that the
    first one said it could not delete, or that held nothing of anybody."""
    expected = expect(case, first)
    said = _said(planned)
    for table, rows in second.items():
        for n, row in rows.items():
            at = (table, n)
            if third[table].get(n) == row or at not in expected.ended or at in said:
                continue
            name = expected.due.get(at) or expected.anonymised[at]
            if _personal(next(each for each in case.collections if each.id == name), first, at):
                yield f"AGAIN {table} {n} was due in the first run, and changed in the second only"
