"""The first ten minutes: from an empty folder to a first check of Sakila in five commands, nothing edited."""

from __future__ import annotations

import re
import shlex
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.sakila import loading
from tests.acceptance.sakila.command import TROTH, Project, Said
from tests.acceptance.sakila.loading import Kind

from troth.testing.postgresql import PostgresqlServer

Five = tuple[Said, Said, Said, Said, Said]


@pytest.fixture
def empty(kind: Kind, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Project]:
    """A folder with nothing in it, and Sakila in a variable."""
    folder = tmp_path / "shop"
    folder.mkdir()
    if kind == "sqlite":
        file = tmp_path / "sakila.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), file)
        yield Project(folder, {"DATABASE_URL": f"sqlite:///{file}"})
        return
    if kind == "mariadb":
        my, template = (request.getfixturevalue(name) for name in ("mariadb", "mariadb_template"))
        with loading.mariadb_copy(my, template) as database:
            yield Project(folder, {"DATABASE_URL": database.url})
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    with server.database(template=request.getfixturevalue("postgresql_template")) as database:
        yield Project(folder, {"DATABASE_URL": database.uri})


def five(project: Project) -> Five:
    return (
        project("look", "DATABASE_URL", "--json"),
        project("init", str(project.folder), "--from", "saas", at_folder=False),
        project("systems", "draft", "DATABASE_URL", "--json"),
        project("validate", "--json"),
        project("check", "--json"),
    )


def test_from_an_empty_folder_to_a_first_check(empty: Project, kind: Kind) -> None:
    look, init, draft, validate, check = five(empty)
    assert [each.status for each in (look, init, draft, validate)] == [0, 0, 0, 0], draft.err + validate.out
    assert validate.json["errors"] == 0
    verdicts = {each["id"]: each["verdict"] for each in check.json["promises"]}
    assert check.status == 1
    assert {name for name, verdict in verdicts.items() if verdict == "broken"} == {
        "form.employees.password",  # a bare SHA-1, which is true of Sakila
        "closed_list.db",
    }
    (closed,) = [each for each in check.json["promises"] if each["id"] == "closed_list.db"]
    assert [each["collection"] for each in closed["findings"]] == ["db.actor"]
    assert check.json["warnings"] == []
    assert not [name for name, verdict in verdicts.items() if verdict in {"kept", "not_reached"}]
    assert kind in (empty.folder / "systems.yaml").read_text()
    del init, look


def test_the_key_that_init_made_still_signs(empty: Project) -> None:
    """The draft takes the place of the starter file, and keeps the name that the key was made for."""
    five(empty)
    assert 'evidence: {origin: "company.example/troth"}' in (empty.folder / "systems.yaml").read_text()
    assert empty("plan", "retention").status == 0
    empty.evidence()  # exported and verified with the key that init made


def test_what_is_drafted_is_what_somebody_wrote_by_hand(empty: Project) -> None:
    five(empty)
    text = (empty.folder / "systems.yaml").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 40
    for part in (
        "read: ${DATABASE_URL}",
        "belongs_to: {customer_id: customer}",
        "mentions: {staff_id: staff}",
        "shared_through: {table: customer, row: address_id}",
        "recorded: rental_date",
        "billed: payment_date",
        "by: {email: email, login: username}",
    ):
        assert part in text
    values = {each["name"]: each for each in empty("systems", "show", "customer", "--json").json["values"]}
    assert values["email"]["value"] == "email"
    assert values["account_closed"]["value"].startswith("a state without a date: active is ")


def test_the_look_sees_what_is_wrong_and_how_much(empty: Project, kind: Kind) -> None:
    seen: dict[str, Any] = empty("look", "DATABASE_URL", "--json").json
    wrong = {(each["table"], each["column"]): each for each in seen["suspicions"]}
    assert wrong["staff", "password"]["code"] == "LOOK-PASSWORD"
    assert wrong["customer", "email"]["code"] == "LOOK-CLOSED"
    assert wrong["customer", "email"]["rows"] == 15  # select count(*) from customer where active says so
    if kind == "sqlite":
        assert wrong["payment", "payment_date"]["code"] == "LOOK-INDEX"
    holdings = {each["table"]: each for each in seen["holdings"]}
    assert holdings["customer"]["rows"] == 599
    assert holdings["rental"]["oldest"][:10] == "2005-05-24"
    assert holdings["address"]["items"]["phone"] == ["phone"]
    assert seen["undecided"] == ["actor"]
    assert seen["next"] == ["troth init --from saas", "troth systems draft DATABASE_URL", "troth check"]


def test_the_next_commands_run_as_they_are_printed(empty: Project, kind: Kind) -> None:
    """Typed by somebody who stands in the empty folder and has read nothing: a variable, or a file beside them."""
    address = "sqlite:///../sakila.db" if kind == "sqlite" else "DATABASE_URL"

    def typed(line: str) -> tuple[int, str]:
        words = [str(TROTH), *shlex.split(line.removeprefix("troth "))]
        done = subprocess.run(
            words, cwd=empty.folder, env=empty.environment, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout

    status, screen = typed(f"troth look {address}")
    commands = re.findall(r"^  (troth .*?)  ", screen.partition("Next:")[2], re.MULTILINE)
    assert (status, len(commands)) == (0, 3)
    done = [typed(command) for command in commands]
    assert [status for status, _ in done] == [0, 0, 1]
    assert "form.employees.password" in done[-1][1]


def test_nothing_is_changed_by_looking(tmp_path: Path, sqlite_template: Path) -> None:
    file = tmp_path / "sakila.db"
    shutil.copyfile(sqlite_template, file)
    before = file.read_bytes()
    project = Project(tmp_path / "empty", {})
    project.folder.mkdir()
    assert project("look", f"sqlite:///{file}").status == 0
    assert list(project.folder.iterdir()) == []
    assert file.read_bytes() == before


NEW_TABLE = (
    "create table login_log (id integer primary key, customer_id integer references customer,"
    " ip varchar(45), created_at timestamp)"
)


def changed(empty: Project, statements: Sequence[str]) -> None:
    with closing(sqlite3.connect(empty.env["DATABASE_URL"].removeprefix("sqlite:///"))) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize("kind", ["sqlite"])
def test_drafted_again_only_what_has_changed_is_proposed(empty: Project, kind: Kind) -> None:
    five(empty)
    before = (empty.folder / "systems.yaml").read_text()
    same = empty("systems", "draft", "--json").json
    assert (same["changed"], same["lines"], same["gone"]) == (True, [], [])
    assert [task["where"] for task in same["tasks"]] == [["actor"]]
    changed(
        empty,
        (
            "alter table customer add column phone varchar(20)",
            NEW_TABLE,
            "drop table film_text",
        ),
    )
    again = empty("systems", "draft", "--json").json
    lines = [(line["section"], line["key"], line["value"]) for line in again["lines"]]
    assert ("items", "phone", "phone") not in lines  # a line for it is there
    assert [line for line in lines if line[0] == "tables"] == [
        ("tables", "login_log", "{for: logs, belongs_to: {customer_id: customer}, events: {recorded: created_at}}")
    ]
    assert ("items", "ip", "ip") in lines
    assert len(lines) == 2
    assert (empty.folder / "systems.yaml").read_text() == before
    printed = empty("systems", "draft").out
    assert "login_log:" in printed
    assert "rental" not in printed.partition("Next:")[0].replace("'", "")


@pytest.mark.parametrize("kind", ["sqlite"])
def test_systems_check_says_what_is_reached_absent_and_undeclared(empty: Project, kind: Kind) -> None:
    five(empty)
    said = empty("systems", "check", "--json")
    assert said.status == 1
    assert [(each["which"], each["reached"]) for each in said.json["connections"]] == [("read", True)]
    assert (said.json["absent"], said.json["undeclared"]) == ([], ["db.actor"])
    changed(empty, (NEW_TABLE, "alter table staff rename column username to handle"))
    said = empty("systems", "check", "--json")
    assert said.json["undeclared"] == ["db.actor", "db.login_log", "db.staff.handle"]
    assert any("db.staff has no column username" in each for each in said.json["absent"])
    assert any("matches nothing in db" in each for each in said.json["absent"])
    systems = empty.folder / "systems.yaml"
    text = systems.read_text(encoding="utf-8")
    systems.write_text(text.replace("# write: ${TROTH_WRITE_URL}", "write: sqlite:///gone.db"), encoding="utf-8")
    said = empty("systems", "check", "--json")
    assert (said.status, said.json["exit_status"]) == (3, 3)
    assert [(each["which"], each["reached"]) for each in said.json["connections"]] == [("read", True), ("write", False)]
    assert "1 of 2 connections not reached" in empty("systems", "check").out


def test_a_file_of_ones_own_is_never_written_over(empty: Project) -> None:
    five(empty)
    assert empty("systems", "draft", "DATABASE_URL").status == 0
    out = empty.folder / "systems.yaml"
    said = empty("systems", "draft", "DATABASE_URL", "--out", str(out))
    assert (said.status, "is there already" in said.err) == (2, True)


@pytest.mark.parametrize("words", [("look",), ("systems", "draft")])
def test_a_password_in_the_arguments_is_refused_and_not_repeated(tmp_path: Path, words: tuple[str, ...]) -> None:
    project = Project(tmp_path, {})
    said = project(*words, "postgresql://app:hunter2secret@db.example/shop", "--json")
    assert (said.status, said.json["error"]["code"]) == (2, "ADDRESS")
    assert "hunter2secret" not in said.out + said.err


def test_a_password_in_the_variable_is_never_printed(tmp_path: Path) -> None:
    project = Project(tmp_path, {"DATABASE_URL": "postgresql://app:hunter2secret@127.0.0.1:9/shop"})
    for words in (("look", "DATABASE_URL"), ("systems", "draft", "DATABASE_URL")):
        said = project(*words)
        assert said.status == 3
        assert "hunter2secret" not in said.out + said.err


@pytest.mark.parametrize(
    "words, code",
    [
        (("look", "NOT_SET_HERE"), "SECRET-MISSING"),
        (("look", "mongodb://db.example/shop"), "STORE-KIND"),
        (("systems", "draft"), "DRAFT-ADDRESS"),
        (("init", "--from", "sass"), "INIT-FROM"),
    ],
)
def test_bad_input_says_what_to_do(tmp_path: Path, words: tuple[str, ...], code: str) -> None:
    said = Project(tmp_path, {})(*words, "--json")
    assert (said.status, said.json["error"]["code"]) == (2, code)
    assert said.json["error"]["hint"]


def test_a_policy_without_processings_cannot_be_drafted_for(empty: Project) -> None:
    (empty.folder / "policy.yaml").write_text("troth: 1\n")
    said = empty("systems", "draft", "DATABASE_URL", "--json")
    assert (said.status, said.json["error"]["code"]) == (2, "DRAFT-POLICY")


def test_the_page_stands_alone_and_shows_no_value(empty: Project, tmp_path: Path) -> None:
    page = tmp_path / "look.html"
    assert empty("look", "DATABASE_URL", "--html", str(page)).status == 0
    text = page.read_text(encoding="utf-8")
    assert "customer" in text
    assert "LOOK-CLOSED" in text
    for outside in ("<script", "<link", "src=", "url(", "MARY", "sakilacustomer"):
        assert outside not in text


def test_names_of_tables_are_escaped_on_the_page(tmp_path: Path) -> None:
    file = tmp_path / "odd.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute('create table "<b>users" (id integer primary key, email text)')
        connection.execute("insert into \"<b>users\" (email) values ('ann@shop.example')")
    page = tmp_path / "look.html"
    said = Project(tmp_path, {})("look", f"sqlite:///{file}", "--html", str(page))
    assert said.status == 0, said.err
    assert "<b>users" not in page.read_text(encoding="utf-8")
    assert "&lt;b&gt;users" in page.read_text(encoding="utf-8")
    assert "ann@shop.example" not in said.out
