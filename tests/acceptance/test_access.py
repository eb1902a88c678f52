"""Copies for people who asked: files, masks, refusals, memory, and the whole example policy."""

from __future__ import annotations

import csv
import json
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.sakila.club import Club, rows, sqlite_club
from tests.acceptance.sakila.command import Project
from tests.acceptance.test_bad_input_files import change, refused
from tests.acceptance.test_check_page import read

from troth.register.load import read_register

EXAMPLE = Path(__file__).parents[2] / "examples/clever-cloud"
FORMULA = '=HYPERLINK("http://bad.example")'
NASTY = '<script>alert(1)</script>\nsecond, "line"'


@pytest.fixture
def club(tmp_path: Path) -> Club:
    made = sqlite_club(tmp_path, rows(20))
    with made.connect() as connection:
        for table in ("messages", "visits", "orders", "team_members"):
            connection.execute(f"delete from {table}")
        connection.execute("update members set first_name = ?, last_name = ? where id = 5", (FORMULA, NASTY))
        connection.execute("insert into messages values (1, 5, 6, 'mine about six', '2026-01-01 00:00:00')")
        connection.execute("insert into messages values (2, 6, 5, 'six about five', '2026-01-02 00:00:00')")
        connection.execute("insert into messages values (3, 6, 7, 'six about seven', '2026-01-03 00:00:00')")
        connection.execute("insert into team_members values (1, 5, 'captain'), (1, 6, 'player')")
    return made


def plan_for(club: Club, *names: str) -> dict[str, Any]:
    return club.project.plan("access", "--people", club.project.people(*names))


def package(club: Club, plan: dict[str, Any], *words: str, expect: int = 0) -> list[Path]:
    out = str(club.project.folder / "copies")
    said = club.project("package", plan["file"], "--out", out, "--approve", plan["id"], *words, "--json")
    assert said.status == expect, said
    return [Path(each["path"]) for each in said.json["copies"]]


def data_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "data.json").read_text(encoding="utf-8"))
    return found


def test_the_data_of_others_is_masked_and_ones_own_is_not(club: Club) -> None:
    (folder,) = package(club, plan_for(club, "m5@club.example"))
    masked = {"masked": "Art. 15(4) GDPR"}
    data = data_of(folder)["data"]
    (mine,) = data["club.messages"]
    assert (mine["author_id"], mine["about_id"], mine["body"]) == (5, masked, "mine about six")
    (others,) = data["club.messages/mentions"]
    assert (others["id"], others["author_id"], others["about_id"], others["body"]) == (masked, masked, 5, masked)
    assert [row["role"] for row in data["club.team_members"]] == ["captain"]
    assert [row["id"] for row in data["club.teams"]] == [1]
    everything = "".join(file.read_text(encoding="utf-8") for file in folder.iterdir())
    for text in ("six about", "m6@club.example", "First6"):
        assert text not in everything


def test_files_are_for_their_owner_alone_and_say_when_they_expire(club: Club) -> None:
    (folder,) = package(club, plan_for(club, "m5@club.example"), "--expires", "2099-03-01")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert data_of(folder)["about"]["expires"] == "2099-03-01"
    assert "1 March 2099" in (folder / "index.html").read_text(encoding="utf-8")
    (zipped,) = package(club, plan_for(club, "m5@club.example"), "--zip")
    assert stat.S_IMODE(zipped.stat().st_mode) == 0o600
    assert [file.name for file in zipped.parent.iterdir() if "unfinished" in file.name] == []


def test_no_spreadsheet_carries_out_what_a_person_wrote(club: Club) -> None:
    (folder,) = package(club, plan_for(club, "m5@club.example"))
    with (folder / "01-club.members.csv").open(encoding="utf-8", newline="") as stream:
        titles, row = csv.reader(stream)
    assert titles[1] == "email (email)"
    assert row[2:4] == [f"'{FORMULA}", NASTY]
    assert data_of(folder)["data"]["club.members"][0]["first_name"] == FORMULA


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_page_stands_alone(club: Club, lang: str) -> None:
    (folder,) = package(club, plan_for(club, "m5@club.example"), "--lang", lang)
    page = read((folder / "index.html").read_text(encoding="utf-8"))
    assert page.all("html") == [{"lang": lang}]
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in page.tags}
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for target in (str(each["href"]) for each in page.all("a")):
        assert target.removeprefix("#") in ids or (folder / target).exists() or target == "https://www.cnil.fr/"
    assert " ".join(NASTY.split()) in page.words


def test_a_name_that_fits_several_rows(club: Club) -> None:
    change(club, "systems.yaml", ("by: email", "by: {email: email, phone: phone}"))
    with club.connect() as connection:
        connection.execute("update members set phone = '+331' where id in (5, 6)")
    people = club.project.people("+331")
    refused(club.project("plan", "access", "--people", people), "fits several rows", "--every-match")
    (answer,) = club.project.plan("access", "--people", people, "--every-match")["answers"]
    assert answer["counts"][0] == {"part": "club.members", "rows": 2}


def test_names_of_one_person_are_one_copy(club: Club) -> None:
    plan = plan_for(club, "m5@club.example", "", "m6@club.example", "id:5")
    assert [answer["lines"] for answer in plan["answers"]] == [[1, 4], [3]]


def test_what_is_approved_is_what_is_handed_out(club: Club) -> None:
    plan = plan_for(club, "m5@club.example")
    out = str(club.project.folder / "copies")
    refused(club.project("package", plan["file"], "--out", out, "--approve", "0" * 12), "does not approve")
    refused(club.project("apply", plan["file"], "--approve", plan["id"]), "troth package")
    erase = club.project.plan("erase", "--people", club.project.people("m5@club.example"))
    refused(club.project("package", erase["file"], "--out", out, "--approve", erase["id"]), "troth apply")
    expired = ("--out", out, "--approve", plan["id"], "--expires", "2020-01-01")
    refused(club.project("package", plan["file"], *expired), "not to come")
    with club.connect() as connection:
        connection.executemany(
            "insert into visits values (?, 5, '192.0.2.1', '2026-05-01')", [(at,) for at in range(200)]
        )
    refused(
        club.project("package", plan["file"], "--out", out, "--approve", plan["id"]),
        "club.visits: 0 rows then, 200 now",
    )
    assert not (club.project.folder / "copies").exists()
    again = plan_for(club, "m5@club.example")
    (club.project.folder / "copies" / f"{again['id'][:12]}-s01").mkdir(parents=True)
    said = club.project("package", again["file"], "--out", out, "--approve", again["id"])
    assert (said.status, "was not made by this plan" in said.err) == (4, True)


def test_a_changed_file_is_another_plan(club: Club) -> None:
    plan = plan_for(club, "m5@club.example")
    change(club, "policy.yaml", ("name: Club", "name: The Club"))
    out = str(club.project.folder / "copies")
    refused(club.project("package", plan["file"], "--out", out, "--approve", plan["id"]), "was changed after")


MEASURE = """
import resource, sys
from troth.cli.main import main
status = main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
sys.exit(status)
"""


def test_memory_does_not_grow_with_the_rows(club: Club) -> None:
    """Forty thousand rows of 500 characters take more than 20 MB anywhere that keeps them."""
    peaks = []
    for number in (10, 40_000):
        with club.connect() as connection:
            connection.execute("delete from messages")
            connection.execute(
                f"with recursive n(i) as (select 1 union all select i + 1 from n where i < {number})"
                " insert into messages select i, 5, null, hex(zeroblob(250)), '2026-05-01 00:00:00' from n"
            )
        plan = plan_for(club, "m5@club.example")
        words = club.project.words(
            ("package", plan["file"], "--out", str(club.project.folder / "copies"), "--approve", plan["id"])
        )
        command = [sys.executable, "-c", MEASURE, *words]
        done = subprocess.run(command, env=club.project.environment, capture_output=True, text=True, check=True)
        peaks.append(int(done.stderr.split()[-1]))
    assert peaks[1] - peaks[0] < 12, peaks


@dataclass(frozen=True, slots=True)
class Host:
    """The example's company, and one of its customers who has a row of everything."""

    project: Project
    file: Path
    customer: int
    email: str


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Host:
    folder = tmp_path_factory.mktemp("host")
    file = folder / "platform.db"
    command = [sys.executable, str(EXAMPLE / "generate.py"), "--out", str(file), "--customers", "100"]
    subprocess.run(command, check=True, capture_output=True)
    with closing(sqlite3.connect(file)) as db, db:
        (customer, email) = db.execute(
            "select id, email from customers where exists (select 1 from payments where customer_id = customers.id)"
            " and exists (select 1 from support_conversations where customer_id = customers.id)"
            " and exists (select 1 from memberships where customer_id = customers.id) order by id limit 1"
        ).fetchone()
        db.execute("insert into hotline_calls values (990001, ?, '+33100', 1, '2026-06-01', null)", (customer,))
        db.execute(
            "insert into directives values (990001, ?, 'keep', 'D', 'd@x.example', '2026-06-01', null)", (customer,)
        )
        db.execute(
            "insert into rights_requests values (990001, ?, ?, 'access', 'w', 'i', '2026-06-01', null)",
            (customer, email),
        )
        db.execute(
            "insert into connection_log values (990001, ?, 1, 'create', 'git', '192.0.2.1', '2026-06-01')", (customer,)
        )
        db.execute("update customers set totp_secret = 'enc:canary' where id = ?", (customer,))
        db.execute(
            "insert into candidates select 990001, full_name, null, email, null, null, 'cv', 1, '2026-06-01',"
            " '2026-06-01', null from customers where id = ?",
            (customer,),
        )
        db.execute("insert into interviews values (990001, 990001, 1, '2026-06-01', 'well')")
    env: dict[str, str] = dict.fromkeys(("PLATFORM_READ_URL", "PLATFORM_WRITE_URL"), f"sqlite:///{file}")
    texts = [(EXAMPLE / name).read_text(encoding="utf-8") for name in ("policy.yaml", "systems.yaml")]
    return Host(Project.make(folder / "project", texts[0], texts[1], env), file, customer, email)


NOT_ABOUT_A_CUSTOMER = {"analytics", "hosting_processor"}


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_expected_answers_of_the_whole_policy(host: Host, lang: str) -> None:
    """Domain rules 1.4, the column of access: yes, with what is masked, named, withheld, and asked for by hand."""
    plan = host.project.plan("access", "--people", host.project.people(host.email))
    out = str(host.project.folder / f"copies-{lang}")
    said = host.project("package", plan["file"], "--out", out, "--approve", plan["id"], "--lang", lang, "--json")
    assert said.status == 1  # the partners' part is done by hand
    (folder,) = [Path(each["path"]) for each in said.json["copies"]]
    data, page = data_of(folder), read((folder / "index.html").read_text(encoding="utf-8"))
    told = {each["id"]: each for each in data["processings"]}
    every = set(read_register(host.project.folder).policy.processings)
    assert set(told) == every - NOT_ABOUT_A_CUSTOMER
    withheld = {each["where"]: each["code"] for each in data["not_in_this_copy"]}
    assert withheld["platform.visits"] == "R-11-2"
    assert withheld["hosted"] == "R-PROC"
    assert {task["system"] for task in plan["tasks"]} == {"stripe", "paypal", "crisp", "twilio"}
    assert all("delete" not in task["how"].lower() for task in plan["tasks"])
    names = [recipient["name"] for recipient in told["payment"]["recipients"]]
    assert names == ["Stripe", "Paypal"]
    assert told["hotline"]["recipients"][0]["transfer"]
    assert data["data"]["platform.interviews"][0]["result"] == "well"
    assert all("body" in row for row in data["data"]["platform.support_messages"])
    rights = {key: {name: each["answer"] for name, each in told[key]["rights"].items()} for key in told}
    assert rights["account"]["portability"] == "yes"
    assert rights["security"]["portability"] == "no"
    assert rights["security"]["objection"] == "yes"
    assert rights["connection_data"]["objection"] == "no"
    assert rights["postmortem"]["withdrawal"] == "yes"
    assert [row["_kept_until"] for row in data["data"]["platform.connection_log"] if row["id"] == 990001] == [
        "2027-06-01"
    ]
    assert "Commission nationale" in page.words
    everything = "".join(file.read_text(encoding="utf-8") for file in folder.iterdir())
    assert "enc:canary" not in everything
    with closing(sqlite3.connect(host.file)) as db:
        (secret,) = db.execute("select password_hash from customers where id = ?", (host.customer,)).fetchone()
        counts = db.execute("select count(*) from payments where customer_id = ?", (host.customer,)).fetchone()
    assert secret not in everything
    assert len(data["data"]["platform.payments"]) == counts[0]
