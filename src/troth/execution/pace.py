"""How fast and how far a run may go: its window, a trial batch, and pauses while others suffer from it.

Asked before each batch. Two things are looked at, where the store tells them: how far its replicas are behind, and how
many sessions the last batch kept waiting for its locks. A pause grows from one to thirty seconds; when pauses in a row
have taken longer than the system's ``pace`` allows, the run stops, to be resumed. After a batch that others waited for,
the next one has half as many rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from troth.core.errors import Stopped
from troth.planning.plan import Step
from troth.stores.contract import ChangeRefused, Receipt, Store, StoreUnavailable
from troth.systems.model import PaceLimits

Ending: TypeAlias = Literal["window", "trial"]

SMALLEST = 100
"""Rows that a batch has at least, however many sessions wait."""

LOOK_EVERY = 1.0
"""Seconds between two looks at a store's replicas."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far one run may go: until an instant of the watch's clock, up to the ``first`` rows of the plan."""

    until: float | None = None
    first: int | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """What looks on: ``moved(step, rows so far)`` after each batch; ``stop()`` says whether to stop before the next;
    ``paused(why)`` is told when a pause begins."""

    moved: Callable[[Step, int], None]
    stop: Callable[[], bool]
    sleep: Callable[[float], None] = time.sleep
    paused: Callable[[str], None] = lambda _: None
    clock: Callable[[], float] = time.monotonic


class Over(Exception):
    """The run has come to the end that it was given, before the plan has."""

    def __init__(self, why: Ending) -> None:
        super().__init__({"window": "its window is over", "trial": "the trial batch is done"}[why])
        self.why: Ending = why


@dataclass(slots=True)
class Pace:
    """The pace of one run of one plan. ``full``: rows of an undisturbed batch."""

    plan: str
    watch: Watch
    bounds: Bounds
    limits: Mapping[str, PaceLimits]
    full: int
    _size: int = field(init=False)
    _began: bool = False
    _taken: int = 0
    _waiting: int = 0
    """Sessions that the last batch kept waiting, when these are too many."""
    _rested: float = 0
    """Seconds of pauses since a batch nobody waited for."""
    _looked: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._size = self.full

    def before(self, system: str, store: Store) -> int:
        """Rows that the next batch may have, after whatever pause is due. Raises ``Over`` or ``Stopped``."""
        self.go_on()
        if self._waiting:
            limits = self._of(system)
            if self._rested >= limits.patience:
                code = "LOCK-WAIT"
                raise self._tired(f"{system}: batch after batch keeps {_sessions(self._waiting)} waiting", code)
            self._rested += self._rest(
                self._rested, f"{system}: the last batch kept {_sessions(self._waiting)} waiting"
            )
        self._catch_up(system, store)
        left = self._size if self.bounds.first is None else self.bounds.first - self._taken
        return min(self._size, left)

    def after(self, system: str, receipt: Receipt) -> None:
        """A batch was recorded. One that only came back from the store's receipts was taken by an earlier run."""
        self._began |= receipt.rows > 0
        if not receipt.replayed:
            self._taken += receipt.rows
        if receipt.waiting > self._of(system).waiting:
            self._waiting = receipt.waiting
            self._size = max(min(SMALLEST, self.full), self._size // 2)
        else:
            self._waiting, self._rested = 0, 0
            self._size = min(self.full, 2 * self._size)

    def go_on(self, *, resting: bool = False) -> None:
        """Raises ``Stopped`` when asked to stop, ``Over`` when the window has passed or the trial batch is done. A run
        moves some rows however short its window, so that a backlog drains; but not while it pauses (``resting``)."""
        if self.watch.stop():
            raise Stopped("stopped on request", hint=self.resume, code="STOPPED")
        passed = self.bounds.until is not None and self.watch.clock() >= self.bounds.until
        if passed and (self._began or resting):
            raise Over("window")
        if self.bounds.first is not None and self._taken >= self.bounds.first:
            raise Over("trial")

    @property
    def resume(self) -> str:
        return f"go on with: troth resume {self.plan[:12]}"

    def _catch_up(self, system: str, store: Store) -> None:
        """Wait for replicas that are too far behind."""
        if self.watch.clock() - self._looked.get(system, -LOOK_EVERY) < LOOK_EVERY:
            return
        limits, rested = self._of(system), 0.0
        while (lag := _lag(store)) > limits.lag:
            behind = f"{system}: a replica is {lag:,.0f} s behind, {limits.lag:,.0f} s are allowed"
            if rested >= limits.patience:
                code = "REPLICA-LAG"
                raise self._tired(behind, code)
            rested += self._rest(rested, behind)
        self._looked[system] = self.watch.clock()

    def _rest(self, rested: float, why: str) -> float:
        """One pause, longer than the one before; returns its seconds. Ends early when the run is to end."""
        pause = min(LONGEST_PAUSE, max(FIRST_PAUSE, rested))
        if not rested:
            self.watch.paused(why)
        slept = 0.0
        while slept < pause:
            part = min(1.0, pause - slept)
            self.watch.sleep(part)
            slept += part
            self.go_on(resting=True)
        return pause

    def _tired(self, why: str, code: str) -> Stopped:
        return Stopped(f"stopped after pauses: {why}", hint=f"what was done is recorded; {self.resume}", code=code)

    def _of(self, system: str) -> PaceLimits:
        return self.limits.get(system, PaceLimits())


def _lag(store: Store) -> float:
    """Seconds; none where the store cannot tell. One that does not answer is the next batch's to find out."""
    try:
        return store.check().lag or 0
    except (StoreUnavailable, ChangeRefused):
        return 0


def _sessions(number: int) -> str:
    return f"{number} other session{'' if number == 1 else 's'}"
