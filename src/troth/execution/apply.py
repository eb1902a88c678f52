"""Carrying out an approved plan, in batches, so that it can be stopped anywhere and gone on with.

A batch is one transaction in the store, with its receipt. It is recorded in our own database afterwards; when the
process dies between the two, the same batch key is given to the store again, which answers from its receipt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from troth.core.errors import Stopped
from troth.execution.keys import Keys, bind, fill, lapsed, without
from troth.execution.pace import Bounds, Pace, Watch
from troth.planning import names
from troth.planning.plan import Plan, Step
from troth.stores.conditions import Condition, Key, key_sets
from troth.stores.contract import (
    Change,
    ChangeRefused,
    Delete,
    Mask,
    Receipt,
    ReceiptKey,
    Refresh,
    Rewrite,
    Store,
    StoreUnavailable,
)
from troth.stores.gone import Outside, Shown
from troth.systems.model import PaceLimits

BATCH = 10_000
RETRIES = 4
SWEEPS = 3
REWRITES = 3
"""Times a physical step is tried while others are in its way."""

UNBOUNDED = Bounds()
NO_LIMITS: Mapping[str, PaceLimits] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What a step came to. ``remaining``: rows of its selection that the store still holds, counted on the primary;
    ``no_longer_due``: rows of the plan that had ceased to meet it when their turn came."""

    done: int
    no_longer_due: int
    remaining: int


@dataclass(frozen=True, slots=True)
class Holds:
    """Keys of people whose data is on hold, by key set name, and collections that are on hold whole."""

    keys: Keys
    frozen: frozenset[str]


class Ledger(Protocol):
    """Our own record of one run: each call is one transaction, with its evidence entry where there is one."""

    def is_done(self, step: Step) -> bool: ...

    def progress(self, step: Step) -> tuple[int, int]:
        """(rows recorded so far, number of the next batch)."""
        ...

    def batch(self, step: Step, batch: int, rows: int, *, replayed: bool) -> None: ...

    def step_done(self, step: Step, outcome: StepOutcome) -> None: ...

    def swept(self, round_: int, rows: int) -> None: ...

    def task(self, step: Step) -> None: ...

    def rewritten(self, step: Step, shown: Shown, outside: tuple[Outside, ...]) -> None:
        """The physical step came to its end, and the store said so much of itself afterwards."""
        ...

    def keys(self, name: str) -> tuple[Key, ...]:
        """A key set that was written down with the plan."""
        ...

    def held(self) -> Holds:
        """What is on hold now."""
        ...


def carry_out(
    plan: Plan,
    readers: Mapping[str, Store],
    writers: Mapping[str, Store],
    ledger: Ledger,
    watch: Watch,
    bounds: Bounds = UNBOUNDED,
    limits: Mapping[str, PaceLimits] = NO_LIMITS,
) -> None:
    """Walk the plan's steps and sweep afterwards; then take its physical step. Raises ``Stopped`` when told to stop or
    when a store stays away, ``Over`` at the end of ``bounds``; everything done until then is recorded, and the same
    call goes on from there.
    ``limits`` are by system."""
    run = _Run(plan, readers, writers, ledger, watch, Pace(plan.id, watch, bounds, limits, BATCH))
    rewrites = [step for step in plan.steps if step.action == "rewrite"]
    for step in plan.steps:
        if step not in rewrites and not ledger.is_done(step):
            run.step(step)
    if not any(map(ledger.is_done, rewrites)):  # what was shown to be out of the files is not added to any more
        run.sweep()
    for step in rewrites:
        if not ledger.is_done(step):
            run.rewrite(step)


@dataclass(slots=True)
class _Run:
    plan: Plan
    readers: Mapping[str, Store]
    writers: Mapping[str, Store]
    ledger: Ledger
    watch: Watch
    pace: Pace
    grown: dict[str, tuple[Key, ...]] = field(default_factory=dict)
    """Key sets that the last look at the stores has added to, by name."""

    def step(self, step: Step) -> None:
        self.pace.go_on()
        match step.action:
            case "task":
                self.ledger.task(step)
            case "refresh":
                done, batch = self.ledger.progress(step)
                self._change(step, Refresh(step.table), batch)
                self.ledger.step_done(step, StepOutcome(done, 0, 0))
            case _:
                self._done(step, *self._batches(step, step.where))

    def rewrite(self, step: Step) -> None:
        """Others may hold the table or still see old rows for a moment: it is tried again a few times."""
        planned = self.plan.gone_from(step.system)
        if planned is None or planned.budget is None:
            raise AssertionError("a physical step is planned with its budget")
        change = Rewrite(step.table or None, planned.budget)
        self.pace.go_on()
        shown, attempt = self._change(step, change, 0).shown, 1
        while shown.reason in ("busy", "held_back") and attempt < REWRITES:
            self.watch.sleep(1)
            self.pace.go_on()
            shown, attempt = self._change(step, change, 0).shown, attempt + 1
        self.ledger.rewritten(step, shown, self.writers[step.system].check().outside)

    def sweep(self) -> None:
        """Look once more at every collection with the keys that were written down: a live application may have added
        rows since. Ends when nothing new is found; what keeps coming after a few rounds is said to remain."""
        steps = [step for step in self.plan.steps if step.action in ("delete", "mask")]
        for round_ in range(1, SWEEPS + 1):
            self._grow()
            found = 0
            for step in steps:
                before, _ = self.ledger.progress(step)
                where = step.sweep or step.where
                if self._count(step, where):
                    done, remaining = self._batches(step, where)
                    found += done - before
                    if remaining or round_ == SWEEPS:
                        self._done(step, done, remaining)
            self.ledger.swept(round_, found)
            if not found:
                return

    def _done(self, step: Step, done: int, remaining: int) -> None:
        """What remains is counted with everything that should go, also what references or holds have come to keep."""
        if step.left is not None:
            remaining = max(remaining, self._count(step, step.left) - step.kept)
        self.ledger.step_done(step, StepOutcome(done, max(0, step.rows - done - remaining), remaining))

    def _grow(self) -> None:
        """Follow the links from the people once more: what belongs to new rows of theirs goes with them too."""
        questions = [question for question in self.plan.questions if question.name.startswith(names.GOES)]
        if questions:
            asked = {question.name for question in questions}
            given = {each.name: self.ledger.keys(each.name) for each in self.plan.keysets}
            found = fill({**self.readers, **self.writers}, questions, given)
            for name in asked:
                self.grown[name] = tuple(dict.fromkeys((*self.ledger.keys(name), *found[name])))

    def _batches(self, step: Step, where: Condition) -> tuple[int, int]:
        """Batches until nothing meets ``where`` or nothing moves any more: (the step's rows so far, rows that remain).

        A trigger that writes back what a mask took would go on for ever, so the number of rows is bounded.
        """
        done, batch = self.ledger.progress(step)
        most = done + 2 * (step.rows + 10 * BATCH)
        while done < most:
            limit = self.pace.before(step.system, self.writers[step.system])
            holds = self.ledger.held()
            if step.collection in holds.frozen:
                break
            receipt = self._change(step, self._as_change(step, where, holds, limit), batch)
            self.ledger.batch(step, batch, receipt.rows, replayed=receipt.replayed)
            self.pace.after(step.system, receipt)
            done, batch = done + receipt.rows, batch + 1
            self.watch.moved(step, done)
            if receipt.rows == 0:
                break
            if receipt.rows < limit and not self._count(step, where):
                return done, 0
        return done, self._count(step, where)

    def _as_change(self, step: Step, where: Condition, holds: Holds, limit: int) -> Change:
        selection = bind(step.table, where, self._keys(step, where, holds))
        if step.action == "delete":
            return Delete(selection, limit)
        return Mask(selection, step.blanks, limit)

    def _change(self, step: Step, change: Change, batch: int) -> Receipt:
        """One batch; a store that is busy or away is asked again a few times, then the run stops, to be resumed."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return self.writers[step.system].apply(change, ReceiptKey(self.plan.id, step.id, batch))
            except ChangeRefused as error:
                raise _refused(step, error) from error
            except StoreUnavailable as error:
                if attempt == RETRIES or self.watch.stop():
                    raise self._away(step, error) from error
                self.watch.sleep(0.2 * 4**attempt)

    def _count(self, step: Step, where: Condition) -> int:
        try:
            keys = self._keys(step, where, self.ledger.held())
            return self.writers[step.system].count(bind(step.table, where, keys)).rows
        except ChangeRefused as error:
            raise _refused(step, error) from error
        except StoreUnavailable as error:
            raise self._away(step, error) from error

    def _away(self, step: Step, error: StoreUnavailable) -> Stopped:
        return Stopped(f"{step.system} is not answering: {error.message}", hint=self.pace.resume, code=error.code)

    def _keys(self, step: Step, where: Condition, holds: Holds) -> Keys:
        """Key sets as they are now: holds are read again, and keys from another store are asked whether they are
        still due. What changes after this is the window of one batch."""
        needed = key_sets(where)
        keys = {name: self._still(step, name, holds) for name in needed if not names.is_held(name)}
        if any(map(names.is_held, needed)):
            questions = [question for question in self.plan.questions if names.is_held(question.name)]
            held = fill({**self.readers, **self.writers}, questions, holds.keys)
            keys.update({name: held.get(name, ()) for name in needed if names.is_held(name)})
        return keys

    def _still(self, step: Step, name: str, holds: Holds) -> tuple[Key, ...]:
        keys = self.grown.get(name) or self.ledger.keys(name)
        question = next((question for question in self.plan.questions if question.name == name), None)
        if question is None or question.recheck is None or (question.system == step.system and not names.is_due(name)):
            return keys
        others = {other: self.ledger.keys(other) for other in key_sets(question.recheck) if not names.is_held(other)}
        store = self.writers.get(question.system) or self.readers[question.system]
        return without(keys, lapsed(store, question, {**holds.keys, **others, name: keys}))


def _refused(step: Step, error: ChangeRefused) -> ChangeRefused:
    return ChangeRefused(f"{step.id} {step.collection}: {error.message}", hint=error.hint, code=error.code)
