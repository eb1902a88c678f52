"""Batches of a large step: places written down at once, each row tested again when its turn comes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event
from tests.conformance.conftest import Bench, PostgresqlBench
from tests.conformance.test_sql_changes import drained, key
from tests.conformance.test_sql_connections import role
from tests.conformance.test_sql_parts import counts, inherited, old, partitioned

from troth.stores.conditions import Before, Blank, Field, InKeys, Matches, both
from troth.stores.contract import Delete, Mask, Selection
from troth.stores.sql import batches

OLD = Before(Field("day"), datetime(2020, 1, 1, tzinfo=UTC), date(2020, 1, 1))


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every batch counts as slow: the third one finds its rows written down."""
    monkeypatch.setattr(batches, "SLOW", 0.0)
    monkeypatch.setattr(batches, "SLOWER", 0.0)


def logs(bench: Bench, rows: int = 100) -> None:
    bench.run("create table logs (id {int} primary key, who {int}, name {text}, day {day})")
    bench.insert("logs", [(at, at % 2, "x", "2019-01-01" if at % 2 else "2024-01-01") for at in range(rows)])


def surveyed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    found: list[int] = []
    kind = type(bench.store()._server.changes)  # type: ignore[attr-defined]
    survey = kind.survey

    def watched(self: object, *arguments: object) -> int:
        found.append(survey(self, *arguments))
        return found[-1]

    monkeypatch.setattr(kind, "survey", watched)
    return found


def test_the_same_end_and_every_row_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    logs(bench)
    found = surveyed(bench, monkeypatch)
    monkeypatch.setattr(batches, "SURVEYED", 20)
    assert drained(bench.store(), Delete(Selection("logs", OLD), 7)) == [7, 7, 7, 7, 6, 7, 7, 2, 0]
    assert found == [3, 1]
    assert bench.rows("select count(*), min(who) from logs") == [(50, 0)]


def test_rows_that_cease_to_be_due_stay_and_new_ones_go(bench: Bench) -> None:
    logs(bench)
    store = bench.store()
    change = Delete(Selection("logs", OLD), 10)
    for batch in range(3):
        assert store.apply(change, key(batch)).rows == 10
    bench.run("update logs set day = '2024-01-01' where id between 60 and 75")
    bench.insert("logs", [(1_000, 1, "new", "2019-01-01")])
    total = 30
    for batch in range(3, 12):
        total += store.apply(change, key(batch)).rows
    assert total == 50 - 8 + 1
    assert bench.rows("select count(*) from logs where day < '2020-01-01'") == [(0,)]
    assert bench.rows("select count(*) from logs where id between 60 and 75") == [(16,)]


def test_the_condition_may_change_between_batches(bench: Bench) -> None:
    logs(bench)
    store = bench.store()
    for batch in range(3):
        store.apply(Delete(Selection("logs", OLD), 10), key(batch))
    narrower = Delete(Selection("logs", both(OLD, Matches(Field("id"), tuple(range(90))))), 10)
    rows = [store.apply(narrower, key(batch)).rows for batch in range(3, 9)]
    assert sum(rows) == 15
    assert bench.rows("select count(*) from logs where day < '2020-01-01' and id >= 90") == [(5,)]
    smaller = Delete(Selection("logs", OLD), 2)
    assert [store.apply(smaller, key(batch)).rows for batch in range(9, 13)] == [2, 2, 1, 0]


def test_a_mask_by_portions(bench: Bench) -> None:
    logs(bench)
    touch = {
        "sqlite": ["create trigger touch after update on logs begin select 1; end"],
        "postgresql": [
            "create function touch() returns trigger language plpgsql as 'begin return new; end'",
            "create trigger touch before update on logs for each row execute function touch()",
        ],
        "mariadb": ["create trigger touch before update on logs for each row set @touched = 1"],
    }
    change = Mask(Selection("logs", OLD), ((Field("name"), Blank()),), 8)
    assert drained(bench.store(), change) == [8, 8, 8, 8, 8, 8, 2, 0]
    bench.run("update logs set name = 'x'", *touch[bench.kind])
    assert drained(bench.store(), change, "with a trigger") == [8, 8, 8, 8, 8, 8, 2, 0]
    assert bench.rows("select count(*) from logs where name is null") == [(50,)]


def test_every_part_by_portions(pg: PostgresqlBench) -> None:
    for make in (inherited, partitioned):
        make(pg)
        store = pg.store()
        assert sum(drained(store, Delete(Selection("payment", old(2006)), 9), make.__name__)) == 60
        assert counts(pg) == {2006: 30, 2007: 30}
        mask = Mask(Selection("payment", old(2007)), ((Field("customer"), Blank()),), 9)
        assert sum(drained(store, mask, f"mask {make.__name__}")) == 30
        assert pg.rows("select count(*) from payment where customer is null and paid < '2007-01-01'") == [(30,)]
        store.close()
        pg.run("drop table payment cascade")


def test_where_temporary_tables_are_forbidden(pg: PostgresqlBench) -> None:
    logs(pg)
    pg.run(f'revoke temporary on database "{pg.database.name}" from public')
    with role(pg, "grant select, delete on logs to {0}", "grant create on schema public to {0}") as store:
        assert drained(store, Delete(Selection("logs", OLD), 10)) == [10, 10, 10, 10, 10, 0]


def test_a_key_set_is_never_another_ones(bench: Bench) -> None:
    """A batch is compiled once; a question in between, with other keys under the same name, must not change it."""
    bench.run("create table logs (id {int} primary key)")
    bench.insert("logs", [(at,) for at in range(5_000)])
    store = bench.store()
    where = InKeys((Field("id"),), "goes")
    goes = {"goes": tuple((at,) for at in range(0, 5_000, 2))}
    stays = {"goes": tuple((at,) for at in range(1, 5_000, 2))}
    for batch in range(5):
        assert store.apply(Delete(Selection("logs", where, goes), 600), key(batch)).rows == min(
            600, 2_500 - 600 * batch
        )
        assert store.count(Selection("logs", where, stays)).rows == 2_500
    assert bench.rows("select min(id % 2) from logs") == [(1,)]


def test_a_portion_is_read_by_place(bench: Bench) -> None:
    """Even beside an index on the very column of the condition."""
    logs(bench, 20_000)
    bench.run("create index by_day on logs (day)", "analyze")
    statements: list[tuple[str, object]] = []
    store = bench.store()
    engine = store._server.engine  # type: ignore[attr-defined]
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append((given[2], given[3])))
    for batch in range(4):
        assert store.apply(Delete(Selection("logs", OLD), 1_000), key(batch)).rows == 1_000
    verb = "SELECT logs.id" if bench.kind == "mariadb" else "DELETE FROM"
    statement, parameters = next(one for one in reversed(statements) if one[0].startswith(verb))
    assert "troth_due" in statement
    word = "EXPLAIN QUERY PLAN" if bench.kind == "sqlite" else "EXPLAIN"
    connection = store._open()  # type: ignore[attr-defined]
    with connection.begin():
        found = connection.exec_driver_sql(f"{word} {statement}", parameters).all()
    plan = " ".join(str(row) for row in found)
    place = {
        "sqlite": "USING INTEGER PRIMARY KEY",
        "postgresql": "Tid Scan on logs",
        "mariadb": "'logs', 'eq_ref', 'PRIMARY,by_day', 'PRIMARY'",
    }
    assert place[bench.kind] in plan
    assert bench.kind == "mariadb" or "by_day" not in plan
