"""``troth look`` where a database is large, in part gone, or changes while it is looked at."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from tests.acceptance.sakila.command import Project
from tests.acceptance.test_check_page import read

from troth.execution import sampling
from troth.services.project import Project as Folder
from troth.services.unknown import look
from troth.testing.postgresql import Database

USERS = "create table users (id integer primary key, email varchar(80), created_at timestamp, deleted_at timestamp)"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "sqlite":
        return Store(f"sqlite:///{tmp_path / 'shop.db'}", tmp_path)
    database: Database = request.getfixturevalue("pg_database")
    return Store(database.uri, tmp_path)


class Store:
    """An empty database, and a folder to look at it from."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address, self.folder = address, folder

    def run(self, *statements: str) -> None:
        if self.address.startswith("sqlite"):
            with closing(sqlite3.connect(self.address.removeprefix("sqlite:///"))) as connection, connection:
                for each in statements:
                    connection.execute(each)
            return
        with psycopg.connect(self.address, autocommit=True) as server:
            for each in statements:
                server.execute(each.encode())

    @property
    def project(self) -> Project:
        return Project(self.folder, {"DATABASE_URL": self.address})

    def numbers(self, first: int, last: int) -> str:
        """A table expression with a column ``n``."""
        if self.address.startswith("sqlite"):
            steps = f"select {first} union all select n + 1 from s where n < {last}"
            return f"(with recursive s(n) as ({steps}) select n from s)"
        return f"(select generate_series({first}, {last}) as n) as s"


def test_a_large_table_is_sampled_at_random_and_not_by_its_first_rows(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole network addresses are in the second half of the rows alone."""
    monkeypatch.setattr(sampling, "RANDOM_UP_TO", 1_000)
    store.run(
        "create table visits (id integer primary key, ip varchar(45))",
        f"insert into visits select n, '192.0.0.0' from {store.numbers(1, 10_000)}",
        f"insert into visits select n, '192.0.2.77' from {store.numbers(10_001, 20_000)}",
        "analyze",
    )
    seen = store.project("look", "DATABASE_URL", "--json").json
    (wrong,) = [each for each in seen["suspicions"] if each["code"] == "LOOK-IP"]
    assert 50 < int(wrong["sampled"].split()[0]) < 150
    assert not any("first 200 rows" in each for each in seen["limits"])


def test_of_a_table_without_places_the_first_rows_are_sampled_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "RANDOM_UP_TO", 10)
    store = Store(f"sqlite:///{tmp_path / 'shop.db'}", tmp_path)
    store.run(
        "create table users (id text primary key, email text) without rowid",
        f"insert into users select n, 'u' || n || '@shop.example' from {store.numbers(1, 20)}",
    )
    (limit,) = store.project("look", "DATABASE_URL", "--json").json["limits"]
    assert limit == "of users the first 200 rows were sampled, not rows drawn at random"


def test_a_view_over_a_table_that_is_gone_is_named_and_passed_by(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'shop.db'}", tmp_path)
    store.run(USERS, "create table old (id int)", "create view older as select * from old", "drop table old")
    said = store.project("look", "DATABASE_URL", "--json")
    assert said.status == 0, said.out
    assert said.json["unread"] == ["older: a view over something that is no longer there"]
    assert [each["table"] for each in said.json["holdings"]] == ["users"]


def test_a_question_that_is_not_answered_is_said_and_the_rest_goes_on(store: Store) -> None:
    """The table goes away between the sample and the question what of it is over."""
    store.run(
        USERS,
        "create table logins (id integer primary key, email varchar(80), created_at timestamp)",
        "insert into users values (1, 'ann@shop.example', '2020-01-01', '2021-01-01')",
        "insert into logins values (1, 'ann@shop.example', '2020-01-01')",
    )
    steps: Counter[str] = Counter()

    def on_step(table: str) -> None:
        steps[table] += 1
        if table == "users" and steps[table] == 2:
            store.run("alter table users rename to people")

    folder = Folder(store.folder, {"DATABASE_URL": store.address})
    looked = look(folder, "DATABASE_URL", (), on_step)
    unanswered = [each for each in looked.limits if "a question what looks wrong was not answered" in each]
    assert [each.partition(":")[0] for each in unanswered] == ["users"]
    ages: Sequence[str] = [each.table for each in looked.sight.holdings if each.oldest is not None]
    assert ages == ["logins"]


@pytest.mark.parametrize(
    "lang, parts",
    [
        ("en", ("1 table holds personal data.", "e-mail address email", "Whole network addresses.", "2019", "20%")),
        ("fr", ("1 table contient des données", "adresse électronique email", "adresses réseau entières.", "20 %")),
    ],
)
def test_the_page_in_both_languages_with_the_ages_of_rows(tmp_path: Path, lang: str, parts: tuple[str, ...]) -> None:
    store = Store(f"sqlite:///{tmp_path / 'shop.db'}", tmp_path)
    store.run(
        "create table users (id integer primary key, email text, last_ip text, created_at timestamp)",
        "insert into users select n, 'u' || n || '@shop.example', '192.0.2.' || n, (2015 + n % 5) || '-03-01 00:00:00'"
        f" from {store.numbers(1, 100)}",
    )
    page = tmp_path / "look.html"
    assert store.project("look", "DATABASE_URL", "--html", str(page), "--lang", lang).status == 0
    text = page.read_text(encoding="utf-8")
    found = read(text)
    for part in parts:
        assert part in found.words, part
    assert len([row for row in found.all("rect") if row["width"] == "100.0"]) == 5
    assert "u1@shop.example" not in text
    assert "192.0.2.1" not in text


def test_a_language_that_nothing_is_written_in_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    said = Project(tmp_path, {})("look", "NOT_SET_HERE", "--html", str(tmp_path / "x.html"), "--lang", "de", "--json")
    assert (said.status, said.json["error"]["code"]) == (2, "LANGUAGE")
