"""Holds that come while a plan is carried out: from then on, nothing of what they cover changes."""

from __future__ import annotations

from collections.abc import Iterator

from tests.model.drive import Bench
from tests.model.links import number
from tests.model.naive import Naive
from tests.model.spec import State

from troth.core.errors import TrothError
from troth.stores.conditions import Scalar


def hold_in_the_middle(bench: Bench) -> list[str]:
    """Everything that still changes of people who are all put on hold after the first batch."""
    planned = bench.plan()
    ledger = bench.ledger(planned)
    seen: list[State] = []

    def meanwhile() -> None:
        if not seen:
            bench.extra_held.update(_everybody(bench))
            seen.append(bench.state())

    ledger.meanwhile = meanwhile
    try:
        bench.run(planned, ledger)
    except TrothError as error:
        return [f"1: STOPPED half way: {error}"]
    return list(_touched(bench, seen[0], bench.state())) if seen else []


def _everybody(bench: Bench) -> dict[str, frozenset[Scalar]]:
    state, people = bench.state(), [each for each in bench.case.collections if each.person is not None]
    return {
        each.id: frozenset(
            value for row in state[each.table].values() if isinstance(value := row[each.key[0]], int | str)
        )
        for each in people
    }


def _touched(bench: Bench, before: State, after: State) -> Iterator[str]:
    naive = Naive(bench.case, before, bench.extra_held)
    for collection in bench.case.collections:
        for row in naive.rows(collection):
            if naive.on_hold(collection, row) and after[collection.table].get(number(row)) != row:
                yield f"1: TOUCHED {collection.table} {number(row)} of {collection.id}, which was on hold by then"
