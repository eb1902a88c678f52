"""When clocks start: soft deletes with and without a date, the row's own moment, the moment of a bill."""

from __future__ import annotations

import pytest
from tests.unit.discover.building import sample, table

from troth.discover.events import billed, closed, recorded
from troth.discover.facts import Seen


@pytest.mark.parametrize("name", ["deleted_at", "discarded_at", "closed_on", "date_cloture", "archived_at"])
def test_a_date_of_ending(name: str) -> None:
    event = closed(table("users", f"id:number! {name}:datetime"), "account_closed")
    assert event is not None
    assert (event.column, event.states, event.reason, event.certainty) == (name, (), "a date of ending", "likely")


@pytest.mark.parametrize(
    "column, seen, states",
    [
        ("active:boolean", None, (False,)),
        ("is_deleted:boolean", None, (True,)),
        ("active:number", None, (0,)),
        ("status", sample(distinct=2, words=("active", "closed")), ("closed",)),
        ("active", sample(distinct=2, words=("N", "Y")), ("N",)),
        ("active", sample(distinct=1, words=("Y",)), ("N",)),
    ],
)
def test_a_state_without_a_date(column: str, seen: Seen | None, states: tuple[object, ...]) -> None:
    name = column.partition(":")[0]
    event = closed(table("users", f"id:number! {column}", seen={name: seen} if seen else {}), "account_closed")
    assert event is not None
    assert (event.states, event.certainty) == (states, "weak")


def test_a_date_is_better_than_a_state() -> None:
    event = closed(table("users", "id:number! active:boolean deleted_at:datetime"), "account_closed")
    assert event is not None
    assert event.column == "deleted_at"


@pytest.mark.parametrize("column", ["active", "status", "deleted_at", "closed"])
def test_a_text_whose_words_are_not_known_is_no_end(column: str) -> None:
    assert closed(table("users", f"id:number! {column}"), "account_closed") is None


@pytest.mark.parametrize(
    "name, column",
    [("visits", "created_at"), ("visits", "occurred_at"), ("rental", "rental_date"), ("x", "date_creation")],
)
def test_the_rows_own_moment(name: str, column: str) -> None:
    event = recorded(table(name, f"id:number! {column}:datetime"))
    assert event is not None
    assert event.column == column


def test_no_moment_is_no_event() -> None:
    assert recorded(table("visits", "id:number! updated_at:datetime created_at")) is None


def test_a_bill_has_its_own_date() -> None:
    event = billed(table("invoices", "id:number! created_at:datetime issued_at:date"))
    assert event is not None
    assert (event.event, event.column) == ("billed", "issued_at")
