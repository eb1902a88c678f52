"""What ``troth check --sql`` prints gives by hand the number that ``troth check`` printed."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
from tests.acceptance.sakila.conftest import Open
from tests.acceptance.sakila.loading import Kind, Shop
from tests.acceptance.sakila.oracle import asking

HEAD = re.compile(r"^-- (?P<collection>\S+): (?P<code>[A-Z-]+)", re.MULTILINE)


def by_check(shop: Shop, at: str) -> dict[str, dict[str, list[int]]]:
    """Promise → collection → the numbers that check says, kept ones (0) too."""
    found: dict[str, dict[str, list[int]]] = {}
    for promise in shop.project("check", "--at", at, "--json").json["promises"]:
        numbers = defaultdict(list)
        for finding in promise["findings"]:
            if finding["rows"] is not None:
                numbers[finding["collection"]].append(finding["rows"])
        if numbers:
            found[promise["id"]] = {name: sorted(rows) for name, rows in numbers.items()}
    return found


def by_hand(shop: Shop, promise: str, at: str) -> dict[str, list[int]]:
    """Collection → the numbers that the printed queries give when they are run."""
    said = shop.project("check", "--at", at, "--sql", promise)
    assert said.status == 0, said.err
    heads = list(HEAD.finditer(said.out))
    numbers = defaultdict(list)
    with asking(shop) as sql:
        for head, after in zip(heads, [*heads[1:], None], strict=True):
            query = said.out[head.end() : after.start() if after else None].strip().rstrip(";")
            numbers[head["collection"]].append(sql.number(query))
    return {name: sorted(rows) for name, rows in numbers.items()}


@pytest.mark.parametrize("at", ["2006-09-01", "2017-01-01"])
@pytest.mark.parametrize("held", [False, True], ids=["free", "on hold"])
def test_printed_queries_give_the_printed_numbers(opened: Open, kind: Kind, at: str, *, held: bool) -> None:
    shop = opened(kind)
    if held:
        people = shop.project.people("SANDRA.MARTIN@sakilacustomer.org", "mary.smith@sakilacustomer.org")
        said = shop.project("hold", "place", "--people", people, "--reason", "litigation", "--review", "2099-01-01")
        assert said.status == 0, said.err
    checked = by_check(shop, at)
    assert set(checked) >= {"retention.rentals", "retention.payments", "retention.membership", "form.staff.password"}
    for promise, numbers in checked.items():
        assert by_hand(shop, promise, at) == numbers, promise
    if held and at == "2017-01-01":
        assert max(checked["retention.membership"]["shop.customer"]) == 14
