"""The demonstration with 300 customers: its database, what check says of it beside plain SQL, and how its story ends.

Everything expected here is SQL on the database as it was generated; nothing of it comes from Troth.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "clever-cloud"
NIGHT = "2026-06-30"
CUSTOMERS = "300"
ADDRESS = "sqlite:///hosting.db"
PERSON = "camille.tilleul@atelier-tilleul.example"

MOMENTS = {
    "night": "2026-06-29 22:00:00",
    "morning": "2026-06-30 22:00:00",
    "days180": "2025-12-31 23:00:00",
    "months3": "2026-03-29 22:00:00",
    "months6": "2025-12-29 23:00:00",
    "year": "2025-06-29 22:00:00",
    "years5": "2021-06-29 22:00:00",
    "years10": "2015-12-31 23:00:00",
}
"""Midnights in Paris, in UTC, worked out by hand."""

CLOSED = "(SELECT id FROM old.customers WHERE closed_at < :morning)"
"""At the end of the story: the person who asks closed her account on the last day."""
LEFT = """(SELECT organization_id FROM old.memberships GROUP BY organization_id HAVING count(*) =
    sum(customer_id IN (SELECT id FROM old.customers WHERE closed_at < :night)))"""

RECENT = "coalesce(last_contact_at, :night) >= :year AND coalesce(decided_at, :night) >= :months3"
"""Candidates in touch within the year whose application is open, or was decided within three months."""

EXPECTED: Mapping[str, str] = {
    "access_log": "SELECT * FROM old.access_log WHERE recorded_at >= :year",
    "connection_log": "SELECT * FROM old.connection_log WHERE recorded_at >= :year",
    "invoices": "SELECT * FROM old.invoices WHERE issued_at >= :years10",
    "payments": """SELECT * FROM old.payments WHERE invoice_id IN
        (SELECT id FROM old.invoices WHERE issued_at >= :years10)""",
    "memberships": f"SELECT * FROM old.memberships WHERE customer_id NOT IN {CLOSED}",
    "organizations": f"SELECT * FROM old.organizations WHERE id NOT IN {LEFT}",
    "applications": f"SELECT * FROM old.applications WHERE organization_id NOT IN {LEFT}",
    "support_conversations": f"SELECT * FROM old.support_conversations WHERE customer_id NOT IN {CLOSED}",
    "support_messages": f"""SELECT id, conversation_id, author_type,
        CASE WHEN author_type = 'customer' AND author_id IN {CLOSED} THEN NULL ELSE author_id END,
        CASE WHEN mentioned_customer_id IN {CLOSED} THEN NULL ELSE mentioned_customer_id END, body, sent_at
        FROM old.support_messages WHERE conversation_id IN
        (SELECT id FROM old.support_conversations WHERE customer_id NOT IN {CLOSED})""",
    "addons": f"""SELECT * FROM old.addons WHERE application_id IN
        (SELECT id FROM old.applications WHERE organization_id NOT IN {LEFT})""",
    "hotline_calls": "SELECT * FROM old.hotline_calls WHERE closed_at IS NULL OR closed_at >= :night",
    "rights_requests": "SELECT * FROM old.rights_requests WHERE replied_at IS NULL OR replied_at >= :year",
    "directives": f"""SELECT * FROM old.directives
        WHERE (death_notified_at IS NULL OR death_notified_at >= :months6)
        AND customer_id NOT IN (SELECT id FROM old.customers WHERE closed_at < :years5 OR email = '{PERSON}')""",
    "candidates": f"SELECT * FROM old.candidates WHERE {RECENT}",
    "interviews": f"""SELECT * FROM old.interviews WHERE candidate_id IN
        (SELECT id FROM old.candidates WHERE {RECENT})""",
    "visits": """SELECT id, visitor_id, CASE WHEN ip LIKE '%.0.0' OR ip LIKE '%::' THEN ip WHEN ip LIKE '%.%'
        THEN substr(ip, 1, 6) || '.0.0' END, browser, operating_system, device, screen, url, action,
        recorded_at FROM old.visits WHERE recorded_at >= :days180""",
    "customers": """SELECT id,
        CASE WHEN closed_at < :year THEN 'masked' ELSE email END,
        CASE WHEN closed_at < :years5 THEN '' ELSE full_name END,
        CASE WHEN closed_at < :year THEN NULL ELSE phone END,
        CASE WHEN closed_at < :years5 THEN NULL ELSE address END,
        CASE WHEN closed_at < :year THEN 'masked' ELSE login END,
        CASE WHEN closed_at < :morning THEN '' ELSE password_hash END, created_at, closed_at,
        CASE WHEN last_login_at < :year THEN NULL ELSE last_login_at END,
        CASE WHEN last_login_at < :year THEN NULL ELSE last_login_ip END,
        CASE WHEN closed_at < :morning THEN NULL ELSE totp_secret END
        FROM old.customers WHERE closed_at IS NULL OR closed_at >= :years5 OR EXISTS
        (SELECT 1 FROM old.invoices WHERE customer_id = old.customers.id AND issued_at >= :years10)""",
}
"""What each table holds when the story has ended."""

ACTUAL = {
    "customers": """SELECT id, CASE WHEN email LIKE '%@erased.example' THEN 'masked' ELSE email END, full_name, phone,
        address, CASE WHEN login LIKE 'erased-%' THEN 'masked' ELSE login END, password_hash, created_at, closed_at,
        last_login_at, last_login_ip, totp_secret FROM customers"""
}


@dataclass(frozen=True)
class Told:
    """The story's output, the database before and after it, and what check said of it before."""

    output: str
    status: int
    folder: Path
    original: Path
    checked: Mapping[str, object]
    counted: Mapping[str, Mapping[str, int]]

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.folder / "hosting.db")) as db:
            db.execute("ATTACH ? AS old", (str(self.original),))
            return db.execute(sql, MOMENTS).fetchall()

    def number(self, sql: str) -> int:
        return int(str(self.query(sql)[0][0]))


def run(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PLATFORM_READ_URL": ADDRESS, "PLATFORM_WRITE_URL": ADDRESS, "COLUMNS": "100"}
    return subprocess.run(list(map(str, words)), cwd=cwd, env=environ, capture_output=True, text=True, check=False)


def generate(out: Path, *options: str) -> None:
    made = run(sys.executable, EXAMPLE / "generate.py", "--out", out, *options)
    assert made.returncode == 0, made.stderr


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    before, folder = tmp_path_factory.mktemp("before"), tmp_path_factory.mktemp("story") / "demo"
    for name in ("policy.yaml", "systems.yaml"):
        (before / name).write_bytes((EXAMPLE / name).read_bytes())
    original = before / "hosting.db"
    generate(original, "--customers", CUSTOMERS)
    checked = run(sys.executable, "-m", "troth.cli.main", "check", "--at", NIGHT, "--json", cwd=before)
    assert checked.returncode == 1, checked.stderr
    counted = run(sys.executable, EXAMPLE / "company" / "counts.py", original, NIGHT)
    story = run(sys.executable, EXAMPLE / "demo.py", "--folder", folder, "--customers", CUSTOMERS)
    return Told(
        story.stdout + story.stderr,
        story.returncode,
        folder,
        original,
        json.loads(checked.stdout),
        json.loads(counted.stdout),
    )


pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("demo")]


def content(path: Path) -> str:
    with closing(sqlite3.connect(path)) as db:
        return hashlib.sha256("\n".join(db.iterdump()).encode()).hexdigest()


def test_the_same_seed_gives_the_same_rows(tmp_path: Path) -> None:
    for name, seed in (("one", "1"), ("again", "1"), ("other", "2")):
        generate(tmp_path / name, "--customers", "100", "--seed", seed, "--as-of", "2024-02-29")
    one, again, other = (content(tmp_path / name) for name in ("one", "again", "other"))
    assert one == again
    assert one != other


@pytest.mark.parametrize(
    "mess",
    [
        "SELECT count(*) - count(DISTINCT lower(email)) FROM old.customers",
        "SELECT count(*) FROM old.candidates WHERE last_contact_at IS NULL",
        "SELECT count(*) FROM old.rights_requests WHERE replied_at IS NULL",
        "SELECT count(*) FROM old.hotline_calls WHERE customer_id IS NULL",
        "SELECT count(*) FROM old.directives WHERE death_notified_at IS NOT NULL",
        "SELECT count(*) FROM old.customers WHERE last_login_at IS NULL",
        "SELECT count(*) FROM old.access_log WHERE login NOT IN (SELECT login FROM old.customers)",
        "SELECT count(*) FROM old.connection_log WHERE customer_id NOT IN (SELECT id FROM old.customers)",
        "SELECT count(*) FROM old.organizations WHERE id NOT IN (SELECT organization_id FROM old.memberships)",
        """SELECT count(*) FROM (SELECT 1 FROM old.memberships GROUP BY organization_id HAVING count(*) > 1
           AND count(*) > sum(customer_id IN (SELECT id FROM old.customers WHERE closed_at < :night))
           AND 0 < sum(customer_id IN (SELECT id FROM old.customers WHERE closed_at < :night)))""",
        """SELECT count(*) FROM old.customers WHERE closed_at < :years5 AND EXISTS
           (SELECT 1 FROM old.invoices WHERE customer_id = old.customers.id AND issued_at >= :years10)""",
        "SELECT count(*) FROM old.visits WHERE ip LIKE '%:%' AND ip NOT LIKE '%::'",
    ],
)
def test_the_rows_are_as_untidy_as_real_ones(told: Told, mess: str) -> None:
    assert told.number(mess) > 0


def test_no_address_leads_out_of_the_example(told: Told) -> None:
    assert told.number("SELECT count(*) FROM old.customers WHERE lower(email) NOT LIKE '%@%.example'") == 0
    assert told.number("SELECT count(*) FROM old.candidates WHERE email NOT LIKE '%@%.example'") == 0
    assert told.number("SELECT count(*) FROM old.rights_requests WHERE email NOT LIKE '%@%.example'") == 0
    assert told.number("SELECT count(*) FROM old.directives WHERE designee_email NOT LIKE '%@%.example'") == 0


def test_check_finds_what_plain_sql_counts(told: Told) -> None:
    found = {(promise, place): rows for promise, place, rows in broken(told.checked)}
    planted = {(promise, place): rows for promise, places in told.counted.items() for place, rows in places.items()}
    assert all(planted.values()), "every breach is planted"
    assert {key: found.get(key) for key in planted} == planted
    places = {place: rows for (_, place), rows in planted.items()}
    assert {key: rows for key, rows in found.items() if rows != places.get(key[1])} == {}, "nothing else is broken"


def broken(checked: Mapping[str, object]) -> Iterator[tuple[str, str, int]]:
    """(promise, place, rows) of every finding that breaks a promise; an undeclared column counts for one."""
    promises = checked["promises"]
    assert isinstance(promises, list)
    for promise in promises:
        for finding in promise["findings"]:
            if finding["verdict"] == "broken":
                place = " ".join([finding["collection"].removeprefix("platform."), ", ".join(finding["fields"])])
                yield promise["id"], place.strip(), 1 if finding["rows"] is None else finding["rows"]


def test_a_second_one_in_the_same_folder_is_told_so(tmp_path: Path) -> None:
    with (tmp_path / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = run(sys.executable, EXAMPLE / "demo.py", "--folder", tmp_path / "demo", "--customers", CUSTOMERS)
    assert second.returncode == 1
    assert "another demonstration is at work in" in second.stderr
    assert "--folder build/other" in second.stderr
    assert not (tmp_path / "demo").exists()


def test_the_story_ends_well(told: Told) -> None:
    assert told.status == 0, told.output[-3000:]
    for words in (
        f"$ troth check --at {NIGHT}",
        f"$ troth plan retention --at {NIGHT} --out purge.json",
        "$ troth plan erase --people - --at 2026-07-01 --out erase.json < request.txt",
        "$ troth evidence verify evidence.jsonl --key keys/evidence.pub",
        "Verified: ",
        "Now you.",
    ):
        assert words in told.output
    commands = told.output.split("\n$ troth ")[1:]
    statuses = [command.partition("exit status ")[2][0] for command in commands]
    failed = [command.partition(" ")[0] for command, status in zip(commands, statuses, strict=True) if status == "1"]
    assert failed == ["check", "apply", "check", "apply"], "broken promises, and plans that wait for people to sign"
    assert sum(command.startswith("sign ") for command in commands) == 8
    assert told.output.count("signed; the plan is complete") == 2


@pytest.mark.parametrize("table", EXPECTED)
def test_every_row_is_what_it_should_be(told: Told, table: str) -> None:
    actual = ACTUAL.get(table, f"SELECT * FROM {table}")
    assert told.query(f"SELECT * FROM ({actual}) EXCEPT {EXPECTED[table]}") == []
    assert told.query(f"SELECT * FROM ({EXPECTED[table]}) EXCEPT {actual}") == []
    assert told.number(f"SELECT count(*) FROM ({actual})") > 0


def test_the_erasure_had_mixed_outcomes(told: Told) -> None:
    key = f"(SELECT id FROM old.customers WHERE email = '{PERSON}')"
    assert told.number(f"SELECT count(*) FROM old.support_conversations WHERE customer_id = {key}") >= 2
    assert told.number(f"SELECT count(*) FROM support_conversations WHERE customer_id = {key}") == 0
    assert told.number(f"SELECT count(*) FROM invoices WHERE customer_id = {key}") >= 12
    assert told.number(f"SELECT count(*) FROM old.directives WHERE customer_id = {key}") == 1
    assert told.number(f"SELECT count(*) FROM directives WHERE customer_id = {key}") == 0
    assert told.number(f"SELECT count(*) FROM hotline_calls WHERE customer_id = {key} AND closed_at IS NULL") == 1
    shared = f"organization_id IN (SELECT organization_id FROM old.memberships WHERE customer_id = {key})"
    assert told.number(f"SELECT count(*) FROM memberships WHERE customer_id = {key}") == 0
    assert told.number(f"SELECT count(*) FROM memberships WHERE {shared}") >= 2
    lost = "SELECT id FROM support_messages WHERE mentioned_customer_id IS NULL"
    named = f"SELECT count(*) FROM old.support_messages WHERE mentioned_customer_id = {key} AND id IN ({lost})"
    assert told.number(named) >= 1


def test_nothing_written_down_names_the_person(told: Told) -> None:
    written = [path for path in told.folder.rglob("*") if path.is_file() and path.name not in {"request.txt"}]
    names = [path.name for path in written if b"camille" in path.read_bytes().lower()]
    assert names == ["hosting.db"], "the name and the address are kept for five years, and nowhere else"
