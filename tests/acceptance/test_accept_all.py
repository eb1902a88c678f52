"""The first baseline: what is broken is written into policy.yaml, whose form stays; then only what is new fails."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.acceptance.sakila.club import Club, rows, sqlite_club
from tests.acceptance.test_bad_input_files import change, refused

from troth.core.diagnostics import Diagnostics
from troth.core.errors import Refused
from troth.core.yamlfile import parse_document
from troth.policy.edit import with_accepted
from troth.policy.load import read_policy
from troth.policy.model import Acceptance

AT = "2026-06-01"
ALL = ("--accept-all", "--owner", "Ada, platform: data", "--until", "2099-03-31", "--reason", 'the "first" day # one')


@pytest.fixture
def club(tmp_path: Path) -> Club:
    made = sqlite_club(tmp_path, rows(60))
    change(made, "policy.yaml", ("data: {ip: {}}", "data: {ip: {form: first-half}}   # as on the website"))
    with made.connect() as connection:
        connection.execute("alter table visits add column shoe_size integer")
        connection.execute("create table wishes (id integer primary key, words text)")
    return made


def policy(club: Club) -> Path:
    return club.project.folder / "policy.yaml"


def test_what_is_broken_is_accepted_and_the_rest_of_the_file_stays(club: Club) -> None:
    before = policy(club).read_text()
    assert club.project("check", "--at", AT).status == 1
    found = club.project("check", "--at", AT, *ALL, "--json").json
    assert found["exit_status"] == 0
    assert found["totals"]["broken"] == 0
    assert found["accepted_now"] > 4
    after = policy(club).read_text()
    assert after.startswith(before.rstrip("\n"))
    added = after.removeprefix(before.rstrip("\n"))
    assert not set(added) & set("&*")  # nobody writes anchors by hand
    assert "    fields: [shoe_size]\n" in added
    said = club.project("check", "--at", AT)
    assert said.status == 0
    assert "Ada, platform: data" in " ".join(said.out.split())
    again = club.project("check", "--at", AT, *ALL, "--json").json
    assert again["accepted_now"] == 0
    assert policy(club).read_text() == after


@pytest.mark.parametrize(
    "statement, code",
    [
        ("alter table visits add column hat_size integer", "CLOSED-FIELD"),
        ("alter table members add column hat_size integer", "CLOSED-FIELD"),
        ("create table hopes (id integer primary key)", "CLOSED-TABLE"),
    ],
)
def test_only_what_is_new_fails(club: Club, statement: str, code: str) -> None:
    assert club.project("check", "--at", AT, *ALL).status == 0
    with club.connect() as connection:
        connection.execute(statement)
    said = club.project("check", "--at", AT, "--json")
    assert said.status == 1
    broken = [
        finding["code"]
        for promise in said.json["promises"]
        for finding in promise["findings"]
        if finding["verdict"] == "broken"
    ]
    assert broken == [code]


def test_more_rows_of_what_is_accepted_do_not_fail(club: Club) -> None:
    assert club.project("check", "--at", AT, *ALL).status == 0
    with club.connect() as connection:
        connection.execute("insert into visits values (9999, null, '192.0.2.1', '2020-01-01 00:00:00', null)")
    assert club.project("check", "--at", AT).status == 0


def test_what_cannot_be_told_is_not_accepted(club: Club) -> None:
    assert isinstance(club.address, Path)
    club.address.rename(club.address.with_suffix(".gone"))
    before = policy(club).read_bytes()
    said = club.project("check", "--at", AT, *ALL)
    assert said.status == 3
    assert policy(club).read_bytes() == before


@pytest.mark.parametrize(
    "words, said",
    [
        (("--accept-all",), "--owner"),
        (("--accept-all", "--owner", "Ada"), "--until DAY"),
        (("--accept-all", "--owner", " ", "--until", "2099-01-01"), "--owner"),
        (("--accept-all", "--owner", "Ada", "--until", "2020-01-01"), "2020-01-01"),
        (("--accept-all", "--owner", "Ada", "--until", "tomorrow"), "tomorrow"),
        (("--owner", "Ada"), "--accept-all"),
    ],
)
def test_somebody_answers_until_a_day(club: Club, words: tuple[str, ...], said: str) -> None:
    before = policy(club).read_bytes()
    refused(club.project("check", *words), said)
    assert policy(club).read_bytes() == before


def test_a_link_stays_a_link_and_line_ends_stay(club: Club) -> None:
    real = club.project.folder / "real.yaml"
    real.write_bytes(policy(club).read_bytes().replace(b"\n", b"\r\n"))
    real.chmod(0o640)
    policy(club).unlink()
    policy(club).symlink_to(real)
    assert club.project("check", "--at", AT, *ALL).status == 0
    assert policy(club).is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert b"\n" not in real.read_bytes().replace(b"\r\n", b"")
    assert club.project("check", "--at", AT).status == 0


ENTRY = Acceptance("retention.logs", "a: b # c", "Ada", date(2027, 3, 31), "db.logs", fields=("ip",))
HEAD = "troth: 1\nprocessings: {logs: {data: [ip], retain: 1 year from recorded}}  # all\n"
ONE = "{promise: retention.logs, reason: known, owner: Bo, until: 2026-12-31}"

FORMS = {
    "none": HEAD,
    "no line end": HEAD.rstrip("\n"),
    "comments at the end": f"{HEAD}\n# the end\n",
    "empty list": f"{HEAD}accepted: []  # none yet\n",
    "nothing": f"{HEAD}accepted:\n",
    "nothing, and a comment": f"{HEAD}accepted:   # none yet\n# more\ntitle: T\n",
    "to confirm": f"{HEAD}accepted: to confirm\n",
    "block": f"{HEAD}accepted:\n  - {ONE}  # known\n\n# next\ntitle: T\n",
    "block without indentation": f"{HEAD}accepted:\n- {ONE}\ntitle: T\n",
    "block of keys": (
        f"{HEAD}accepted:\n    - promise: retention.logs\n      owner: Bo\n      until: 2026-12-31\n"
        "      reason: >-\n        known\n        long\n\n# next\ntitle: T\n"
    ),
    "flow": f"{HEAD}accepted: [{ONE}]  # known\ntitle: T\n",
    "flow over lines": f"{HEAD}accepted: [\n  {ONE},\n]\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_list_is_added_to(form: str) -> None:
    text = FORMS[form]
    written = with_accepted(text, [ENTRY, ENTRY])
    found = Diagnostics()
    document = parse_document(written, "policy.yaml", found)
    assert document is not None
    policy = read_policy(document, found)
    assert not found.items, "\n".join(map(str, found.items))
    had = 1 if "owner: Bo" in text else 0
    assert len(policy.accepted) == had + 2
    added = policy.accepted[-1]
    assert (added.promise, added.reason, added.owner, added.until, added.collection, added.fields) == (
        (ENTRY.promise, ENTRY.reason, ENTRY.owner, ENTRY.until, ENTRY.collection, ENTRY.fields)
    )
    for comment in ("# all", "# none yet", "# known", "# next", "# the end", "# more"):
        assert (comment in text) == (comment in written)
    lines = iter(written.splitlines())
    kept = [line for line in text.splitlines() if "accepted" not in line and line != "]"]
    assert all(line in lines for line in kept)  # each after the one before it


@pytest.mark.parametrize("text", ["{troth: 1}\n", "troth: 1\naccepted: soon\n", "troth: 1\n...\n", "[1]\n", "a: [\n"])
def test_a_form_that_has_no_place_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        with_accepted(text, [ENTRY])
    assert refusal.value.code == "ACCEPT-FORM"
