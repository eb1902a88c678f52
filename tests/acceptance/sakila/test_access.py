"""A copy of what Sakila holds on one customer, on each store, beside plain SQL."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.sakila.conftest import Open
from tests.acceptance.sakila.loading import Kind, Shop
from tests.acceptance.sakila.oracle import asking

CUSTOMER = 148
"""Eleanor Hunt, who rented more than anybody else."""

THEIRS = {
    "shop.customer": "customer where customer_id = 148",
    "shop.address": "address where address_id = (select address_id from customer where customer_id = 148)",
    "shop.rental": "rental where customer_id = 148",
    "shop.payment": "payment where customer_id = 148",
}
STAFF = "staff where username = 'Mike'"


def copy_of(shop: Shop, *names: str, lang: str = "en") -> tuple[dict[str, Any], list[Path]]:
    """The plan, and the folders that were made of it."""
    plan = shop.project.plan("access", "--people", shop.project.people(*names))
    out = shop.project.folder / "copies"
    said = shop.project("package", plan["file"], "--out", str(out), "--approve", plan["id"], "--lang", lang, "--json")
    assert said.status == 0, said
    return plan, [Path(each["path"]) for each in said.json["copies"]]


def table(folder: Path, part: str) -> list[list[str]]:
    """The rows of a part's file without its titles."""
    (file,) = folder.glob(f"*-{part}.csv")
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))[1:]


def test_every_row_of_a_customer_and_none_of_another(opened: Open, kind: Kind) -> None:
    shop = opened(kind)
    plan, (folder,) = copy_of(shop, "eleanor.hunt@SAKILACUSTOMER.org")
    with asking(shop) as sql:
        wanted = {part: sql.number(f"select count(*) from {rows}") for part, rows in THEIRS.items()}
        rentals = {str(row[0]) for row in sql.rows(f"select rental_id from {THEIRS['shop.rental']}")}
        amounts = sorted(f"{row[0]:.2f}" for row in sql.rows(f"select amount from {THEIRS['shop.payment']}"))
    (answer,) = plan["answers"]
    assert {count["part"]: count["rows"] for count in answer["counts"]} == wanted
    data = json.loads((folder / "data.json").read_text(encoding="utf-8"))
    assert {part: len(rows) for part, rows in data["data"].items()} == wanted
    assert {str(row["rental_id"]) for row in data["data"]["shop.rental"]} == rentals
    assert sorted(f"{float(row['amount']):.2f}" for row in data["data"]["shop.payment"]) == amounts
    assert {row["customer_id"] for row in data["data"]["shop.payment"]} == {CUSTOMER}
    for part, rows in wanted.items():
        assert len(table(folder, part)) == rows


def test_each_row_says_until_when_it_is_kept(opened: Open, kind: Kind) -> None:
    shop = opened(kind)
    _, (folder,) = copy_of(shop, f"id:customer:{CUSTOMER}")
    data = json.loads((folder / "data.json").read_text(encoding="utf-8"))["data"]
    for row in data["shop.rental"]:
        day = row["rental_date"][:10]
        assert row["_kept_until"] == f"{int(day[:4]) + 1}{day[4:]}"
    assert {row["_kept_until"] for row in data["shop.payment"]} == {
        f"{int(row['payment_date'][:4]) + 10}-12-31" for row in data["shop.payment"]
    }
    assert "_kept_until" not in data["shop.customer"][0]  # a membership that runs has no end yet
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "until “membership ended”" in page


def test_a_password_is_named_and_not_given(opened: Open, kind: Kind) -> None:
    shop = opened(kind)
    with asking(shop) as sql:
        ((password,),) = sql.rows(f"select password from {STAFF}")
    _, (folder,) = copy_of(shop, "login:Mike")
    everything = "".join(file.read_text(encoding="utf-8") for file in folder.iterdir())
    assert password not in everything
    data = json.loads((folder / "data.json").read_text(encoding="utf-8"))
    (field,) = [each for each in data["dictionary"]["shop.staff"] if each["name"] == "password"]
    assert (field["shown"], field["why"], field["rows"]) == ("held", "hash", 1)


def test_a_shared_address_is_everyones(opened: Open, kind: Kind) -> None:
    shop = opened(kind)
    with asking(shop) as sql:
        sql.run(
            "update customer set address_id = (select address_id from customer where customer_id = 148)"
            " where customer_id = 1"
        )
    plan, folders = copy_of(shop, "id:customer:1", "id:customer:148")
    addresses = [table(folder, "shop.address") for folder in folders]
    assert addresses[0] == addresses[1]
    assert len(addresses[0]) == 1
    assert [answer["lines"] for answer in plan["answers"]] == [[1], [2]]


@pytest.mark.parametrize("lang, words", [("en", "Your personal data at"), ("fr", "Vos données personnelles chez")])
def test_nobody_gets_the_same_form_of_answer(opened: Open, lang: str, words: str) -> None:
    shop = opened("sqlite")
    plan, folders = copy_of(shop, "nobody@nowhere.example", "eleanor.hunt@sakilacustomer.org", lang=lang)
    assert [answer["known"] for answer in plan["answers"]] == [False, True]
    assert plan["people"] == 1
    for folder in folders:
        assert words in (folder / "index.html").read_text(encoding="utf-8")
        assert json.loads((folder / "data.json").read_text(encoding="utf-8"))["about"]["language"] == lang
    assert json.loads((folders[0] / "data.json").read_text(encoding="utf-8"))["data"] == {}
