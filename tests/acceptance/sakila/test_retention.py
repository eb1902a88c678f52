"""Sakila checked, planned, purged and checked again, as of two days, beside an oracle in plain SQL."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from tests.acceptance.sakila import oracle
from tests.acceptance.sakila.conftest import Open
from tests.acceptance.sakila.loading import Kind, Shop
from tests.acceptance.sakila.oracle import asking

AUTUMN, LATER = date(2006, 9, 1), date(2017, 1, 1)

FINDINGS = {
    AUTUMN: {"rental": 15_862, "customer": 15, "address": 15, "staff": 2},
    LATER: {"payment": 16_049, "rental": 16_044, "customer": 15, "address": 15, "staff": 2},
}
"""What both schemas hold that breaks a promise, by table: the same numbers on both."""

PLANS = {
    ("sqlite", AUTUMN): {("delete", "rental"): 15_862, ("mask", "customer"): 15, ("mask", "address"): 15},
    ("postgresql", AUTUMN): {("mask", "customer"): 15, ("mask", "address"): 15},
    ("sqlite", LATER): (
        everything := {
            ("delete", "payment"): 16_049,
            ("delete", "rental"): 16_044,
            ("delete", "customer"): 15,
            ("delete", "address"): 15,
        }
    ),
    ("postgresql", LATER): everything,
}
PLANS.update({("mariadb", at): PLANS["sqlite", at] for at in (AUTUMN, LATER)})
"""The one difference: payment.rental_id may not be null on PostgreSQL, so that while payments are kept by law, the
15,862 rentals that are due cannot go there; on SQLite and MariaDB it becomes null."""

BLOCKED = {("postgresql", AUTUMN): {"shop.rental": 15_862}}

days = pytest.mark.parametrize("at", [AUTUMN, LATER], ids=str)


def broken(shop: Shop, at: date) -> dict[tuple[str, str], int]:
    """(promise, collection) → rows, as ``troth check`` says."""
    said = shop.project("check", "--at", str(at), "--json")
    assert said.status == said.json["exit_status"] == (1 if said.json["totals"]["broken"] else 0)
    return {
        (promise["id"], finding["collection"]): finding["rows"]
        for promise in said.json["promises"]
        for finding in promise["findings"]
        if finding["verdict"] == "broken"
    }


def steps_of(plan: dict[str, Any]) -> dict[tuple[str, str], int]:
    return {(step["action"], step["collection"]): step["rows"] for step in plan["steps"] if step["rows"]}


def named(rows: dict[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    return {(action, f"shop.{table}"): number for (action, table), number in rows.items()}


@days
def test_check_finds_what_the_oracle_finds(opened: Open, kind: Kind, at: date) -> None:
    shop = opened(kind)
    with asking(shop) as sql:
        wanted = oracle.findings(sql, at)
    assert {collection: rows for (_, collection), rows in wanted.items()} == {
        f"shop.{table}": rows for table, rows in FINDINGS[at].items()
    }
    assert broken(shop, at) == wanted


@days
def test_a_purge_does_what_the_oracle_does_and_nothing_else(opened: Open, kind: Kind, at: date) -> None:
    shop, other = opened(kind), opened(kind)
    with asking(shop) as sql:
        before = oracle.snapshot(sql)
    with asking(other) as sql:
        by_hand = oracle.carry_out(sql, at)
        wanted = oracle.snapshot(sql)

    plan = shop.project.plan("retention", "--at", str(at))
    with asking(shop) as sql:
        assert not oracle.differences(before, oracle.snapshot(sql), before), "a plan changed something"
    assert steps_of(plan) == by_hand.steps == named(PLANS[kind, at])
    assert {item["collection"]: item["rows"] for item in plan["blocked"]} == by_hand.blocked
    assert by_hand.blocked == BLOCKED.get((kind, at), {})

    done = shop.project.apply(plan)
    assert done["finished"]
    assert not done["remaining"]
    with asking(shop) as sql:
        assert not oracle.differences(before, oracle.snapshot(sql), wanted)
        left = oracle.findings(sql, at)
    assert broken(shop, at) == left
    assert set(left) == {
        ("form.staff.password", "shop.staff"),
        *(("retention.rentals", name) for name in by_hand.blocked),
    }
    assert_recorded(shop, plan)


def assert_recorded(shop: Shop, plan: dict[str, Any]) -> None:
    """Evidence that verifies, and adds up to the plan."""
    entries = [entry for entry in shop.project.evidence() if entry.get("plan") == plan["id"]]
    batches: Counter[str] = Counter()
    for entry in entries:
        if entry["kind"] == "batch":
            batches[entry["step"]] += entry["rows"]
    ended = {entry["step"]: entry for entry in entries if entry["kind"] == "step_done"}
    for step in plan["steps"]:
        assert ended[step["id"]]["planned"] == step["rows"]
        assert ended[step["id"]]["done"] == batches[step["id"]] == step["rows"]
        assert ended[step["id"]]["remaining"] == 0
    assert entries[-1]["kind"] == "finished"
    assert entries[-1]["outcome"] == "complete"


def test_the_reason_why_rentals_stay_on_postgresql_names_the_column(opened: Open) -> None:
    shop = opened("postgresql")
    plan = shop.project.plan("retention", "--at", str(AUTUMN))
    (stuck,) = plan["blocked"]
    assert stuck["rows"] == 15_862
    assert "payment.rental_id" in stuck["reason"]
    assert "null" in stuck["reason"]
