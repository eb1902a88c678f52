"""Carrying out an approved plan, in batches, so that it can be stopped anywhere and gone on with.

A batch is one transaction in the store, with its receipt. It is recorded in our own database afterwards; when the
process dies between the two, the same batch key is given to the store again, which answers from its receipt.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from troth.core.errors import Stopped
from troth.execution.keys import Keys, bind, fill, lapsed, without
from troth.planning import names
from troth.planning.plan import KeyQuestion, Plan, Step
from troth.stores.conditions import Condition, Key, key_sets
from troth.stores.contract import Change, Delete, Mask, Receipt, ReceiptKey, Refresh, Store, StoreUnavailable

BATCH = 10_000
RETRIES = 4
SWEEPS = 3


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What a step came to. ``remaining``: rows of its selection that the store still holds, counted on the primary;
    ``no_longer_due``: rows of the plan that had ceased to meet it when their turn came."""

    done: int
    no_longer_due: int
    remaining: int


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

    def keys(self, name: str) -> tuple[Key, ...]:
        """A key set that was written down with the plan."""
        ...

    def held(self) -> Keys:
        """Keys of people whose data is on hold now, by key set name."""
        ...


@dataclass(frozen=True, slots=True)
class Watch:
    """What looks on: ``moved(step, rows so far)`` after each batch; ``stop()`` says whether to stop before the next."""

    moved: Callable[[Step, int], None]
    stop: Callable[[], bool]
    sleep: Callable[[float], None] = time.sleep


def carry_out(
    plan: Plan, readers: Mapping[str, Store], writers: Mapping[str, Store], ledger: Ledger, watch: Watch
) -> None:
    """Walk the plan's steps and sweep afterwards. Raises ``Stopped`` when told to stop or when a store stays away;
    everything done until then is recorded, and the same call goes on from there."""
    run = _Run(plan, readers, writers, ledger, watch)
    for step in plan.steps:
        if not ledger.is_done(step):
            run.step(step)
    run.sweep()


@dataclass(slots=True)
class _Run:
    plan: Plan
    readers: Mapping[str, Store]
    writers: Mapping[str, Store]
    ledger: Ledger
    watch: Watch

    def step(self, step: Step) -> None:
        match step.action:
            case "task":
                self.ledger.task(step)
                return
            case "refresh":
                done, batch = self.ledger.progress(step)
                self._change(step, Refresh(step.table), batch)
                self.ledger.step_done(step, StepOutcome(done, 0, 0))
                return
            case _:
                done = self._batches(step, step.where)
        remaining = self._count(step, step.where)
        self.ledger.step_done(step, StepOutcome(done, max(0, step.rows - done - remaining), remaining))

    def sweep(self) -> None:
        """Look once more at every collection with the keys that were written down; a live application may have added
        rows since. Ends when nothing new is found, at the latest after a few rounds."""
        for round_ in range(1, SWEEPS + 1):
            found = 0
            for step in self.plan.steps:
                if step.action in ("delete", "mask"):
                    where = step.sweep or step.where
                    before, _ = self.ledger.progress(step)
                    if self._count(step, where):
                        found += self._batches(step, where) - before
            self.ledger.swept(round_, found)
            if not found:
                return

    def _batches(self, step: Step, where: Condition) -> int:
        """Batches until nothing meets ``where`` or nothing moves any more. Returns the step's rows so far.

        A trigger that writes back what a mask took would go on for ever: the number of batches is bounded by the rows
        there are.
        """
        done, batch = self.ledger.progress(step)
        left = 2 * (max(step.rows, self._count(step, where)) // BATCH + 10)
        while left:
            left -= 1
            if self.watch.stop():
                raise Stopped("stopped on request", hint=f"go on with: troth resume {self.plan.id[:12]}")
            receipt = self._change(step, self._as_change(step, where), batch)
            rows = receipt.rows
            self.ledger.batch(step, batch, rows, replayed=receipt.replayed)
            done, batch = done + rows, batch + 1
            self.watch.moved(step, done)
            if rows == 0 or (rows < BATCH and not self._count(step, where)):
                break
        return done

    def _as_change(self, step: Step, where: Condition) -> Change:
        selection = bind(step.table, where, self._keys(step, where))
        if step.action == "delete":
            return Delete(selection, BATCH)
        return Mask(selection, step.blanks, BATCH)

    def _change(self, step: Step, change: Change, batch: int) -> Receipt:
        """One batch; a store that is busy or away is asked again a few times, then the run stops, to be resumed."""
        for attempt in range(1, RETRIES + 1):
            try:
                return self.writers[step.system].apply(change, ReceiptKey(self.plan.id, step.id, batch))
            except StoreUnavailable as error:
                if attempt == RETRIES or self.watch.stop():
                    hint = f"go on with: troth resume {self.plan.id[:12]}"
                    raise Stopped(f"{step.system} is not answering: {error.message}", hint=hint) from error
                self.watch.sleep(0.2 * 4**attempt)
        raise AssertionError("unreachable")

    def _count(self, step: Step, where: Condition) -> int:
        try:
            return self.writers[step.system].count(bind(step.table, where, self._keys(step, where))).rows
        except StoreUnavailable as error:
            hint = f"go on with: troth resume {self.plan.id[:12]}"
            raise Stopped(f"{step.system} is not answering: {error.message}", hint=hint) from error

    def _keys(self, step: Step, where: Condition) -> Keys:
        """Key sets as they are now: holds are read again, and keys from another store are asked whether they are
        still due. What changes after this is the window of one batch."""
        needed = key_sets(where)
        held = self.ledger.held()
        questions = {question.name: question for question in self.plan.questions}
        keys: dict[str, tuple[Key, ...]] = {}
        for name in needed:
            if not names.is_held(name):
                keys[name] = self._still(step, questions.get(name), name, held)
        if any(held.values()):
            holds = [question for question in self.plan.questions if names.is_held(question.name)]
            filled = fill({**self.readers, **self.writers}, holds, held)
            keys.update({name: filled.get(name, ()) for name in needed if names.is_held(name)})
        return keys

    def _still(self, step: Step, question: KeyQuestion | None, name: str, held: Keys) -> tuple[Key, ...]:
        keys = self.ledger.keys(name)
        if question is None or question.recheck is None or (question.system == step.system and not names.is_due(name)):
            return keys
        others = {other: self.ledger.keys(other) for other in key_sets(question.recheck) if not names.is_held(other)}
        store = self.writers.get(question.system) or self.readers[question.system]
        gone = lapsed(store, question, {**held, **others, name: keys})
        return without(keys, gone)
