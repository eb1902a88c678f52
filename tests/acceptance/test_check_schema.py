"""CI: a pull request that adds a column, on the empty database that its migrations make; on both stores."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.sakila.club import Club, Rows, postgresql_club, sqlite_club
from tests.acceptance.test_systems_check import Roles

EMPTY: Rows = {table: [] for table in ("members", "teams", "team_members", "messages", "orders", "visits", "prices")}
NEW = (
    "alter table members add column backup_email varchar(80)",
    "alter table visits add column shoe_size integer",
    "create table addresses (id integer primary key, member_id integer references members (id), street varchar(80))",
    "create table rates (id integer primary key, rate integer, currency varchar(3))",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def club(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Club]:
    """On PostgreSQL by a role that has no right on any table: it could not read a row."""
    if request.param == "sqlite":
        yield sqlite_club(tmp_path, EMPTY)
        return
    server = request.getfixturevalue("postgresql")
    with postgresql_club(server, tmp_path, EMPTY) as made, ExitStack() as stack:
        env = {**made.project.env, "CLUB_READ": Roles(made, stack).make()}
        yield replace(made, project=replace(made.project, env=env))


def test_a_change_that_declares_what_it_adds_passes(club: Club) -> None:
    said = club.project("check", "--schema", "--json")
    assert said.status == 0, said
    assert [each["id"] for each in said.json["promises"]] == ["closed_list.club"]


def changed(club: Club) -> Club:
    with club.connect() as connection:
        for statement in NEW:
            connection.execute(statement)
    return club


def test_a_change_that_does_not_fails_and_is_shown_the_line(club: Club, tmp_path: Path) -> None:
    sarif, junit = tmp_path / "found.sarif", tmp_path / "found.xml"
    words = ("--sarif", str(sarif), "--junit", str(junit), "--annotations", "github")
    said = changed(club).project("check", "--schema", "--json", *words)
    assert said.status == 1
    hints = {(each["collection"], *each["fields"]): each["hint"] for each in said.json["promises"][0]["findings"]}
    assert "fields: {backup_email: email}" in hints["club.members", "backup_email"]
    assert "guess: personal" in hints["club.members", "backup_email"]
    assert "shoe_size" in hints["club.visits", "shoe_size"]
    assert hints["club.addresses",].startswith("add under tables:  addresses: {for: ")
    assert hints["club.rates",].startswith("add under not_personal:  - rates")
    run: Any = json.loads(sarif.read_text())["runs"][0]
    assert {result["ruleId"] for result in run["results"]} == {"CLOSED-TABLE", "CLOSED-FIELD"}
    assert "backup_email" in junit.read_text()
    assert said.err.count("::error") == 4


def test_declaring_it_is_enough(club: Club) -> None:
    changed(club)
    file = club.project.folder / "systems.yaml"
    text = file.read_text().replace("fields: {email: email,", "fields: {backup_email: email, email: email,")
    text = text.replace("not_personal: [prices,", 'not_personal: [rates, addresses, "visits.shoe_size", prices,')
    file.write_text(text)
    assert club.project("check", "--schema").status == 0


def test_it_looks_at_nothing_else(club: Club) -> None:
    said = club.project("check", "--schema", "--record", "--json")
    assert (said.status, said.json["error"]["code"]) == (2, "SCHEMA-ALONE")
