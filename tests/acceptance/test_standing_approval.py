"""troth approve: who gave a standing approval, whether it counts, and what evidence says of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.acceptance.sakila.club import Club, rows, sqlite_club
from tests.acceptance.test_bad_input_files import change, refused

from troth.core.errors import HumanAsked
from troth.planning.plan import read_plan
from troth.services.standing import refuse_above_ceiling
from troth.state.standing import StandingApproval

CEILINGS = ("--max-rows", "1000", "--max-share", "60%", "--until", "2099-01-01")


@pytest.fixture
def club(tmp_path: Path) -> Club:
    return sqlite_club(tmp_path, rows(24))


def fits(club: Club) -> list[str]:
    return [each["fit"] for each in club.project("approve", "list", "--json").json["approvals"]]


def test_it_stands_until_it_is_withdrawn(club: Club) -> None:
    assert club.project("approve", "list").out.startswith("no standing approval")
    said = club.project("approve", "retention", *CEILINGS, "--json")
    assert said.status == 0, said.out
    assert {name: said.json[name] for name in ("fit", "given_by", "max_rows", "max_share", "until")} == {
        "fit": "stands",
        "given_by": "tester",
        "max_rows": 1000,
        "max_share": "60%",
        "until": "2099-01-01",
    }
    assert "1,000 rows of a plan, 60 % of a collection, until 2099-01-01; given by tester" in " ".join(
        club.project("approve", "list").out.split()
    )
    assert club.project("approve", "withdraw").status == 0
    assert fits(club) == ["withdrawn"]
    refused(club.project("approve", "withdraw"), "no standing approval")


def test_another_one_takes_its_place(club: Club) -> None:
    first = club.project("approve", "retention", *CEILINGS, "--json").json["entry"]
    club.project("approve", "retention", *CEILINGS)
    assert fits(club) == ["stands", "withdrawn"]
    said = [entry for entry in club.project.evidence() if entry["kind"].startswith("standing")]
    assert [entry["kind"] for entry in said] == ["standing_given", "standing_withdrawn", "standing_given"]
    assert said[1]["standing"] == first
    assert (said[0]["max_rows"], said[0]["max_share"], said[0]["until"]) == (1000, 600_000, "2099-01-01")
    assert "tester" not in str(said)


@pytest.mark.parametrize("file", ["policy.yaml", "systems.yaml"])
def test_a_changed_file_ends_it(club: Club, file: str) -> None:
    club.project("approve", "retention", *CEILINGS)
    change(club, file, ("troth: 1\n", "troth: 1  # read again\n"))
    assert fits(club) == ["files_changed"]
    assert "counts no more" in club.project("approve", "list").out


@pytest.mark.parametrize(
    "words, said",
    [
        (("--max-rows", "0"), "no ceiling"),
        (("--max-share", "2"), "not a share"),
        (("--max-share", "200%"), "not a share"),
        (("--until", "2020-01-01"), "has passed"),
        (("--until", "soon"), "not a day"),
    ],
)
def test_what_is_no_ceiling_is_refused(club: Club, words: tuple[str, str], said: str) -> None:
    given = dict(zip(CEILINGS[::2], CEILINGS[1::2], strict=True)) | dict([words])
    refused(club.project("approve", "retention", *(part for pair in given.items() for part in pair)), said)
    assert fits(club) == []


def test_an_erasure_never_falls_under_one(club: Club) -> None:
    made = club.project.plan("erase", "--people", club.project.people("m3@club.example"))
    approval = StandingApproval(0, "", datetime.now(UTC), made["policy"], made["systems"], 10**9, 10**6, date.max)
    with pytest.raises(HumanAsked, match="an erasure, which no standing approval is for"):
        refuse_above_ceiling(approval, read_plan(Path(made["file"]).read_bytes()), {})


def test_a_state_of_the_first_form_is_brought_to_this_one(club: Club) -> None:
    """What an older Troth kept is still there: its plan can be applied, and its log still verifies."""
    plan = club.project.plan("retention")
    with closing(sqlite3.connect(club.project.state)) as connection:
        connection.executescript(
            "drop table standing_approvals; drop table if exists stops; update alembic_version set version_num = '0001'"
        )
    assert club.project("approve", "retention", *CEILINGS).status == 0
    assert club.project.apply(plan)["finished"]
    kinds = [entry["kind"] for entry in club.project.evidence()]
    assert kinds[:3] == ["project_created", "plan_made", "standing_given"]
