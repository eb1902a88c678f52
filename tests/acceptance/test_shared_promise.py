"""One line about how long is one promise, however many purposes it holds for: it is measured, said and kept once."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.acceptance.sakila.club import Club, rows, sqlite_club
from tests.acceptance.test_bad_input_files import change

from troth.register.load import read_register
from troth.register.promises import retention_id

SHARED_LINE = """\
troth: 1
processings:
  visits:
    data: [ip]
    basis: 6.1.f
    purposes: {anomalies: {quote: to find anomalies}, speed: {quote: to be fast}}
    retain: {text: 180 days from recorded, quote: We keep visits for 180 days.}
    quote: We look at visits.
  logs:
    purposes: {attacks: {quote: to find attacks}, faults: {quote: to find faults}}
    retain: 1 year from recorded
    quote: We keep logs.
  news: {purposes: {send: {quote: to send}, count: {quote: to count}}}
  orders:
    retain: 1 year from paid
    purposes: {ship: {basis: 6.1.b}, tax: {law: Tax code}}
  staff:
    retain: 1 year from left
    purposes: {pay: {}, badge: {retain: until left}}
"""


def test_one_line_about_how_long_is_one_promise(tmp_path: Path) -> None:
    """… unless a purpose has another period, or a law that makes the same one a minimum too."""
    (tmp_path / "policy.yaml").write_text(SHARED_LINE)
    (tmp_path / "systems.yaml").write_text("troth: 1\n")
    register = read_register(tmp_path)
    found = [each for each in register.promises if each.kind == "retention"]
    assert {each.id: (each.purpose, each.quote, each.mark.line) for each in found} == {
        "retention.visits": (None, "We keep visits for 180 days.", 7),
        "retention.logs": (None, "We keep logs.", 11),
        "retention.news": (None, "to send", 13),
        "retention.orders.ship": ("ship", "", 15),
        "retention.orders.tax": ("tax", "", 15),
        "retention.staff.pay": ("pay", "", 18),
        "retention.staff.badge": ("badge", "", 19),
    }
    visits = register.policy.processings["visits"]
    assert {retention_id(visits, purpose) for purpose in visits.purposes.values()} == {"retention.visits"}


ONE = "{contract: {basis: 6.1.b}}"
VISITS = "purposes: {traffic: {basis: 6.1.f, interest: count visits}}"
THREE = "{contract: {basis: 6.1.b}, safety: {basis: 6.1.b}, billing: {basis: 6.1.b}}"
SAID = ("id", "action", "collection", "because", "rows", "notes")


@pytest.fixture
def clubs(tmp_path: Path) -> tuple[Club, Club]:
    """The same company and rows; the second one's membership has three purposes that keep by the same line."""
    made = []
    for name, purposes in (("one", ONE), ("three", THREE)):
        (tmp_path / name).mkdir()
        club = sqlite_club(tmp_path / name, rows(40))
        change(club, "policy.yaml", (f"purposes: {ONE}", f"purposes: {purposes}"))
        if name == "three":
            change(club, "policy.yaml", (VISITS, f"{VISITS[:-1]}, attacks: {VISITS.partition('traffic: ')[2]}"))
        with club.connect() as connection:
            connection.execute("update visits set seen_at = 'soon' where id = 1")
        made.append(club)
    return made[0], made[1]


def test_check_says_it_once(clubs: tuple[Club, Club]) -> None:
    one, three = (club.project("check", "--json").json["promises"] for club in clubs)
    membership = [each for each in three if each["id"].startswith("retention.membership")]
    assert [(each["id"], each["verdict"]) for each in membership] == [("retention.membership", "broken")]
    assert "RET-UNKNOWN-START" in {finding["code"] for each in three for finding in each["findings"]}
    assert [each["findings"] for each in one] == [each["findings"] for each in three]


def test_a_plan_says_it_once(clubs: tuple[Club, Club]) -> None:
    one, three = (club.project.plan("retention") for club in clubs)
    said = [[{key: step[key] for key in SAID} for step in plan["steps"]] for plan in (one, three)]
    assert said[0] == said[1] != []


def test_what_is_retained_is_said_once(clubs: tuple[Club, Club]) -> None:
    with clubs[0].connect() as connection:
        (member,) = connection.execute("select min(id) from members where left_at is null").fetchone()
    one, three = (club.project.plan("erase", "--people", club.project.people(f"id:{member}")) for club in clubs)
    assert [each["code"] for each in three["retained"]].count("R-17-1-A") > 0
    assert one["retained"] == three["retained"]
