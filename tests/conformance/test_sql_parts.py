"""Partitions and table inheritance on PostgreSQL, where one ``ctid`` names a row in each part."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tests.conformance.conftest import PostgresqlBench
from tests.conformance.test_sql_changes import drained

from troth.stores.conditions import Before, Blank, Everything, Field, Matches
from troth.stores.contract import Delete, Mask, ReceiptKey, Selection


def old(year: int) -> Before:
    return Before(Field("paid"), datetime(year, 1, 1, tzinfo=UTC), date(year, 1, 1))


def inherited(bench: PostgresqlBench) -> None:
    """As Sakila's payments: a parent with rows of its own, children without keys, equal ``ctid`` everywhere."""
    bench.run("create table payment (id int, customer int, amount numeric, paid timestamp)")
    for year in (2005, 2006, 2007):
        bench.run(
            f"create table payment_{year} (check (paid >= '{year}-01-01' and paid < '{year + 1}-01-01'))"
            " inherits (payment)"
        )
        bench.run(f"insert into payment_{year} select i, i % 3, i, '{year}-06-01' from generate_series(1, 30) i")
    bench.run("insert into payment select i, i % 3, i, '2004-06-01' from generate_series(1, 30) i")


def partitioned(bench: PostgresqlBench) -> None:
    bench.run(
        "create table payment (id int, customer int, amount numeric, paid timestamp) partition by range (paid)",
        "create table payment_rest partition of payment default",
    )
    for year in (2005, 2006, 2007):
        bench.run(
            f"create table payment_{year} partition of payment for values from ('{year}-01-01') to ('{year + 1}-01-01')"
        )
        bench.run(f"insert into payment select i, i % 3, i, '{year}-06-01' from generate_series(1, 30) i")
    bench.run("insert into payment select i, i % 3, i, '2004-06-01' from generate_series(1, 30) i")


def counts(bench: PostgresqlBench) -> dict[object, object]:
    return dict(bench.rows("select extract(year from paid)::int, count(*) from payment group by 1"))  # type: ignore[arg-type]


def test_a_delete_takes_its_rows_from_every_part(pg: PostgresqlBench) -> None:
    for make in (inherited, partitioned):
        make(pg)
        store = pg.store()
        change = Delete(Selection("payment", old(2006)), 25)
        assert drained(store, change, make.__name__) == [25, 25, 10, 0]
        assert counts(pg) == {2006: 30, 2007: 30}
        one = Delete(Selection("payment", Matches(Field("customer"), (1,))), 7)
        assert drained(store, one, f"{make.__name__} one") == [7, 7, 6, 0]
        assert counts(pg) == {2006: 20, 2007: 20}
        store.close()
        pg.run("drop table payment cascade")


def test_a_mask_writes_into_every_part(pg: PostgresqlBench) -> None:
    for make in (inherited, partitioned):
        make(pg)
        store = pg.store()
        change = Mask(Selection("payment", old(2006)), ((Field("customer"), Blank()),), 25)
        assert drained(store, change, make.__name__) == [25, 25, 10, 0]
        found = pg.rows(
            "select customer is null, min(paid)::date::text, max(paid)::date::text, count(*) from payment group by 1"
        )
        assert sorted(found) == [(False, "2006-06-01", "2007-06-01", 60), (True, "2004-06-01", "2005-06-01", 60)]
        store.close()
        pg.run("drop table payment cascade")


def test_a_part_alone_and_the_parent_are_told_apart(pg: PostgresqlBench) -> None:
    inherited(pg)
    store = pg.store()
    schema = store.describe()
    infos = {info.name: info for info in schema.collections}
    assert infos["payment"].part_of is None
    assert infos["payment_2005"].part_of == "payment"
    assert store.count(Selection("payment", Everything())).rows == 120
    assert store.count(Selection("payment_2005", Everything())).rows == 30
    assert drained(store, Delete(Selection("payment_2005", Everything()), 20)) == [20, 10, 0]
    assert counts(pg) == {2004: 30, 2006: 30, 2007: 30}


def test_a_part_that_came_after_the_look_is_not_touched_by_places_of_another(pg: PostgresqlBench) -> None:
    pg.run("create table payment (id int, customer int, amount numeric, paid timestamp)")
    pg.run("insert into payment select i, i, i, '2004-06-01' from generate_series(1, 10) i")
    store = pg.store()
    store.describe()
    pg.run("create table payment_new () inherits (payment)")
    pg.run("insert into payment_new select i, i, i, '2020-06-01' from generate_series(1, 10) i")
    assert store.apply(Delete(Selection("payment", old(2006))), ReceiptKey("p", "s", 0)).rows == 10
    assert counts(pg) == {2020: 10}


def test_many_partitions_with_triggers_on_the_parent(pg: PostgresqlBench) -> None:
    """A change goes through the parent, so its privileges hold and its statement triggers fire."""
    pg.run("create table logs (id int, day date) partition by range (day)", "create table audit (what text)")
    for month in range(1, 13):
        pg.run(
            f"create table logs_{month} partition of logs"
            f" for values from ('2020-{month:02}-01') to ('2020-{month:02}-28')"
        )
    pg.run(
        "create function note() returns trigger language plpgsql as"
        " $$begin insert into audit values (tg_op); return null; end$$",
        "create trigger note after delete on logs for each statement execute function note()",
        "insert into logs select i, make_date(2020, 1 + i % 12, 1 + i % 20) from generate_series(1, 500) i",
    )
    store = pg.store()
    where = Before(Field("day"), datetime(2020, 6, 1, tzinfo=UTC), date(2020, 6, 1))
    before = len(pg.rows("select * from logs where day < '2020-06-01'"))
    assert sum(drained(store, Delete(Selection("logs", where), 100))) == before
    assert pg.rows("select count(*) from logs where day < '2020-06-01'") == [(0,)]
    assert pg.rows("select count(*) from logs") == [(500 - before,)]
    assert pg.rows("select count(*) > 0 from audit") == [(True,)]


def test_the_plan_reads_by_place(pg: PostgresqlBench) -> None:
    pg.run("create table logs (id int primary key, day date)")
    pg.run("insert into logs select i, date '2000-01-01' + i / 100 from generate_series(1, 100000) i", "analyze logs")
    store = pg.store()
    where = Before(Field("day"), datetime(2001, 1, 1, tzinfo=UTC), date(2001, 1, 1))
    plan = " ".join(str(row[0]) for row in pg.rows(f"explain {store.explain(Delete(Selection('logs', where)))}"))
    assert "Tid Scan on logs" in plan
    assert "Join" not in plan
