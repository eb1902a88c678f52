"""The first and the last moment of a period, and the payments that PostgreSQL's Sakila keeps in tables of their own."""

from __future__ import annotations

from datetime import date

import pytest
from tests.acceptance.sakila import oracle
from tests.acceptance.sakila.conftest import Open
from tests.acceptance.sakila.loading import Kind
from tests.acceptance.sakila.oracle import asking
from tests.acceptance.sakila.test_retention import LATER, assert_recorded, broken, steps_of

RENTALS = {
    90_001: "2004-02-29 12:00:00",
    90_002: "2005-08-31 21:59:59",
    90_003: "2005-08-31 22:00:00",
    90_004: "2005-08-31 23:59:59",
    90_005: "2005-09-01 00:00:00",
}
PAYMENTS = {90_001: "1995-12-31 22:59:59", 90_002: "1995-12-31 23:59:59", 90_003: "1996-01-01 00:00:00"}
"""Moments in UTC. In Paris it is an hour later in winter, two in summer."""

DUE = [
    ("2005-02-28", "UTC", {"rental": 0}),  # the year of 29 February ends on the 28th, which still counts
    ("2005-03-01", "UTC", {"rental": 1}),
    ("2006-08-31", "UTC", {"rental": 15_863}),  # of ours, the one of 2004 alone
    ("2006-09-01", "UTC", {"rental": 15_866}),
    ("2006-09-02", "UTC", {"rental": 15_867}),
    ("2006-09-01", "Europe/Paris", {"rental": 15_864}),  # there, 22:00:00 is already September
    ("2005-12-31", "UTC", {"payment": 0}),
    ("2006-01-01", "UTC", {"payment": 2}),  # ten years from the end of 1995
    ("2006-01-01", "Europe/Paris", {"payment": 1}),  # there, 23:59:59 is already 1996
    ("2006-12-31", "UTC", {"payment": 2}),
    ("2007-01-01", "UTC", {"payment": 3}),
]


def test_a_period_ends_with_its_last_day_where_the_company_is(opened: Open, kind: Kind) -> None:
    shop = opened(kind)
    with asking(shop) as sql:
        stamp = ", last_update" if kind == "sqlite" else ""
        value = ", '2006-02-15'" if kind == "sqlite" else ""
        sql.run(
            *(
                "insert into rental (rental_id, rental_date, inventory_id, customer_id, staff_id, last_update)"
                f" values ({key}, '{moment}', 1, 1, 1, '2006-02-15')"
                for key, moment in RENTALS.items()
            ),
            *(
                f"insert into payment (payment_id, customer_id, staff_id, rental_id, amount, payment_date{stamp})"
                f" values ({key}, 1, 1, 1, 1.99, '{moment}'{value})"
                for key, moment in PAYMENTS.items()
            ),
        )
    policy = shop.project.folder / "policy.yaml"
    text = policy.read_text(encoding="utf-8")
    for day, zone, wanted in DUE:
        policy.write_text(text.replace("controller:\n", f"controller:\n  timezone: {zone}\n"), encoding="utf-8")
        found = {collection: rows for (_, collection), rows in broken(shop, date.fromisoformat(day)).items()}
        assert {table: found.get(f"shop.{table}", 0) for table in wanted} == wanted, (day, zone)


OF_2007 = [(month, rental) for month in range(1, 7) for rental in (month * 2, month * 2 + 1)]
"""Payments (month of 2007, rental): a RULE puts each into its month's table, which inherits from payment."""


@pytest.mark.parametrize("at", [LATER, date(2018, 1, 1)], ids=str)
def test_payments_in_tables_that_inherit_go_when_they_are_due_and_keep_their_rentals_until_then(
    opened: Open, at: date
) -> None:
    shop, other = opened("postgresql"), opened("postgresql")
    for each in (shop, other):
        with asking(each) as sql:
            for month, rental in OF_2007:
                sql.run(
                    "insert into payment (customer_id, staff_id, rental_id, amount, payment_date)"
                    f" select customer_id, 1, {rental}, 2.99, '2007-0{month}-15' from rental where rental_id = {rental}"
                )
    with asking(shop) as sql:
        assert sql.number("select count(*) from only payment_p2007_03") == 2
        before = oracle.snapshot(sql)
    with asking(other) as sql:
        by_hand = oracle.carry_out(sql, at)
        wanted = oracle.snapshot(sql)
    assert by_hand.blocked == ({"shop.rental": len(OF_2007)} if at == LATER else {})

    plan = shop.project.plan("retention", "--at", str(at))
    assert steps_of(plan) == by_hand.steps
    assert {item["collection"]: item["rows"] for item in plan["blocked"]} == by_hand.blocked
    shop.project.apply(plan)
    with asking(shop) as sql:
        assert not oracle.differences(before, oracle.snapshot(sql), wanted)
    assert_recorded(shop, plan)
