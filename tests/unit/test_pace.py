"""The pace of a run against a clock that only its own pauses move: windows, trials, pauses and their end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from typing import cast

import pytest

from troth.core.errors import Stopped
from troth.execution.apply import UNBOUNDED
from troth.execution.pace import Bounds, Over, Pace, Watch
from troth.stores.access import Transport
from troth.stores.contract import Health, Identity, Receipt, ReceiptKey, Store, StoreUnavailable
from troth.systems.model import PaceLimits

USUAL = PaceLimits(lag=60, waiting=0, patience=100)


@dataclass
class Night:
    """One run on a system ``db`` whose replica has these lags, one a look; then none."""

    lags: Iterable[float | None] = ()
    bounds: Bounds = UNBOUNDED
    limits: PaceLimits = USUAL
    asked_at: float = inf
    now: float = 0
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.looks = iter(self.lags)
        watch = Watch(
            lambda *_: None, lambda: self.now >= self.asked_at, self.sleep, self.said.append, lambda: self.now
        )
        self.pace = Pace("ab" * 32, watch, self.bounds, {"db": self.limits}, 10_000)

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def check(self) -> Health:
        lag = next(self.looks, 0)
        if lag is None:
            raise StoreUnavailable("gone for a moment", code="STORE-AWAY")
        return Health(Identity("", "", ""), "", True, Transport("loopback"), lag=lag)

    def batch(self, rows: int | None = None, *, waiting: int = 0, replayed: bool = False) -> int:
        """What the next batch may have; it takes so many."""
        allowed = self.pace.before("db", cast("Store", self))
        taken = allowed if rows is None else rows
        self.pace.after("db", Receipt(ReceiptKey("", "", 0), taken, replayed, waiting))
        return allowed

    def batches(self, waiting: int) -> None:
        """Many."""
        for _ in range(1000):
            self.batch(waiting=waiting)


def test_an_undisturbed_run_never_pauses() -> None:
    night = Night()
    assert [night.batch() for _ in range(50)] == [10_000] * 50
    assert (night.now, night.said) == (0, [])


def test_a_window_ends_after_the_batch_that_passes_it() -> None:
    night = Night(bounds=Bounds(until=30))
    night.batch()
    night.now = 29.9
    night.batch()
    night.now = 30
    with pytest.raises(Over) as over:
        night.batch()
    assert over.value.why == "window"


def test_a_window_however_short_has_one_batch() -> None:
    night = Night(bounds=Bounds(until=0))
    night.batch()
    with pytest.raises(Over):
        night.batch()


def test_a_trial_has_exactly_its_rows() -> None:
    night = Night(bounds=Bounds(first=10_100))
    assert [night.batch(), night.batch(60), night.batch()] == [10_000, 100, 40]
    with pytest.raises(Over) as over:
        night.batch()
    assert over.value.why == "trial"


def test_rows_of_an_earlier_run_are_not_of_this_trial() -> None:
    night = Night(bounds=Bounds(first=100))
    night.batch(100, replayed=True)
    assert night.batch() == 100


def test_a_lagging_replica_is_waited_for_and_it_is_said_once() -> None:
    night = Night(lags=[90, 80, 61, 60])
    assert night.batch() == 10_000
    assert night.now == 1 + 1 + 2
    assert night.said == ["db: a replica is 90 s behind, 60 s are allowed"]


def test_a_replica_that_stays_behind_stops_the_run() -> None:
    night = Night(lags=[90] * 1000)
    with pytest.raises(Stopped) as stopped:
        night.batch()
    assert stopped.value.code == "REPLICA-LAG"
    assert f"troth resume {'ab' * 6}" in stopped.value.hint
    assert 100 <= night.now < 100 + 30


def test_replicas_are_looked_at_once_a_second_at_most() -> None:
    night = Night(lags=[0, 90])
    for _ in range(10):
        night.batch()
    assert night.now == 0
    night.now = 1
    night.batch()
    assert night.said


def test_a_store_that_does_not_answer_is_left_to_the_batch() -> None:
    assert Night(lags=[None]).batch() == 10_000


def test_a_batch_that_others_wait_for_is_followed_by_a_pause_and_a_smaller_one() -> None:
    night = Night()
    assert [night.batch(waiting=2), night.batch(waiting=1), night.batch()] == [10_000, 5_000, 2_500]
    assert night.now == 1 + 1
    assert [night.batch(), night.batch(), night.batch()] == [5_000, 10_000, 10_000]
    assert night.now == 2
    assert night.said == ["db: the last batch kept 2 other sessions waiting"]


def test_a_batch_never_gets_too_small_to_end() -> None:
    night = Night(limits=PaceLimits(patience=10_000))
    assert [night.batch(waiting=1) for _ in range(10)][-1] == 100


def test_so_many_may_wait_as_the_system_allows() -> None:
    night = Night(limits=PaceLimits(waiting=3))
    night.batch(waiting=3)
    night.batch()
    assert night.now == 0


def test_batch_after_batch_that_others_wait_for_stops_the_run() -> None:
    night = Night()
    with pytest.raises(Stopped) as stopped:
        night.batches(1)
    assert stopped.value.code == "LOCK-WAIT"
    assert 100 <= night.now < 100 + 30


@pytest.mark.parametrize("lags, waiting", [([90] * 1000, 0), ([], 1)], ids=["lag", "waiting"])
def test_a_pause_ends_with_the_window_or_on_request(lags: list[float], waiting: int) -> None:
    for night, error in ((Night(lags, Bounds(until=5)), Over), (Night(lags, asked_at=5), Stopped)):
        with pytest.raises(error):
            night.batches(waiting)
        assert night.now == 5
