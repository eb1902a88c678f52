"""Erasure for some of Sakila's customers, beside an oracle in plain SQL: a member, two who left, several at once."""

from __future__ import annotations

from datetime import date

import pytest
from tests.acceptance.sakila import oracle
from tests.acceptance.sakila.conftest import Open
from tests.acceptance.sakila.loading import Kind, Shop
from tests.acceptance.sakila.oracle import Due, asking
from tests.acceptance.sakila.test_retention import AUTUMN, LATER, assert_recorded, steps_of

MEMBER = {1: "MARY.SMITH@sakilacustomer.org"}
LEFT = {16: "sandra.martin@SAKILACUSTOMER.org", 64: "JUDITH.COX@sakilacustomer.org"}
SEVERAL = {**MEMBER, **LEFT, 5: "elizabeth.brown@sakilacustomer.org", 534: "id:534"}
"""Customer → the name they give: letters as they like, or their number; 534 left, too."""

CASES = [
    pytest.param(MEMBER, AUTUMN, id="a member in 2006"),
    pytest.param(LEFT, AUTUMN, id="two who left in 2006"),
    pytest.param(SEVERAL, AUTUMN, id="five in 2006"),
    pytest.param(SEVERAL, LATER, id="five in 2017"),
]


def retained(shop: Shop, at: date, people: list[int]) -> dict[str, int]:
    """What stays of these people for its own reason: rows by collection."""
    due = Due(shop.kind, at)
    theirs = f"customer_id in ({', '.join(map(str, people))})"
    members = f"{theirs} and not ({due.left})"
    wanted = {
        "payment": f"select count(*) from payment where {theirs} and not ({due.payment})",
        "rental": f"select count(*) from rental where {theirs} and not ({due.rental})",
        "customer": f"select count(*) from customer where {members}",
        "address": f"select count(distinct address_id) from customer where {members}",
    }
    with asking(shop) as sql:
        counts = {f"shop.{table}": sql.number(text) for table, text in wanted.items()}
    return {collection: rows for collection, rows in counts.items() if rows}


@pytest.mark.parametrize("people, at", CASES)
def test_an_erasure_does_what_the_oracle_does_and_nothing_else(
    opened: Open, kind: Kind, people: dict[int, str], at: date
) -> None:
    shop, other = opened(kind), opened(kind)
    with asking(shop) as sql:
        before = oracle.snapshot(sql)
    kept = retained(shop, at, list(people))
    with asking(other) as sql:
        by_hand = oracle.carry_out(sql, at, list(people))
        wanted = oracle.snapshot(sql)

    plan = shop.project.plan("erase", "--people", shop.project.people(*people.values()), "--at", str(at))
    assert plan["people"] == len(people)
    assert steps_of(plan) == by_hand.steps
    assert {item["collection"]: item["rows"] for item in plan["blocked"]} == by_hand.blocked
    assert {item["collection"]: item["rows"] for item in plan["retained"]} == kept
    assert all(item["because"]["article"] for item in plan["retained"])

    done = shop.project.apply(plan)
    assert done["finished"]
    with asking(shop) as sql:
        assert not oracle.differences(before, oracle.snapshot(sql), wanted)
    assert_recorded(shop, plan)


def test_payments_stay_until_the_last_day_of_their_tenth_year(opened: Open, kind: Kind) -> None:
    shop = opened(kind)
    plan = shop.project.plan("erase", "--people", shop.project.people(*LEFT.values()), "--at", str(AUTUMN))
    (payments,) = [item for item in plan["retained"] if item["collection"] == "shop.payment"]
    with asking(shop) as sql:
        (latest,) = sql.rows("select max(payment_date) from payment where customer_id in (16, 64)")[0]
    last_year = int(str(latest)[:4]) + 10
    assert payments["until"] == f"{last_year}-12-31"
    assert payments["code"] == "R-17-3-B"
    assert payments["because"]["article"] == "C. com. L123-22"


SHARED = {16: 1, 64: 3, 124: 169, 271: 5}
"""Customers who left → whose address they have too: a store's, a member of staff's, one of another who left (the
address of customer 169), a member's."""


@pytest.mark.parametrize("asked, at", [(False, AUTUMN), (False, LATER), (True, AUTUMN)])
def test_an_address_goes_with_the_last_customer_and_never_with_anything_else(
    opened: Open, kind: Kind, asked: bool, at: date
) -> None:
    shop, other = opened(kind), opened(kind)
    for each in (shop, other):
        with asking(each) as sql:
            theirs = sql.number("select address_id from customer where customer_id = 169")
            for customer, address in SHARED.items():
                place = theirs if address == 169 else address
                sql.run(f"update customer set address_id = {place} where customer_id = {customer}")
    people = list(SHARED) if asked else None
    with asking(shop) as sql:
        before = oracle.snapshot(sql)
    with asking(other) as sql:
        by_hand = oracle.carry_out(sql, at, people)
        wanted = oracle.snapshot(sql)

    file = shop.project.people(*(f"id:{customer}" for customer in SHARED))
    plan = shop.project.plan(*(("erase", "--people", file) if asked else ("retention",)), "--at", str(at))
    assert steps_of(plan) == by_hand.steps
    shop.project.apply(plan)
    with asking(shop) as sql:
        after = oracle.snapshot(sql)
    assert not oracle.differences(before, after, wanted)
    for address in (1, 2, 3, 4, 5):
        assert after["address"][address,] == before["address"][address,], f"address {address} was touched"


def test_a_number_that_customers_and_staff_have_stops_for_a_human(opened: Open) -> None:
    shop = opened("sqlite")
    said = shop.project("plan", "erase", "--people", shop.project.people("id:1"))
    assert said.status == 2
    assert "shop.customer, shop.staff" in said.err
    assert "id:customer:KEY" in said.err
    for name, rentals in {"id:customer:1": 32, "id:shop.customer:1": 32, "id:staff:1": 0}.items():
        plan = shop.project.plan("erase", "--people", shop.project.people(name))
        assert plan["people"] == 1
        assert steps_of(plan).get(("delete", "shop.rental"), 0) == rentals
