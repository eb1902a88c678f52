"""``systems draft`` on a changed schema: the how-to's own example, run; and files that people have written in."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.acceptance.sakila.command import Project

HOW_TO = Path(__file__).parents[2] / "docs/how-to/keep-systems-current.md"
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), re.DOTALL)
FIRST, LATER = (text for kind, text in BLOCKS if kind == "sql")
SHOWN, NOTHING = (text for kind, text in BLOCKS if kind == "text")


class Shop:
    """A drafted project beside a database, and a schema that changes."""

    def __init__(self, folder: Path, schema: str = FIRST) -> None:
        self.database = folder / "shop.db"
        self.project = Project(folder, {"DATABASE_URL": f"sqlite:///{self.database}"})
        self.run(schema)
        assert self.project("init", str(folder), "--from", "saas", at_folder=False).status == 0
        assert self.project("systems", "draft", "DATABASE_URL").status == 0

    def run(self, statements: str) -> None:
        with closing(sqlite3.connect(self.database)) as connection:
            connection.executescript(statements)

    @property
    def file(self) -> Path:
        return self.project.folder / "systems.yaml"

    def change(self, old: str, new: str) -> None:
        text = self.file.read_text(encoding="utf-8")
        assert text.count(old) == 1, text
        self.file.write_text(text.replace(old, new), encoding="utf-8")

    def draft(self, *words: str) -> str:
        said = self.project("systems", "draft", *words)
        assert said.status == 0, said
        return said.out.replace(f"{self.file}", "systems.yaml")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_the_how_to_is_true(shop: Shop) -> None:
    assert shop.draft() == NOTHING
    shop.run(LATER)
    before = shop.file.read_text(encoding="utf-8")
    assert shop.draft().partition("\n\nNext:")[0] == SHOWN.rstrip("\n")
    assert shop.file.read_text(encoding="utf-8") == before
    assert shop.draft("--write").startswith("3 lines written into systems.yaml\n")
    shop.change("free_text: [comment]", "free_text: [comment], mentions: handled_by")
    shop.change("      exports: {for: service, belongs_to: user_id} # guess: foreign key user_id\n", "")
    shop.change('      - "*.path" # guess: by name a setting, a code or a file\n', "")
    assert shop.draft() == NOTHING
    assert shop.project("validate").status == 0


def test_what_a_person_wrote_stays_and_a_refusal_is_asked_once(shop: Shop) -> None:
    """Every line of the file is there afterwards, in its order; a link that was refused is not told again."""
    shop.change("# guess: nothing in it leads to a person", "# Grace looked at this in May, see ticket 12")
    shop.change(
        "      email: email # guess: by name; 1 column", "      email: email   # ours\n\n      # telephones later"
    )
    shop.run(LATER)
    before = shop.file.read_text(encoding="utf-8").splitlines()
    shop.draft("--write")
    after = shop.file.read_text(encoding="utf-8").splitlines()
    assert [line for line in after if line in before] == before
    assert len(after) == len(before) + 3
    shop.change("      - countries", "      - orders.handled_by\n      - countries")
    assert "add by hand" not in shop.draft()


def test_a_new_table_of_people_makes_no_file_wrong(shop: Shop) -> None:
    shop.run("create table employees (id integer primary key, email text, full_name text)")
    before = shop.file.read_bytes()
    said = shop.project("systems", "draft", "--write", "--json")
    assert (said.status, {each["code"] for each in said.json["error"]["diagnostics"]}) == (2, {"S308"})
    assert shop.file.read_bytes() == before
    text = shop.file.read_text(encoding="utf-8").replace("belongs_to: user_id", "belongs_to: {user_id: users}")
    shop.file.write_text(text, encoding="utf-8")
    assert "employees:" in shop.draft("--write")
    assert shop.project("validate").status == 0


def test_names_in_braces_that_are_gone_are_told_one_by_one(tmp_path: Path) -> None:
    shop = Shop(tmp_path, f"{FIRST}; create table cities (id integer primary key, code text);")
    assert '"{cities,countries}"' in shop.file.read_text(encoding="utf-8")
    shop.run("drop table cities")
    assert "cities in {cities,countries} matches nothing" in shop.draft()


def test_a_second_database_is_added_beside_the_first(shop: Shop, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.executescript("create table members (id integer primary key, email text, name text)")
    assert "+  db2:" in shop.draft(f"sqlite:///{other}")
    shop.draft(f"sqlite:///{other}", "--write")
    assert shop.project("validate").status == 0
    shown = shop.project("systems", "show", "db2.members", "--json")
    assert (shown.status, shop.draft("--system", "db2")) == (0, NOTHING.replace(" db ", " db2 "))


def test_a_file_with_errors_is_not_drafted_again(shop: Shop) -> None:
    shop.change("    tables:", "    tabels:")
    said = shop.project("systems", "draft", "--json")
    assert (said.status, [each["code"] for each in said.json["error"]["diagnostics"]]) == (2, ["S101"])
