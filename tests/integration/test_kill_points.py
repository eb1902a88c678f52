"""SIGKILL at every kind of place in a run: inside each transaction, at its edges, at a step's and the plan's end.

Then ``troth resume``, and the end is that of a run nobody disturbed. ``test_kill.py`` has the three commit points of a
batch on a plan with few kinds of steps; this has every kind of step, and deaths after deaths.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TypeAlias

import pytest
from tests.acceptance.sakila.club import Club, Rows, postgresql_club, rows, sqlite_club
from tests.acceptance.sakila.killing import Point, Work, assert_whole, ended

MEMBERS = 24
KINDS = ("sqlite", "postgresql")

Make: TypeAlias = Callable[[], Club]


@pytest.fixture
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    with ExitStack() as stack:
        made = iter(range(100))

        def club() -> Club:
            folder = tmp_path / str(next(made))
            if request.param == "sqlite":
                return sqlite_club(folder, rows(MEMBERS))
            return stack.enter_context(postgresql_club(request.getfixturevalue("postgresql"), folder, rows(MEMBERS)))

        yield club


ENDS: dict[tuple[str, bool], Rows] = {}


def undisturbed(make: Make, asked: bool) -> Rows:
    """How the store is after a run that nobody disturbs; once for each kind."""
    club = make()
    if (club.kind, asked) not in ENDS:
        work = planned(club, asked)
        assert ended(work.apply()).status == 0
        ENDS[club.kind, asked] = club.snapshot()
        assert_whole(work, ENDS[club.kind, asked])
    return ENDS[club.kind, asked]


@cache
def people() -> tuple[str, ...]:
    return tuple(f"m{key}@club.example" for key in range(1, MEMBERS, 2))


def planned(club: Club, asked: bool) -> Work:
    words = ("erase", "--people", club.project.people(*people())) if asked else ("retention",)
    return Work(club, club.project.plan(*words))


KEEP = "troth.stores.sql.receipts:keep"
APPEND = "troth.evidence.log:append"
LEDGER = "troth.services.recording:RunLedger"
SCRUB = "troth.state.sqlite:FileState.scrub"
IN_STORE = {KEEP, "troth.stores.sql.store:SqlStore.apply", f"{LEDGER}.batch", f"{LEDGER}.swept"}

POINTS = [
    Point(f"{LEDGER}.begin", "before", 1),  # approved, and nothing else
    Point(f"{LEDGER}.begin", "after", 1),
    Point(KEEP, "before", 1),  # rows are changed and nothing is committed
    Point(KEEP, "after", 5),
    Point("troth.stores.sql.store:SqlStore.apply", "after", 9),  # the store has committed, we have not
    Point(APPEND, "after", 4),  # inside our own transaction
    Point(APPEND, "after", 12),
    Point(f"{LEDGER}.batch", "after", 10),
    Point(f"{LEDGER}.step_done", "before", 3),
    Point(f"{LEDGER}.step_done", "after", 6),
    Point(f"{LEDGER}.swept", "before", 1),
    Point(f"{LEDGER}.swept", "after", 1),
    Point(f"{LEDGER}.finish", "before", 1),
    Point("troth.evidence.log:checkpoint", "after", 1),  # inside the transaction that ends the plan
    Point("troth.state.keysets:drop", "after", 1),
    Point(SCRUB, "before", 1),  # the plan has ended; its keys are in pages that nothing refers to any more
]


CASES = [
    *(pytest.param("sqlite", point, id=f"sqlite: {point}") for point in POINTS),
    *(pytest.param("postgresql", point, id=f"postgresql: {point}") for point in POINTS if IN_STORE & {point.target}),
]
"""What happens in our own database alone is the same whatever the store."""


@pytest.mark.parametrize("make, point", CASES, indirect=["make"])
def test_killed_and_resumed(make: Make, point: Point) -> None:
    wanted = undisturbed(make, asked=False)
    work = planned(make(), asked=False)
    killed = ended(work.apply(point))
    assert killed.status == -signal.SIGKILL, killed
    said = work.club.project("status", "--json")
    assert said.status == 0
    again = ended(work.resume())
    assert again.status == (2 if point.target == SCRUB else 0), again
    assert_whole(work, wanted)


@pytest.mark.parametrize("make", KINDS, indirect=True)
def test_killed_again_and_again(make: Make) -> None:
    """One plan that dies at each kind of place in turn, a little further each time."""
    wanted = undisturbed(make, asked=True)
    work = planned(make(), asked=True)
    points = [Point(KEEP, "after", 6), Point(APPEND, "after", 6), Point(f"{LEDGER}.batch", "after", 5)]
    deaths = 0
    process = work.apply(points[0])
    while (said := ended(process)).status == -signal.SIGKILL:
        deaths += 1
        assert deaths < 30, "it comes to no end"
        process = work.resume(points[deaths % len(points)])
    assert said.status == 0, said
    assert deaths > 2
    assert_whole(work, wanted)
