"""Plans that were altered, are old, or are approved wrongly; schemas that changed after; two applies at once."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.acceptance.sakila.club import Club, postgresql_club, rows, sqlite_club
from tests.acceptance.sakila.command import TROTH
from tests.acceptance.test_bad_input_files import change, refused

from troth.core.canonical import canonical
from troth.state.lock import apply_lock


@pytest.fixture(params=["sqlite", "postgresql"])
def club(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Club]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            yield sqlite_club(tmp_path, rows(40))
        else:
            yield stack.enter_context(postgresql_club(request.getfixturevalue("postgresql"), tmp_path, rows(40)))


@pytest.fixture
def one(tmp_path: Path) -> Club:
    """Where the kind of store makes no difference."""
    return sqlite_club(tmp_path, rows(40))


def untouched(club: Club, plan: dict[str, Any], *words: str, **how: int) -> None:
    before = club.snapshot()
    refused(club.project("apply", plan["file"], "--approve", plan["id"]), *words, **how)
    assert club.snapshot() == before


def test_a_plan_altered_by_one_byte(one: Club) -> None:
    plan = one.project.plan("retention")
    file = Path(plan["file"])
    document = file.read_bytes()
    before = one.snapshot()
    draw = Random(3)
    for place in (0, 1, len(document) - 3, *(draw.randrange(len(document) - 1) for _ in range(12))):
        altered = bytearray(document)
        altered[place] ^= 1 << draw.randrange(7)
        file.write_bytes(altered)
        said = one.project("apply", str(file), "--approve", plan["id"])
        assert said.status == 2, (place, altered[place - 20 : place + 20], said)
        assert said.err.startswith("troth: ")
    assert one.snapshot() == before
    file.write_bytes(document)
    assert one.project.apply(plan)["finished"]


def _more_rows(plan: dict[str, Any]) -> None:
    plan["steps"][0]["rows"] += 1


def _other_condition(plan: dict[str, Any]) -> None:
    plan["steps"][-1]["where"] = {"kind": "everything"}


def _other_day(plan: dict[str, Any]) -> None:
    plan["at"] = "2020-01-01"


def _other_format(plan: dict[str, Any]) -> None:
    plan["format"] = 2


def _a_key_more(plan: dict[str, Any]) -> None:
    plan["steps"][0]["note"] = "x"


def _a_step_less(plan: dict[str, Any]) -> None:
    plan["steps"].pop()


ALTER = [_more_rows, _other_condition, _other_day, _other_format, _a_key_more, _a_step_less]


@pytest.mark.parametrize("alter", ALTER, ids=lambda alter: alter.__name__.strip("_"))
def test_a_plan_altered_into_another_valid_one(one: Club, alter: Callable[[dict[str, Any]], None]) -> None:
    plan = one.project.plan("retention")
    file = Path(plan["file"])
    document = json.loads(file.read_text(encoding="utf-8"))
    alter(document)
    file.write_bytes(canonical(document) + b"\n")
    untouched(one, plan, "plan")


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"not json", b"\x00\xff", b'{"format":1}'])
def test_a_file_that_is_no_plan(one: Club, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "plan.json"
    file.write_bytes(content)
    refused(one.project("apply", str(file), "--approve", "0" * 64), "not a plan")


def test_a_plan_of_another_project(one: Club, tmp_path: Path) -> None:
    other = sqlite_club(tmp_path / "other", rows(40))
    refused(one.project("apply", other.project.plan("retention")["file"]), "was not made by this project")


def test_a_wrong_approval(one: Club) -> None:
    plan, other = one.project.plan("retention"), one.project.plan("retention", "--at", "2026-01-01")
    before = one.snapshot()
    for given in ("", plan["id"][:11], other["id"], plan["id"] + "0"):
        refused(one.project("apply", plan["file"], "--approve", given), "does not approve this plan", plan["id"][:12])
    refused(one.project("resume", plan["id"][:12]), "is not approved")
    for typed in ("", f"{other['id']}\n"):
        said = one.project.run("apply", plan["file"], stdin=typed)
        assert said.status == 2
        assert "Traceback" not in said.err
    assert one.snapshot() == before
    typed = f"{plan['id'][:12]}\n"
    assert one.project.run("apply", plan["file"], stdin=typed).status == 0


def test_files_that_changed_after_planning(one: Club) -> None:
    for name in ("policy.yaml", "systems.yaml"):
        plan = one.project.plan("retention")
        change(one, name, ("troth: 1", "troth: 1  # looked at again"))
        untouched(one, plan, "was changed after the plan was made", "new plan")


def test_a_day_that_has_not_come(one: Club) -> None:
    untouched(one, one.project.plan("retention", "--at", "2099-01-01"), "2099-01-01", "has not come")


def test_a_plan_is_applied_once(club: Club) -> None:
    plan = club.project.plan("retention")
    assert club.project.apply(plan)["finished"]
    untouched(club, plan, "was carried out before")
    refused(club.project("resume", plan["id"][:12]), "was carried out before")


def test_two_applies_at_once(one: Club) -> None:
    """The second of two terminals is told who is at work."""
    plan, other = one.project.plan("retention"), one.project.plan("erase", "--people", one.project.people("id:1"))
    with apply_lock(one.project.state, plan["id"]):
        for each in (plan, other):
            untouched(one, each, "process", plan["id"][:12])
        assert "running" in one.project("status").out
    assert one.project.apply(plan)["finished"]


def test_two_real_applies_at_once(club: Club) -> None:
    """Both are started together; one does all of it, the other is refused or finds it done."""
    plan = club.project.plan("retention")
    words = [str(TROTH), *club.project.words(("apply", plan["file"], "--approve", plan["id"], "--json"))]
    started = [
        subprocess.Popen(words, env=club.project.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ended = [(process.communicate(timeout=120), process.returncode) for process in started]
    assert sorted(status for _, status in ended) == [0, 2], ended
    for (out, err), status in ended:
        assert "Traceback" not in err
        found = json.loads(out)
        if status == 0:
            assert {step["id"]: step["done"] for step in found["steps"]} == {
                step["id"]: step["rows"] for step in plan["steps"]
            }
        else:
            assert found["error"]["code"] in ("STATE-LOCKED", "PLAN-DONE")


SCHEMA_CHANGES = {
    "a table is gone": ("drop table visits",),
    "a column is gone": ("drop index visits_seen", "alter table visits drop column seen_at"),
    "a field to mask is gone": ("alter table members drop column phone",),
    "a mention is gone": ("drop index messages_about", "alter table messages drop column about_id"),
    "a table that refers": (
        "create table badges (id integer primary key, member_id integer not null references members (id))",
        "insert into badges select id, id from members",
    ),
    "a row that is many more": (
        "insert into visits select id + 10000, member_id, ip, seen_at from visits",
        "insert into visits select id + 20000, member_id, ip, seen_at from visits",
        "insert into visits select id + 40000, member_id, ip, seen_at from visits",
    ),
}


@pytest.mark.parametrize("statements", SCHEMA_CHANGES.values(), ids=SCHEMA_CHANGES)
def test_a_schema_that_changed_after_planning(club: Club, statements: tuple[str, ...]) -> None:
    plan = club.project.plan("retention")
    with club.connect() as connection:
        for statement in statements:
            connection.execute(statement)
    before = left(club)
    said = club.project("apply", plan["file"], "--approve", plan["id"])
    refused(said, "things changed since the plan was made", "make a new plan")
    assert left(club) == before


def left(club: Club) -> list[list[tuple[object, ...]]]:
    """The tables that no case takes away."""
    tables = ("members", "teams", "team_members", "orders", "prices")
    with club.connect() as connection:
        return [connection.execute(f"select * from {table} order by 1, 2").fetchall() for table in tables]


def test_few_rows_more_are_no_other_plan(one: Club) -> None:
    """What is due is counted again in each batch; a purge of a living database would never begin otherwise."""
    plan = one.project.plan("retention")
    with one.connect() as connection:
        connection.execute("insert into visits select id + 10000, member_id, ip, seen_at from visits where id <= 20")
    done = one.project.apply(plan)
    assert done["finished"]
    assert sum(step["done"] for step in done["steps"]) > sum(step["rows"] for step in plan["steps"])
