"""troth systems check on real servers: each thing that can be wrong with a connection, and the same put right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.acceptance.sakila.club import TABLES, Club, postgresql_club, rows, sqlite_club
from tests.acceptance.sakila.command import Project

from troth.testing.postgresql import Database, PostgresqlServer

DECLARED = ", ".join(name for name in TABLES if name != "prices")
NEEDED = (
    f"grant select on {DECLARED} to ROLE",
    f"grant delete on {DECLARED} to ROLE",
    "grant update (email, first_name, last_name, phone, sponsor_id) on members to ROLE",
    "grant update (about_id) on messages to ROLE",
    "grant update (name) on teams to ROLE",
    "grant select, insert on troth_receipt to ROLE",
)
_NUMBERS = count()


class Roles:
    """Roles of a club's database, each made for a test and gone after it."""

    def __init__(self, club: Club, stack: ExitStack) -> None:
        self.club = club
        self._stack = stack

    def make(self, *grants: str, options: str = "login") -> str:
        """The address of a new role that may do what the grants say."""
        role = f"checked_{next(_NUMBERS)}_{id(self)}"
        self.run(f"create role {role} {options}", *(grant.replace("ROLE", role) for grant in grants))
        self._stack.callback(
            self.run, f"reassign owned by {role} to postgres", f"drop owned by {role}", f"drop role {role}"
        )
        assert isinstance(self.club.address, Database)
        return sa.make_url(self.club.address.uri).set(username=role).render_as_string()

    def run(self, *statements: str) -> None:
        with self.club.connect() as connection:
            for statement in statements:
                connection.execute(statement)


@pytest.fixture
def roles(postgresql: PostgresqlServer, tmp_path: Path) -> Iterator[Roles]:
    with postgresql_club(postgresql, tmp_path, rows(8)) as club, ExitStack() as stack:
        made = Roles(club, stack)
        made.run(
            "create table troth_receipt (plan varchar(128), step varchar(255), batch bigint, rows bigint not null,"
            " applied_at timestamptz not null default current_timestamp, primary key (plan, step, batch))"
        )
        yield made


def findings(club: Club, read: str | None, write: str | None = None, status: int = 1) -> dict[str | None, Any]:
    env = {"CLUB_READ": read, "CLUB_WRITE": write}
    project: Project = replace(club.project, env={**club.project.env, **{k: v for k, v in env.items() if v}})
    said = project("systems", "check", "--json")
    assert said.status == status, said
    shown = project("systems", "check").out
    found: dict[str | None, Any] = {}
    for each in said.json["findings"]:
        assert each["code"] in shown or each["code"] == "SYS-AWAY"
        found.setdefault(each["which"], {})[each["code"]] = each["names"]
    return found


def test_a_role_that_fits_is_not_found_at_fault(roles: Roles) -> None:
    read, write = roles.make(NEEDED[0]), roles.make(*NEEDED)
    assert findings(roles.club, read, write, status=0) == {}


@pytest.mark.parametrize(
    "options, grants, found",
    [
        ("login superuser", (), {"SYS-POWER": []}),
        ("login createrole", (), {"SYS-POWER": []}),
        ("login replication", (), {"SYS-POWER": []}),
        ("login", ("grant pg_read_server_files to ROLE",), {"SYS-POWER": []}),
        ("login", ("grant update (phone) on members to ROLE",), {"SYS-WRITES": ["members"]}),
        ("login", ("grant truncate on visits to ROLE",), {"SYS-WRITES": ["visits"]}),
        ("login", ("grant create on schema public to ROLE",), {"SYS-DEFINES": []}),
        ("login", ("alter table visits owner to ROLE",), {"SYS-DEFINES": ["visits"], "SYS-WRITES": ["visits"]}),
        ("login", ("grant trigger on visits to ROLE",), {"SYS-DEFINES": ["visits"], "SYS-WRITES": ["visits"]}),
        ("login", ("create table wishes (id int)", "grant select on wishes to ROLE"), {"SYS-STRANGE": ["wishes"]}),
        ("login", ("revoke select on visits from ROLE",), {"SYS-LACKS": ["visits (read)"]}),
        ("login bypassrls", ("grant select on prices to ROLE",), {}),
    ],
)
def test_a_role_for_looking(roles: Roles, options: str, grants: tuple[str, ...], found: dict[str, list[str]]) -> None:
    read, write = roles.make(NEEDED[0], *grants, options=options), roles.make(*NEEDED)
    undeclared = any("wishes" in grant for grant in grants)
    seen = findings(roles.club, read, write, status=1 if found else 0)
    assert seen.get("read", {}) == found
    assert ("write" in seen, None in seen) == (False, undeclared)


@pytest.mark.parametrize(
    "grants, found",
    [
        (("grant update on orders to ROLE",), {"SYS-WIDE": ["orders (update)"]}),
        (("grant update (id) on members to ROLE",), {"SYS-WIDE": ["members (update)"]}),
        (("grant insert, delete on prices to ROLE",), {"SYS-WIDE": ["prices (delete, insert)"]}),
        (("revoke update (phone) on members from ROLE",), {"SYS-LACKS": ["members (update of phone)"]}),
        (("revoke insert on troth_receipt from ROLE",), {"SYS-LACKS": ["troth_receipt (insert)"]}),
        (("alter table teams owner to ROLE",), {"SYS-DEFINES": ["teams"]}),
    ],
)
def test_a_role_for_changing(roles: Roles, grants: tuple[str, ...], found: dict[str, list[str]]) -> None:
    assert findings(roles.club, roles.make(NEEDED[0]), roles.make(*NEEDED, *grants)) == {"write": found}


def test_a_plain_way_over_a_network(roles: Roles) -> None:
    read, write = roles.make(NEEDED[0]), roles.make(*NEEDED)
    assert findings(roles.club, read.replace("127.0.0.1", "0.0.0.0"), write) == {"read": {"SYS-PLAIN": []}}


def test_what_is_declared_and_absent_and_the_other_way_round(roles: Roles) -> None:
    read, write = roles.make(NEEDED[0]), roles.make(*NEEDED)
    roles.run("alter table visits add shoe_size int", "alter table orders rename what to which")
    found = findings(roles.club, read, write)[None]
    assert found["SYS-UNDECLARED"] == ["club.orders.which", "club.visits.shoe_size"]
    assert any(name.endswith("matches nothing in club") for name in found["SYS-ABSENT"])


def test_what_is_away_comes_first(roles: Roles) -> None:
    read = roles.make(NEEDED[0])
    found = findings(roles.club, read, read.replace("checked", "nobody"), status=3)
    assert found["write"] == {"SYS-AWAY": []}


def test_a_file_that_everybody_may_read(tmp_path: Path) -> None:
    club = sqlite_club(tmp_path, rows(4))
    file = tmp_path / "club.db"
    file.chmod(0o600)
    assert findings(club, None, status=0) == {}
    file.chmod(0o644)
    shut = [folder for folder in tmp_path.parents if not folder.stat().st_mode & 0o001]
    modes = [folder.stat().st_mode for folder in (tmp_path, *shut)]
    try:
        for folder in (tmp_path, *shut):
            folder.chmod(0o755)
        assert findings(club, None) == {"read": {"SYS-FILE-MODE": []}, "write": {"SYS-FILE-MODE": []}}
    finally:
        for folder, mode in zip((tmp_path, *shut), modes, strict=True):
            folder.chmod(mode)
