"""A table that is too large to be read whole without being asked to: a sample is asked, and said to be one."""

from __future__ import annotations

import pytest
from tests.acceptance.sakila.club import Club, Rows, sqlite_club

from troth.execution import measure
from troth.planning import check

EMPTY: Rows = {table: [] for table in ("members", "teams", "team_members", "messages", "orders", "visits", "prices")}
VISITS = 3_000


@pytest.fixture
def club(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Club:
    """Three thousand visits and no index on their moment; a thousand rows are called many, a hundred are drawn."""
    monkeypatch.setattr(check, "DEAR", 1_000)
    monkeypatch.setattr(measure, "DRAWN", 100)
    club = sqlite_club(tmp_path_factory.mktemp("large"), EMPTY)
    with club.connect() as connection:
        connection.execute("drop index visits_seen")
    return club


def visits(club: Club, old: int) -> None:
    many = f"with recursive n (i) as (select 1 union all select i + 1 from n where i < {VISITS})"
    when = f"case when i <= {old} then '2020-01-01 00:00:00' else datetime('now') end"
    with club.connect() as connection:
        connection.execute(f"{many} insert into visits select i, null, '192.0.xxx.xxx', {when} from n")


def findings(club: Club, *options: str) -> list[dict[str, object]]:
    said = club.project("check", "--json", *options)
    return [
        finding
        for promise in said.json["promises"]
        for finding in promise["findings"]
        if finding["collection"] == "club.visits" and finding["code"] != "KEPT"
    ]


def test_what_a_sample_finds_is_broken_and_says_of_how_many(club: Club) -> None:
    visits(club, VISITS // 2)
    (finding,) = (each for each in findings(club) if each["code"] != "RET-SAMPLED")
    assert (finding["code"], finding["verdict"]) == ("RET-PAST", "broken")
    assert "in 100 of about 3,000 rows, drawn at random" in str(finding["message"])
    assert 20 <= int(str(finding["rows"])) <= 80
    (exact,) = findings(club, "--exact")
    assert exact["rows"] == VISITS // 2
    assert "drawn" not in str(exact["message"])


def test_a_sample_that_finds_nothing_proves_nothing_and_says_what_it_would_have_missed(club: Club) -> None:
    visits(club, 0)
    found = findings(club)
    assert {(each["code"], each["verdict"]) for each in found} == {("RET-SAMPLED", "unprovable")}
    assert all("at 95 % confidence fewer than 3.000% of them" in str(each["message"]) for each in found)
    assert all("--exact" in str(each["hint"]) for each in found)
    assert findings(club, "--exact") == []


def test_an_index_makes_an_exact_count_cheap(club: Club) -> None:
    visits(club, 2)
    with club.connect() as connection:
        connection.execute("create index visits_seen on visits (seen_at)")
    past = [each for each in findings(club) if each["code"] == "RET-PAST"]
    assert [each["rows"] for each in past] == [2]
