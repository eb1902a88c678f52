"""Promises about place, access, transport, pseudonyms and evidence: kept, broken and unprovable, on real servers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.sakila.club import Club, postgresql_club, rows, sqlite_club
from tests.acceptance.sakila.command import Project
from tests.acceptance.test_bad_input_files import change
from tests.acceptance.test_systems_check import NEEDED, Roles

from troth.testing.postgresql import Database, PostgresqlServer

SECURITY = """security:
  own: {kind: place, countries: EU, operated_by: [Club], quote: Your data stays with us in Europe.}
  need: {kind: access, quote: Only those who need to may look.}
  tls: {kind: transport, quote: Connections are encrypted.}
  pseudo: {kind: pseudonym, items: [visits.ip], quote: Visits are kept under a pseudonym.}
"""


def promising(club: Club) -> Club:
    policy = club.project.folder / "policy.yaml"
    policy.write_text(policy.read_text() + SECURITY)
    change(club, "policy.yaml", ("data: {ip: {}}", "data: {ip: {form: first-half}}"))
    change(club, "systems.yaml", ("    read: ", "    location: FR\n    operated_by: Club\n    read: "))
    return club


@pytest.fixture
def file(tmp_path: Path) -> Club:
    return promising(sqlite_club(tmp_path / "file", rows(8)))


@pytest.fixture
def roles(postgresql: PostgresqlServer, tmp_path: Path) -> Iterator[Roles]:
    with postgresql_club(postgresql, tmp_path, rows(8)) as club, ExitStack() as stack:
        yield Roles(promising(club), stack)


def found(project: Project, promise: str) -> tuple[str, set[str], str]:
    """The verdict, the codes and the messages of one promise."""
    said = project("check", "--json")
    assert said.out, said.err
    (result,) = [each for each in said.json["promises"] if each["id"] == promise]
    codes = {finding["code"] for finding in result["findings"]}
    return result["verdict"], codes, " | ".join(finding["message"] for finding in result["findings"])


@pytest.mark.parametrize(
    "old, new, verdict, code",
    [
        ("location: FR", "location: FR", "kept", "KEPT"),
        ("location: FR", "location: US", "broken", "PLACE-ELSEWHERE"),
        ("    location: FR\n", "", "unprovable", "PLACE-UNKNOWN"),
        ("operated_by: Club", "operated_by: Somebody", "broken", "PLACE-OPERATOR"),
        ("    operated_by: Club\n", "", "unprovable", "PLACE-UNKNOWN"),
    ],
)
def test_place_compares_what_the_files_say(file: Club, old: str, new: str, verdict: str, code: str) -> None:
    change(file, "systems.yaml", (old, new))
    assert found(file.project, "place.own")[:2] == (verdict, {code})
    if "location: " in (file.project.folder / "systems.yaml").read_text():
        assert found(file.project, "place.system.club")[:2] == (verdict, {code})


def test_a_place_in_words_alone_is_unprovable(file: Club) -> None:
    change(file, "policy.yaml", ("countries: EU, operated_by: [Club], ", ""))
    assert found(file.project, "place.own")[:2] == ("unprovable", {"PLACE-UNSAID"})


def test_a_place_holds_for_what_is_done_by_hand_too(file: Club) -> None:
    by_hand = "  post: {store: by_hand, for: orders, how: write a letter, location: US, operated_by: Club}\n"
    systems = file.project.folder / "systems.yaml"
    systems.write_text(systems.read_text() + by_hand)
    verdict, codes, _ = found(file.project, "place.own")
    assert (verdict, codes) == ("broken", {"KEPT", "PLACE-ELSEWHERE"})
    assert found(file.project, "transport.tls")[:2] == ("unprovable", {"KEPT", "BY-HAND"})


def test_a_file_does_not_leave_the_machine(file: Club) -> None:
    verdict, _, message = found(file.project, "transport.tls")
    assert verdict == "kept"
    assert "a file of this machine" in message


def test_transport_is_that_of_each_live_connection(postgresql: PostgresqlServer, tmp_path: Path) -> None:
    with PostgresqlServer(durable=False, tls=True) as server, postgresql_club(server, tmp_path, rows(8)) as club:
        promising(club)
        assert isinstance(club.address, Database)
        network = club.address.uri.replace("127.0.0.1", "0.0.0.0")
        read = {**club.project.env, "CLUB_READ": f"{network}?sslmode=require"}
        project = replace(club.project, env=read)
        verdict, _, message = found(project, "transport.tls")
        assert verdict == "kept"
        assert "encrypted (TLSv1." in message
        plain = replace(project, env={**read, "CLUB_WRITE": f"{network}?sslmode=disable"})
        verdict, codes, message = found(plain, "transport.tls")
        assert (verdict, codes) == ("broken", {"KEPT", "TRANSPORT-PLAIN"})
        assert "its write connection" in message
        unset = replace(project, env={name: value for name, value in read.items() if name != "CLUB_WRITE"})
        assert found(unset, "transport.tls")[:2] == ("unprovable", {"KEPT", "TRANSPORT-UNSEEN"})


def accessed(roles: Roles, declared: str = "") -> tuple[str, set[str], str]:
    """With connections of our own that are no superusers."""
    if declared:
        change(roles.club, "systems.yaml", ("    location:", f"    roles: {{{declared}}}\n    location:"))
    env = {"CLUB_READ": roles.make(NEEDED[0]), "CLUB_WRITE": roles.make(*NEEDED[:-1])}
    return found(replace(roles.club.project, env=env), "access.need")


def test_nothing_declared_is_unprovable_and_shows_the_line(roles: Roles) -> None:
    support = name_of(roles.make("grant select on members, visits to ROLE"))
    verdict, codes, message = accessed(roles)
    assert (verdict, codes) == ("unprovable", {"ACCESS-UNSAID"})
    assert support in message
    hints = roles.club.project("check").out
    assert f"{support}: [read members, visits]" in " ".join(hints.split())


def test_access_as_declared_is_kept(roles: Roles) -> None:
    support = name_of(roles.make("grant select on members, visits to ROLE"))
    assert accessed(roles, f"postgres: all, {support}: [read members, visits]")[0] == "kept"


def test_a_pattern_of_roles_and_a_group_with_members(roles: Roles) -> None:
    group = name_of(roles.make("grant update on members to ROLE", options="nologin"))
    member = roles.make(f"grant {group} to ROLE")
    assert name_of(member) != group
    assert accessed(roles, "postgres: all")[1] == {"ACCESS-UNDECLARED"}
    change(roles.club, "systems.yaml", ("postgres: all", 'postgres: all, "checked_*": change'))
    assert accessed(roles)[0] == "kept"


def test_a_role_that_nobody_can_use_reaches_nothing(roles: Roles) -> None:
    roles.make("grant all on members to ROLE", options="nologin")
    assert accessed(roles, "postgres: all")[0] == "kept"


@pytest.mark.parametrize("granted", ["grant select on members to ROLE", "grant pg_read_all_data to ROLE"])
def test_an_undeclared_role_is_named_with_its_tables(roles: Roles, granted: str) -> None:
    name = name_of(roles.make(granted))
    verdict, codes, message = accessed(roles, "postgres: all")
    assert (verdict, codes) == ("broken", {"ACCESS-UNDECLARED"})
    assert ("pg_read_all_data" if "pg_" in granted else name) in message
    assert ("every table" if "pg_" in granted else "read members") in message


def test_more_than_declared_is_named(roles: Roles) -> None:
    name = name_of(roles.make("grant select, delete on members to ROLE"))
    verdict, codes, message = accessed(roles, f"postgres: all, {name}: [read members]")
    assert (verdict, codes) == ("broken", {"ACCESS-WIDE"})
    assert f"{name} may delete members" in message


def test_a_view_over_personal_data_counts_and_so_does_everybody(roles: Roles) -> None:
    roles.run("create view mails as select email from members", "grant select on mails to public")
    verdict, codes, message = accessed(roles, "postgres: all")
    assert (verdict, codes) == ("broken", {"ACCESS-UNDECLARED"})
    assert "PUBLIC is not declared and may read mails" in message


def test_undeclared_superusers_reach_everything(roles: Roles) -> None:
    verdict, codes, message = accessed(roles, "nobody: all")
    assert (verdict, codes) == ("broken", {"ACCESS-UNDECLARED"})
    assert "postgres" in message


def name_of(url: str) -> str:
    return url.partition("//")[2].partition("@")[0]


def test_pseudonyms_have_their_form_and_lead_to_nobody(roles: Roles, file: Club) -> None:
    for club in (roles.club, file):
        verdict, codes, message = found(club.project, "pseudonym.pseudo")
        assert (verdict, codes) == ("broken", {"PSEUDONYM-CLEAR", "PSEUDONYM-LINKED"})
        assert "visits.member_id leads to club.members in the same store" in message
        change(club, "systems.yaml", ("visits: {for: visits, belongs_to: member_id, ", "visits: {for: visits, "))
        with club.connect() as connection:
            connection.execute("update visits set ip = '192.0.0.0'")
        assert found(club.project, "pseudonym.pseudo")[:2] == ("kept", {"KEPT"})


def test_a_pseudonym_without_a_form_cannot_be_told_from_a_name(file: Club) -> None:
    change(file, "policy.yaml", ("{ip: {form: first-half}}", "{ip: {}}"))
    assert found(file.project, "pseudonym.pseudo")[1] == {"PSEUDONYM-FORM", "PSEUDONYM-LINKED"}
    change(file, "policy.yaml", ("items: [visits.ip], ", ""))
    assert found(file.project, "pseudonym.pseudo")[:2] == ("unprovable", {"PSEUDONYM-UNSAID"})


def test_evidence_is_read_again_from_its_first_entry(file: Club) -> None:
    project = file.project
    assert found(project, "evidence")[:2] == ("unprovable", {"EVIDENCE-NONE"})
    project.apply(project.plan("retention"))
    verdict, _, message = found(project, "evidence")
    assert verdict == "kept"
    assert "entries read again" in message
    key = project.folder / "keys" / "evidence.key"
    kept = key.read_text()
    key.unlink()
    assert found(project, "evidence")[:2] == ("unprovable", {"EVIDENCE-UNREAD"})
    key.write_text(kept)
    with closing(sqlite3.connect(project.state)) as state, state:
        (document,) = state.execute("select document from log_entries where number = 1").fetchone()
        forged: Any = bytes(document).replace(b'"retention"', b'"erase"')
        state.execute("drop trigger if exists log_entries_no_update")
        state.execute("update log_entries set document = ? where number = 1", (forged,))
    assert found(project, "evidence")[:2] == ("broken", {"EVIDENCE-BROKEN"})
