"""After an erasure nothing of the erased is left in anything Troth wrote: values, keys, names, secrets of addresses.

Canaries are planted in rows, in row ids, in names people give themselves and in the password of an address. Then every
byte that was written is looked at: both streams, plans, evidence, our own database with its write-ahead files, the
project's folder, the temporary folder, and the store's receipts. Texts are looked for as they are, in hexadecimal, in
Base64, and hashed without a key.
"""

from __future__ import annotations

import base64
import hashlib
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.acceptance.sakila.club import Club, postgresql_club, rows, sqlite_club
from tests.acceptance.sakila.command import Said

ROOT = Path(__file__).parents[2]
DRIVER = ROOT / "tests/acceptance/sakila/driver.py"

KEY = 7_390_152_846_157
"""A row id that nothing else looks like."""

EMAIL = "canary.zq81x@nowhere.example"
SECRET = "Pass-zq82x-word"
WORDS = ("zq81x", "Zq83xfirst", "Zq84xlast", "+33999zq85x", "words zq86x", "thing zq87x", "198.51.100.zq88x")


@dataclass(frozen=True, slots=True)
class Planted:
    club: Club
    folder: Path
    """The temporary folder that all processes were told to use."""

    said: list[Said]

    def run(self, *words: str, stdin: str = "", status: int = 0) -> Said:
        said = self.club.project.run(*words, stdin=stdin)
        self.said.append(said)
        assert said.status == status, said
        return said


@pytest.fixture(params=["sqlite", "postgresql"])
def planted(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Planted]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            club = sqlite_club(tmp_path / "club", rows(12))
        else:
            server = request.getfixturevalue("postgresql")
            club = stack.enter_context(postgresql_club(server, tmp_path / "club", rows(12)))
            with club.connect() as connection:
                for table in ("members", "messages", "orders", "visits", "team_members"):
                    for column in ("id", "member_id", "author_id", "about_id", "sponsor_id"):
                        connection.execute(
                            f"do $$ begin alter table {table} alter {column} type bigint;"
                            " exception when undefined_column then null; end $$"
                        )
        plant(club)
        temporary = tmp_path / "temporary"
        temporary.mkdir()
        env = {"TMPDIR": str(temporary), **club.project.env}
        if club.kind == "postgresql":
            env = {name: value.replace("postgres@", f"postgres:{SECRET}@") for name, value in env.items()}
        yield Planted(replace(club, project=replace(club.project, env=env)), temporary, [])


def plant(club: Club) -> None:
    """A member who has left, whose order the law keeps, with a row of every kind; and a message that mentions them."""
    first, last, phone, message, order, ip = WORDS[1:]
    statements = [
        f"insert into members values ({KEY}, '{EMAIL}', '{first}', '{last}', '{phone}', '2025-01-01 00:00:00', 1)",
        f"insert into messages values ({KEY}, {KEY}, null, '{message}', '2026-01-01 00:00:00')",
        f"insert into messages values (999, 1, {KEY}, 'somebody else', '2026-01-01 00:00:00')",
        f"insert into orders values ({KEY}, {KEY}, '{order}', '2013-05-05 00:00:00')",
        f"insert into visits values ({KEY}, {KEY}, '{ip}', '2026-01-01 00:00:00')",
        "insert into teams values (999, 'team of one')",
        f"insert into team_members values (999, {KEY}, 'captain')",
    ]
    with club.connect() as connection:
        for statement in statements:
            connection.execute(statement)


def needles() -> dict[str, bytes]:
    """What must be nowhere, by a word for people."""
    texts = [*WORDS, EMAIL, SECRET, str(KEY)]
    found = {}
    for text in texts:
        plain = text.encode()
        found[text] = plain
        found[f"{text} in hexadecimal"] = plain.hex().encode()
        found[f"{text} in Base64"] = base64.b64encode(plain).rstrip(b"=")[:-1]
        found[f"SHA-256 of {text}"] = hashlib.sha256(plain).hexdigest().encode()
        found[f"MD5 of {text}"] = hashlib.md5(plain).hexdigest().encode()
    found["the row id in eight bytes"] = KEY.to_bytes(8, "big")
    found["the row id in eight bytes, reversed"] = KEY.to_bytes(8, "little")
    found["the row id in six bytes"] = KEY.to_bytes(6, "big")
    return found


def residue(planted: Planted, apart: Path | None = None) -> list[str]:
    """Where a canary still is: (what was looked at, what was found). ``apart``: a folder that is not looked into."""
    looked: dict[str, bytes] = {}
    for folder in (planted.club.project.folder, planted.folder):
        for file in folder.rglob("*"):
            if file.is_file() and file.name != "people.txt" and (apart is None or apart not in file.parents):
                looked[str(file)] = file.read_bytes()
    for number, said in enumerate(planted.said):
        looked[f"output {number}"] = (said.out + said.err).encode()
    if apart is None:
        with planted.club.connect() as connection:
            for at, row in enumerate(connection.execute("select * from troth_receipt").fetchall()):
                looked[f"receipt {at}"] = repr(row).encode()
    wanted = needles()
    return [
        f"{what} in {where}"
        for where, content in looked.items()
        for what, needle in wanted.items()
        if needle in content
    ]


def erase(planted: Planted, name: str) -> None:
    made = planted.run("plan", "erase", "--people", "-", "--json", stdin=f"{name}\n")
    plan = made.json
    planted.run("plan", "erase", "--people", "-", stdin=f"{name}\n")  # for people, and never applied
    planted.run("apply", plan["file"], "--approve", plan["id"])


def finish(planted: Planted) -> None:
    planted.run("status", "--all")
    planted.run("check", status=1)
    planted.run("evidence", "export", str(planted.folder / "evidence.jsonl"))
    key = str(planted.club.project.folder / "keys" / "evidence.pub")
    planted.run("evidence", "verify", str(planted.folder / "evidence.jsonl"), "--key", key)


@pytest.mark.parametrize("name", [EMAIL.upper(), f"id:{KEY}"], ids=["by e-mail", "by id"])
def test_nothing_is_left_after_an_erasure(planted: Planted, name: str) -> None:
    erase(planted, name)
    finish(planted)
    with planted.club.connect() as connection:
        assert not connection.execute(f"select 1 from members where id = {KEY}").fetchall()
    assert residue(planted) == []


POINTS = [
    pytest.param("", (), id="not killed"),
    pytest.param("troth.publish.copy_data:DataFile.row before 4", (), id="among the rows"),
    pytest.param("troth.services.copyfiles:Place.close after 1", ("--zip",), id="all files written"),
    pytest.param("troth.services.packaging:record after 1", ("--zip",), id="in the evidence and not named yet"),
]


@pytest.mark.parametrize("point, zipped", POINTS)
def test_a_copy_holds_it_and_nothing_else_does(planted: Planted, point: str, zipped: tuple[str, ...]) -> None:
    """Also when the process was killed on the way and the same command went on."""
    out = planted.folder / "copies"
    plan = planted.run("plan", "access", "--people", "-", "--json", stdin=f"{EMAIL}\n").json
    words = ("package", plan["file"], "--out", str(out), "--approve", plan["id"], *zipped)
    if point:
        target, when, count = point.split()
        options = ["10000", "1", "0", target, when, count, str(int(signal.SIGKILL))]
        driver = [sys.executable, str(DRIVER), *options, "--", *planted.club.project.words(words)]
        env = {**planted.club.project.environment, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(driver, env=env, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == -signal.SIGKILL, done
        planted.said.append(Said(done.returncode, done.stdout, done.stderr))
        assert [file.suffix for file in out.iterdir() if "unfinished" not in file.name] == []
        assert "troth package" in planted.run("status").out
    planted.run(*words)
    (whole,) = out.iterdir()
    assert "unfinished" not in whole.name
    texts = contents(whole)
    for word in (EMAIL, *(word for word in WORDS if word != WORDS[0])):
        assert any(word in text for text in texts), word
    assert residue(planted, apart=out) == []
    made = [entry for entry in planted.club.project.evidence() if entry["kind"] == "package_made"]
    assert [(entry["rows"], entry["planned"]) for entry in made] == [(7, 7)]


def contents(whole: Path) -> list[str]:
    if whole.is_dir():
        return [file.read_text(encoding="utf-8") for file in whole.iterdir()]
    with zipfile.ZipFile(whole) as packed:
        return [packed.read(name).decode() for name in packed.namelist()]
