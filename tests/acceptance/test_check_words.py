"""What check says at its end fits what is broken; likely faults of the files are warnings; no word is broken in two."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console
from tests.acceptance.sakila.club import Club, Rows, sqlite_club
from tests.acceptance.test_bad_input_files import change

from troth.cli.show_files import show_table
from troth.services.project import Project
from troth.services.validating import show_table as look

EMPTY: Rows = {table: [] for table in ("members", "teams", "team_members", "messages", "orders", "visits", "prices")}


@pytest.fixture
def club(tmp_path: Path) -> Club:
    return sqlite_club(tmp_path, EMPTY)


def after(club: Club, *statements: str) -> list[str]:
    """The lines that say what to do next."""
    with club.connect() as connection:
        for statement in statements:
            connection.execute(statement)
    said = club.project("check")
    assert said.status == (1 if statements else 0), said.out
    return [line for line in said.out.splitlines() if line.startswith("Next:")]


def test_nothing_is_broken(club: Club) -> None:
    assert after(club) == []


def test_only_a_column_is_new(club: Club) -> None:
    (line,) = after(club, "alter table visits add column shoe_size integer")
    assert "declare the new columns in systems.yaml" in line


def test_only_a_table_is_new(club: Club) -> None:
    (line,) = after(club, "create table wishes (id integer primary key, words text)")
    assert "declare the new tables in systems.yaml" in line


def test_only_a_form_is_broken(club: Club) -> None:
    change(club, "policy.yaml", ("data: {ip: {}}", "data: {ip: {form: first-half}}"))
    (line,) = after(club, "insert into visits values (1, null, '192.0.2.17', datetime('now'))")
    assert "bring the values into their form" in line


def test_only_what_is_past_its_time_is_work_for_a_plan(club: Club) -> None:
    old = "insert into visits values (1, null, '192.0.2.17', '2020-01-01 00:00:00')"
    (line,) = after(club, old)
    assert "troth plan retention" in line
    assert len(after(club, "alter table visits add column shoe_size integer")) == 2


def test_lines_that_are_likely_to_be_wrong(club: Club) -> None:
    change(club, "systems.yaml", ("not_personal: [prices,", "not_personal: [prices, pricse,"))
    said = club.project("check")
    assert said.status == 0
    assert "warning R301" in said.out
    (warning,) = club.project("check", "--json").json["warnings"]
    assert (warning["code"], warning["severity"]) == ("R301", "warning")
    assert "pricse" in (club.project.folder / "systems.yaml").read_text().splitlines()[warning["line"] - 1]


@pytest.mark.parametrize("width", [80, 40])
def test_a_table_is_shown_without_breaking_a_word(club: Club, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(club.project.folder)
    shown = look(Project(Path(), dict(club.project.env)), "members")
    console = Console(width=width, highlight=False)
    with console.capture() as captured:
        show_table(console, shown)
    lines = captured.get().splitlines()
    assert max(map(len, lines)) <= width
    words = captured.get().split()
    for value in shown:
        assert {value.name, *value.value.split()} <= set(words)
        assert value.mark is None or str(value.mark) in words
