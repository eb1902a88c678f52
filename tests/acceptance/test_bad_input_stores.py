"""A store that is away, closed, read-only or not what it was: said in one message, never a pass, nothing half done."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from tests.acceptance.sakila.club import Club, postgresql_club, rows, sqlite_club
from tests.acceptance.sakila.command import Project, Said
from tests.acceptance.test_bad_input_files import change, refused

from troth.testing.process import free_port

KINDS = ("sqlite", "postgresql")


@pytest.fixture(params=KINDS)
def club(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Club]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            yield sqlite_club(tmp_path, rows(12))
        else:
            server = request.getfixturevalue("postgresql")
            yield stack.enter_context(postgresql_club(server, tmp_path, rows(12)))


def elsewhere(club: Club, **env: str) -> Project:
    return replace(club.project, env={**club.project.env, **env})


def away(kind: str) -> str:
    """An address at which nothing is, with a password in it."""
    if kind == "sqlite":
        return "sqlite:////no-such-folder/hunter2/club.db"
    return f"postgresql://club:hunter2@127.0.0.1:{free_port()}/club"


def secret_kept(said: Said) -> Said:
    assert "hunter2" not in said.out + said.err
    return said


def test_a_store_that_is_down_is_never_a_pass(club: Club) -> None:
    down = elsewhere(club, CLUB_READ=away(club.kind))
    said = secret_kept(down("check", "--json"))
    assert said.status == 3
    verdicts = {promise["id"]: promise["verdict"] for promise in said.json["promises"]}
    assert verdicts.pop("erased_stays_erased") == verdicts.pop("evidence") == "unprovable"
    assert set(verdicts.values()) == {"not_reached"}
    refused(secret_kept(down("plan", "retention")), "club", status=3)
    refused(secret_kept(down("plan", "erase", "--people", club.project.people("m1@club.example"))), "club", status=3)
    assert not (club.project.folder / "plans").exists()


def test_an_apply_to_a_store_that_is_down_begins_nothing_and_can_be_done_later(club: Club) -> None:
    plan = club.project.plan("retention")
    before = club.snapshot()
    for gone in (("CLUB_WRITE",), ("CLUB_READ",), ("CLUB_READ", "CLUB_WRITE")):
        down = elsewhere(club, **{name: away(club.kind) for name in gone})
        refused(secret_kept(down("apply", plan["file"], "--approve", plan["id"])), "club", status=3)
        assert club.snapshot() == before
    assert club.project.apply(plan)["finished"]


def test_one_store_that_is_down_hides_nothing_of_another(club: Club) -> None:
    alone = club.project("check", "--json").json["totals"]
    second = "\n  notes: {store: sqlite, read: '${NOTES}', write: '${NOTES}', tables: {notes: {for: visits, belongs_to:"
    second += " {member: club.members}, events: {seen: at}, fields: {ip: ip}}}}\n"
    file = club.project.folder / "systems.yaml"
    file.write_text(file.read_text(encoding="utf-8").rstrip() + second, encoding="utf-8")
    said = elsewhere(club, NOTES=away("sqlite"))("check", "--json")
    assert said.status == 1
    assert said.json["totals"]["broken"] == alone["broken"]
    assert "notes" in said.json["unreached"]
    (closed,) = [promise for promise in said.json["promises"] if promise["id"] == "closed_list.notes"]
    assert closed["verdict"] == "not_reached"
    (visits,) = [promise for promise in said.json["promises"] if promise["id"] == "retention.visits"]
    assert {finding["code"] for finding in visits["findings"]} >= {"RET-PAST", "NOT-REACHED"}
    refused(elsewhere(club, NOTES=away("sqlite"))("plan", "retention"), "notes", status=3)


def test_a_reference_that_does_not_resolve_names_the_variable(club: Club) -> None:
    env = {name: value for name, value in club.project.env.items() if name != "CLUB_READ"}
    refused(replace(club.project, env=env)("check"), "CLUB_READ")
    change(club, "systems.yaml", ("${CLUB_READ}", "${file:no-such-file}"))
    refused(club.project("check"), "no-such-file")


def test_an_address_of_another_kind(club: Club) -> None:
    said = secret_kept(elsewhere(club, CLUB_READ="mysql://root:hunter2@127.0.0.1/club")("check"))
    assert said.status == 2
    assert "club" in said.err


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    club = sqlite_club(tmp_path, rows(12))
    assert isinstance(club.address, Path)
    club.address.write_text("this is no database, but text that is long enough to be looked at " * 20)
    said = club.project("check", "--json")
    assert said.status == 3
    assert "no SQLite database" in said.json["unreached"]["club"]


def test_a_database_or_role_that_is_not_there(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with postgresql_club(request.getfixturevalue("postgresql"), tmp_path, rows(12)) as club:
        address = club.project.env["CLUB_READ"]
        for wrong in (address + "_no", address.replace("postgres@", "stranger:hunter2@")):
            said = secret_kept(elsewhere(club, CLUB_READ=wrong)("check", "--json"))
            assert said.status == 3
            assert "check the database" in said.json["unreached"]["club"] or "user" in said.json["unreached"]["club"]


ROLE = "club_reader"


@pytest.fixture
def guarded(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Club, Project]]:
    """A club on PostgreSQL, and the same project with a role that has no rights yet."""
    with postgresql_club(request.getfixturevalue("postgresql"), tmp_path, rows(40)) as club:
        with club.connect() as connection:
            connection.execute(f"create role {ROLE} login")
            connection.execute(f"grant select on all tables in schema public to {ROLE}")
        address = club.project.env["CLUB_READ"].replace("postgres@", f"{ROLE}@")
        yield club, elsewhere(club, CLUB_READ=address, CLUB_WRITE=address)
        with club.connect() as connection:
            connection.execute(f"drop owned by {ROLE}")
            connection.execute(f"drop role {ROLE}")


def test_a_role_that_may_only_look_cannot_begin(guarded: tuple[Club, Project]) -> None:
    club, project = guarded
    plan = project.plan("retention")
    before = club.snapshot()
    said = project("apply", plan["file"], "--approve", plan["id"])
    refused(said, "troth_receipt", f"troth resume {plan['id'][:12]}", status=4)
    assert club.snapshot() == before


def test_a_role_that_lacks_one_right_stops_there_and_goes_on_when_it_has_it(guarded: tuple[Club, Project]) -> None:
    club, project = guarded
    with club.connect() as connection:
        connection.execute(f"grant create on schema public to {ROLE}")
        connection.execute(f"grant update, delete on members, messages, team_members, teams to {ROLE}")
    plan = project.plan("retention")
    refused(project("apply", plan["file"], "--approve", plan["id"]), "orders", "42501", status=4)
    assert "stopped" in project("status").out
    with club.connect() as connection:
        connection.execute(f"grant delete on orders, visits to {ROLE}")
    said = project("resume", plan["id"][:12], "--json")
    assert said.status == 0, said.err
    done = {step["id"]: step["done"] for step in said.json["steps"]}
    assert done == {step["id"]: step["rows"] for step in plan["steps"]}


def test_a_role_that_may_not_read_a_table_is_never_a_pass(guarded: tuple[Club, Project]) -> None:
    club, project = guarded
    with club.connect() as connection:
        connection.execute(f"revoke select on visits from {ROLE}")
    said = project("check", "--json")
    assert said.status == 1
    (visits,) = [promise for promise in said.json["promises"] if promise["id"] == "retention.visits"]
    assert visits["verdict"] == "not_reached"
    assert any("visits" in limit for limit in said.json["limits"])


def test_a_file_that_may_not_be_written(tmp_path: Path) -> None:
    """A file's header can say that its form is too new to be written, which stops root, too."""
    club = sqlite_club(tmp_path, rows(12))
    assert isinstance(club.address, Path)
    plan = club.project.plan("retention")
    before = club.snapshot()
    as_it_was = club.address.read_bytes()
    with club.address.open("r+b") as file:
        file.seek(18)
        file.write(b"\x03")
    said = club.project("apply", plan["file"], "--approve", plan["id"])
    assert club.snapshot() == before
    refused(said, "club.messages", "troth_receipt", "troth resume", status=4)
    club.address.write_bytes(as_it_was)
    assert club.project("resume", plan["id"][:12]).status == 0


def test_a_copy_of_the_database_is_another_database(club: Club, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    plan = club.project.plan("retention")
    with ExitStack() as stack:
        if isinstance(club.address, Path):
            copy = shutil.copyfile(club.address, tmp_path / "copy.db")
            address = f"sqlite:///{copy}"
        else:
            server = request.getfixturevalue("postgresql")
            address = stack.enter_context(server.database(template=club.address.name)).uri
        other = replace(club, project=elsewhere(club, CLUB_READ=address, CLUB_WRITE=address))
        for env in ({"CLUB_WRITE": address}, {"CLUB_READ": address}, {"CLUB_READ": address, "CLUB_WRITE": address}):
            said = elsewhere(club, **env)("apply", plan["file"], "--approve", plan["id"])
            refused(said, "club is not the database this plan was made on")
        assert other.snapshot() == club.snapshot()
    assert club.project.apply(plan)["finished"]
