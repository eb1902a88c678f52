"""troth systems grants, run on a real server: with just these roles everything works, and check finds nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.acceptance.sakila.club import Club, postgresql_club, rows, sqlite_club
from tests.acceptance.sakila.command import Project
from tests.unit.guide import BLOCK

from troth.testing.postgresql import Database, PostgresqlServer, find_binaries

PAGE = Path(__file__).parents[2] / "docs/how-to/postgresql-roles.md"
ROLES = ('Troth "read"', "troth_write")


@pytest.fixture
def server(postgresql: PostgresqlServer) -> Iterator[PostgresqlServer]:
    """Roles are the server's, not a database's: they go after the database has."""
    yield postgresql
    with postgresql.admin.connect() as connection:
        for role in (*ROLES, "troth_read"):
            connection.execute(f"drop role if exists {quoted(role)}".encode())


@pytest.fixture
def club(server: PostgresqlServer, tmp_path: Path) -> Iterator[Club]:
    with postgresql_club(server, tmp_path, rows(40)) as made:
        yield made


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def grants(club: Club) -> str:
    said = club.project("systems", "grants", "--read-role", ROLES[0], "--write-role", ROLES[1])
    assert said.status == 0, said.err
    return said.out


def granted(club: Club) -> Project:
    """The project on just these two roles."""
    with club.connect() as connection:
        connection.execute(grants(club).encode())
    assert isinstance(club.address, Database)
    url = sa.make_url(club.address.uri)
    env = {
        name: url.set(username=role).render_as_string()
        for name, role in zip(("CLUB_READ", "CLUB_WRITE"), ROLES, strict=True)
    }
    return replace(club.project, env={**club.project.env, **env})


def codes(project: Project, status: int) -> dict[tuple[str, str | None], list[str]]:
    said = project("systems", "check", "--json")
    assert said.status == status, said
    return {(found["code"], found["which"]): found["names"] for found in said.json["findings"]}


def test_with_just_these_roles_nothing_is_found_and_everything_works(club: Club) -> None:
    project = granted(club)
    assert codes(project, 0) == {}
    plan = project.plan("retention")
    assert sum(step["rows"] for step in plan["steps"]) > 20
    assert project.apply(plan)["finished"]
    plan = project.plan("erase", "--people", project.people("m1@club.example", "m2@club.example"))
    assert project.apply(plan)["finished"]
    left = project("check", "--json").json
    assert {each["verdict"] for each in left["promises"] if each["kind"] == "retention"} == {"kept"}
    assert not left["limits"], "nothing that is asked about is closed to the role"


def test_the_roles_may_do_nothing_else(club: Club) -> None:
    granted(club)
    refused = [
        (0, "delete from visits"), (0, "insert into troth_receipt values ('p', 's', 1, 1)"),
        (0, "select * from prices"), (0, "create table t (a int)"),
        (1, "select * from prices"), (1, "update members set id = 0"), (1, "update prices set amount = 0"),
        (1, "insert into visits values (1)"), (1, "truncate visits"), (1, "drop table visits"),
        (1, "delete from troth_receipt"), (1, "create table t (a int)"),
    ]  # fmt: skip
    with club.connect() as connection:
        for role, statement in refused:
            connection.execute(f"set role {quoted(ROLES[role])}; set default_transaction_read_only = off".encode())
            with pytest.raises(Exception, match=r"permission denied|must be owner"):
                connection.execute(statement)


def test_run_again_it_takes_back_what_is_needed_no_more(club: Club) -> None:
    project = granted(club)
    with club.connect() as connection:
        connection.execute(f"grant insert, truncate on visits to {ROLES[1]}")
        connection.execute(f"grant update on members to {ROLES[1]}")
        connection.execute(f"grant update on orders to {quoted(ROLES[0])}")
    assert codes(project, 1) == {
        ("SYS-WRITES", "read"): ["orders"],
        ("SYS-WIDE", "write"): ["members (update)", "visits (insert, truncate)"],
    }
    again = grants(club)
    assert f"REVOKE INSERT, TRUNCATE ON public.visits FROM {ROLES[1]};" in again
    assert "CREATE" not in again
    assert codes(granted(club), 0) == {}


def test_a_copy_of_rows_is_refreshed_by_whoever_may(club: Club) -> None:
    with club.connect() as connection:
        connection.execute("create materialized view mails as select email from members")
        version = connection.info.server_version
    text = grants(club)
    if version >= 170000:
        assert f"GRANT MAINTAIN ON public.mails TO {ROLES[1]};" in text
    else:
        assert f"the owner alone may refresh public.mails: make {ROLES[1]} a member of it" in text


def test_names_are_quoted_and_row_security_is_said(club: Club) -> None:
    with club.connect() as connection:
        connection.execute('alter table visits rename to "Odd; visits"')
        connection.execute('alter table "Odd; visits" enable row level security')
    systems = club.project.folder / "systems.yaml"
    systems.write_text(systems.read_text().replace("visits: {for", '"Odd; visits": {for'))
    text = grants(club)
    assert 'public."Odd; visits"' in text
    assert f"ALTER ROLE {ROLES[1]} BYPASSRLS;" in text
    assert codes(granted(club), 0) == {}


def test_a_file_has_no_roles_and_is_told_which_mode_to_have(tmp_path: Path) -> None:
    club = sqlite_club(tmp_path, rows(4))
    text = club.project("systems", "grants").out
    assert "has no roles" in text
    assert "chmod 600 club.db" in text
    assert "GRANT" not in text


def test_an_unknown_system_and_one_role_for_both_are_refused(club: Club) -> None:
    for words, code in ((("shop",), "NO-SYSTEM"), (("--write-role", "troth_read"), "ONE-ROLE")):
        said = club.project("systems", "grants", *words, "--json")
        assert (said.status, said.json["error"]["code"]) == (2, code)


def test_the_how_to_page_runs(club: Club, tmp_path: Path) -> None:
    """Its own lines, by a shell, with the server's own client."""
    psql = shutil.which("psql") or shutil.which("psql", path=find_binaries())
    if psql is None:
        pytest.skip("psql is not on this machine")
    systems = club.project.folder / "systems.yaml"
    systems.write_text(
        systems.read_text().replace("CLUB_READ", "SHOP_READ_URL").replace("CLUB_WRITE", "SHOP_WRITE_URL")
    )
    assert isinstance(club.address, Database)
    url = sa.make_url(club.address.uri)
    path = f"{Path(sys.executable).parent}:{Path(psql).parent}:{os.environ['PATH']}"
    env = {**club.project.environment, "PATH": path, "SHOP_OWNER_URL": club.address.uri}
    env |= {
        name: url.set(username=role).render_as_string()
        for name, role in (("SHOP_READ_URL", "troth_read"), ("SHOP_WRITE_URL", "troth_write"))
    }
    blocks = [block for block in BLOCK.finditer(PAGE.read_text()) if block["kind"] == "sh" and not block["note"]]
    assert len(blocks) > 1
    said = ""
    for block in blocks:
        done = subprocess.run(
            ["/bin/bash", "-euc", block["body"]], cwd=club.project.folder, env=env, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{block['body']}\n{done.stdout}{done.stderr}"
        said = done.stdout
    assert "all reached" in said
