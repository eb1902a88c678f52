"""Links inside links: gathered in parts where a statement would be too much otherwise, and meaning the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conformance.conftest import Bench, PostgresqlBench, SqliteBench
from tests.conformance.model import Row, World
from tests.conformance.test_sql_changes import drained, key
from tests.conformance.test_sql_conditions import (
    KEYS,
    LINKS,
    PEOPLE,
    PHASES,
    ZONE,
    ids,
    links,
    of_people,
    people,
    seed,
)
from tests.conformance.test_sql_explain import braced
from tests.conformance.test_sql_parts import counts, inherited

from troth.stores.conditions import (
    All,
    AnyOf,
    Before,
    Blank,
    Breaks,
    Condition,
    Everything,
    Field,
    Held,
    InKeys,
    Malformed,
    Matches,
    Not,
    Related,
)
from troth.stores.contract import Delete, Mask, Selection
from troth.stores.sql import batches, parts
from troth.stores.sql.mariadb.expressions import MariadbExpressions
from troth.stores.sql.postgresql.expressions import PostgresqlExpressions
from troth.stores.sql.sqlite.expressions import SqliteExpressions

NULL = Blank()
few = settings(
    max_examples=30,
    deadline=None,
    phases=PHASES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every link inside another becomes a part, and every one outside that has another inside and stands twice."""
    for expressions in (SqliteExpressions, PostgresqlExpressions, MariadbExpressions):
        monkeypatch.setattr(expressions, "room", 0)
    monkeypatch.setattr(parts, "MANY", 0)


# one statement, any condition


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("writable", [False, True])
def test_gathered_conditions_mean_what_the_model_says(bench: Bench, writable: bool) -> None:
    bench.run(PEOPLE, LINKS)
    store = bench.store(writable=writable, zone=str(ZONE))
    twice = st.builds(lambda one, two: All((AnyOf((one, two)), Not(All((two, one))))), of_people(3), of_people(2))

    @few
    @given(
        st.lists(people, max_size=6),
        st.lists(links, max_size=5),
        st.lists(of_people(3) | twice, min_size=1, max_size=4),
    )
    def check(rows: list[Row], linked: list[Row], conditions: list[Condition]) -> None:
        world = seed(bench, rows, linked)
        for condition in conditions:
            expected = [row["id"] for row in world.select("people", condition)]
            selection = Selection("people", condition, KEYS)
            assert ids(store, condition) == expected
            assert store.count(selection).rows == len(expected)
            assert bench.rows(store.explain(selection)) == [(len(expected),)]

    check()


@pytest.mark.usefixtures("always")
def test_gathered_changes_take_what_the_model_says(bench: Bench) -> None:
    bench.run(PEOPLE, LINKS)
    store = bench.store(zone=str(ZONE))
    steps = iter(range(1_000_000))

    @few
    @given(st.lists(people, max_size=6), st.lists(links, max_size=5), of_people(3), st.integers(1, 3))
    def check(rows: list[Row], linked: list[Row], condition: Condition, limit: int) -> None:
        world = seed(bench, rows, linked)
        doomed = {row["id"] for row in world.select("people", condition)}
        named = {row["id"] for row in world.tables["people"] if row["name"] is not None}
        mask = Mask(Selection("people", condition, KEYS), ((Field("name"), NULL),))
        assert store.apply(mask, key(step=f"mask {next(steps)}")).rows == len(doomed & named)
        unnamed = {row[0] for row in bench.rows("select id from people where name is null")}
        assert unnamed & named == doomed & named
        world = seed(bench, rows, linked)
        change = Delete(Selection("people", condition, KEYS), limit)
        assert store.apply(change, key(step=f"delete {next(steps)}")).rows == min(limit, len(doomed))
        left = {row[0] for row in bench.rows("select id from people")}
        assert {row["id"] for row in world.tables["people"]} - left <= doomed

    check()


# a chain of eight tables

CHAIN = [f"t{at}" for at in range(8)]
ROWS = st.lists(
    st.fixed_dictionaries(
        {"up": st.none() | st.integers(0, 4), "side": st.none() | st.integers(0, 2), "flag": st.sampled_from("ab")}
    ),
    max_size=5,
)


def chain(bench: Bench) -> None:
    for table in CHAIN:
        bench.run(f"create table {table} (id {{int}} primary key, up {{int}}, side {{int}}, flag {{text}}, at {{ts}})")


def fill(bench: Bench, tables: Sequence[Sequence[Row]]) -> World:
    found: dict[str, list[Row]] = {}
    for table, rows in zip(CHAIN, tables, strict=True):
        found[table] = [{"id": at, "at": None, **row} for at, row in enumerate(rows)]
        bench.run(f"delete from {table}")
        bench.insert(table, [(row["id"], row["up"], row["side"], row["flag"], None) for row in found[table]])
    return World(found, {}, ZONE)


def one_after_another(leaf: Condition) -> Condition:
    """Up and up again, not every other time."""
    where = leaf
    for table in reversed(CHAIN[1:]):
        where = Not(Related(table, (("up", "id"),), AnyOf((Matches(Field("flag"), ("b",)), where))))
    return where


def one_inside_itself(leaf: Condition) -> Condition:
    """Each link stands twice in what the next one asks: 254 of them in all."""
    where = leaf
    for table in reversed(CHAIN[1:]):
        link = Related(table, (("up", "id"),), where)
        other = Related(table, (("side", "id"), ("up", "up")), where)
        where = AnyOf(
            (All((Matches(Field("flag"), ("a",)), link)), All((Matches(Field("side"), (1, None)), Not(other))))
        )
    return where


@pytest.mark.parametrize("shape", [one_after_another, one_inside_itself])
def test_a_chain_of_eight_tables(bench: Bench, shape: Callable[[Condition], Condition]) -> None:
    chain(bench)
    store = bench.store(writable=False)
    writer = bench.store()
    old = Before(Field("at"), datetime(2020, 1, 1, tzinfo=UTC), date(2020, 1, 1))
    condition = shape(AnyOf((Matches(Field("side"), (2,)), old)))
    steps = iter(range(1_000_000))

    @settings(few, max_examples=12)
    @given(st.tuples(*[ROWS] * len(CHAIN)))
    def check(tables: tuple[list[Row], ...]) -> None:
        world = fill(bench, tables)
        for where in (condition, Not(condition)):
            expected = [row["id"] for row in world.select("t0", where)]
            selection = Selection("t0", where)
            assert store.count(selection).rows == len(expected)
            assert sorted(store.read(selection, (Field("id"),))) == [(one,) for one in expected]
            text = store.explain(selection)
            assert bench.rows(text) == [(len(expected),)]
            assert len(text) < 40_000
        going = Selection("t0", condition)
        gone = len(world.select("t0", condition))
        assert sum(drained(writer, Mask(going, ((Field("flag"), NULL),)), f"mask {next(steps)}")) <= gone
        world = fill(bench, tables)
        assert sum(drained(writer, Delete(going, 2), f"delete {next(steps)}")) == gone
        left = [row["id"] for row in world.select("t0", Not(condition))]
        assert bench.rows("select id from t0 order by id") == [(one,) for one in left]

    check()


def test_each_part_is_written_once(bench: Bench) -> None:
    chain(bench)
    text = bench.store().explain(Selection("t0", one_inside_itself(Matches(Field("side"), (2,)))))
    assert text.count(" AS\n(SELECT DISTINCT") == 10
    assert len(text) < 10_000
    shallow = bench.store().explain(
        Selection("t0", Related("t1", (("up", "id"),), Related("t2", (("up", "id"),), Everything())))
    )
    assert "WITH" not in shallow


def test_the_printed_changes_run_as_they_are(bench: Bench) -> None:
    chain(bench)
    rows = [{"up": at % 3, "side": 1, "flag": "a"} for at in range(4)]
    condition = one_inside_itself(Matches(Field("side"), (1,)))
    store = bench.store()
    world = fill(bench, [rows] * len(CHAIN))
    meant = [(row["id"],) for row in world.select("t0", condition)]
    assert meant
    bench.run(braced(store.explain(Mask(Selection("t0", condition), ((Field("flag"), NULL),), 100))))
    assert bench.rows("select id from t0 where flag is null order by id") == meant
    fill(bench, [rows] * len(CHAIN))
    bench.run(braced(store.explain(Delete(Selection("t0", condition), 100))))
    assert len(bench.rows("select id from t0")) == len(rows) - len(meant)


CUT = datetime(2020, 1, 1, tzinfo=UTC)
UNIQUE = Blank("unique", "e-{unique}")
LEAVES: dict[str, Condition] = {
    "moment": Before(Field("at"), CUT, CUT.date()),
    "moment in JSON": Before(Field("doc", ("ä", "ö")), CUT, CUT.date()),
    "number in JSON": Before(Field("doc", ("a", "b")), CUT, CUT.date(), "epoch_s"),
    "value in JSON": Matches(Field("doc", ("ä", "ö")), ("x", None, True)),
    "held in JSON": Held(Field("doc", ("ä", "ö")), UNIQUE),
    "form": Malformed(Field("name"), "first-half"),
    "form in JSON": Malformed(Field("doc", ("a",)), "hashed"),
    "keys": InKeys((Field("id"), Field("name")), "pairs"),
    "keys in JSON": InKeys((Field("doc", ("ä", "ö")),), "words", fold=True),
    "rule": Breaks("check_1", ((Field("name"), UNIQUE), (Field("doc", ("a", "b")), UNIQUE))),
}


@pytest.mark.parametrize("leaf", LEAVES)
def test_whatever_lies_deep_there_is_room_for_it_in_the_parser(sqlite: SqliteBench, leaf: str) -> None:
    for table in CHAIN:
        sqlite.run(
            f"create table {table} (id integer primary key, up integer, at timestamp, name text, doc json,"
            " check (length(name) < 5 or (up > (id + 1))))"
        )
    store = sqlite.store()
    mask = ((Field("name"), UNIQUE), (Field("doc", ("a", "b")), NULL))
    for depth in (3, 7):
        for boxes in range(3):
            where = LEAVES[leaf]
            for table in reversed(CHAIN[1 : depth + 1]):
                for _ in range(boxes):
                    held = Held(Field("name"), NULL)
                    where = AnyOf((held, All((LEAVES[leaf], Not(All((LEAVES[leaf], where)))))))
                where = Related(table, (("up", "id"),), where)
            selection = Selection("t0", where, {"pairs": ((1, "a"), (2, "b")), "words": (("ä",), ("b",))})
            for request in (selection, Delete(selection), Mask(selection, mask)):
                sqlite.rows(f"explain {store.explain(request)}")


# what a part must not change


@pytest.mark.usefixtures("always")
def test_nothing_is_equal_to_null(bench: Bench) -> None:
    chain(bench)
    bench.insert("t0", [(1, 1, None, "a", None), (2, None, None, "a", None), (3, 9, None, "a", None)])
    bench.insert("t1", [(1, 1, 1, "a", None), (2, None, 1, "a", None), (3, 2, None, "a", None)])
    bench.insert("t2", [(1, 1, 1, "a", None), (2, None, 1, "b", None), (3, 5, None, "b", None)])
    store = bench.store()
    inner = Related("t2", (("up", "up"),), Everything())
    for where, found in (
        (Related("t1", (("up", "id"),), inner), [1]),
        (Related("t1", (("up", "id"),), Not(inner)), []),
        (Not(Related("t1", (("up", "id"),), inner)), [2, 3]),
        (Not(Related("t1", (("up", "id"),), Not(inner))), [1, 2, 3]),
        (Related("t1", (("up", "up"),), Not(Related("t2", (("id", "up"),), Matches(Field("flag"), ("b",))))), [1]),
    ):
        assert sorted(store.read(Selection("t0", where), (Field("id"),))) == [(one,) for one in found]
    both_columns = Related("t1", (("id", "id"),), Not(Related("t2", (("up", "up"), ("side", "side")), Everything())))
    expected = bench.rows(
        "select t0.id from t0 where exists (select 1 from t1 where t1.id = t0.id and not exists"
        " (select 1 from t2 where t2.up = t1.up and t2.side = t1.side)) order by 1"
    )
    assert expected == [(2,), (3,)]
    assert sorted(store.read(Selection("t0", both_columns), (Field("id"),))) == expected


@pytest.mark.usefixtures("always")
def test_key_sets_reach_into_parts(bench: Bench) -> None:
    chain(bench)
    for table in CHAIN[:3]:
        bench.insert(table, [(at, at, at % 7, "a", None) for at in range(3_000)])
    inside = Related("t2", (("id", "up"),), InKeys((Field("id"), Field("side")), "goes"))
    where = Related("t1", (("id", "up"),), Not(inside))
    few_keys, keys = ({"goes": tuple((at, at % 7) for at in range(size))} for size in (3, 1_500))
    store = bench.store()
    for asked in (store, bench.store(writable=False)):
        for bound in (few_keys, keys):
            size = len(bound["goes"])
            assert asked.count(Selection("t0", where, bound)).rows == 3_000 - size
            found = list(asked.read(Selection("t0", Not(where), bound), (Field("id"),)))
            assert sorted(found) == [(at,) for at in range(size)]
    assert store.count(Selection("t0", where, {"goes": ()})).rows == 3_000
    change = Delete(Selection("t0", Not(where), keys), 400)
    assert drained(store, change) == [400, 400, 400, 300, 0]
    assert bench.rows("select min(id), count(*) from t0") == [(1_500, 1_500)]


@pytest.mark.usefixtures("always")
def test_one_and_true_are_two_questions(bench: Bench) -> None:
    chain(bench)
    bench.insert("t0", [(1, 1, 1, "a", None), (2, 2, 2, "a", None)])
    bench.insert("t1", [(1, 1, 1, "a", None), (2, 2, 2, "a", None)])
    bench.insert("t2", [(1, 1, 1, "1", None), (2, 2, 2, "yes", None)])

    def ask(*values: str | int | bool | None) -> Condition:
        return Related("t1", (("up", "id"),), Related("t2", (("up", "id"),), Matches(Field("flag"), values)))

    store = bench.store()
    only_one = All((ask(1), ask(True)))
    either = AnyOf((ask(1), ask(True)))
    assert list(store.read(Selection("t0", only_one), (Field("id"),))) == [(1,)]
    assert sorted(store.read(Selection("t0", either), (Field("id"),))) == [(1,), (2,)]


@pytest.mark.usefixtures("always")
def test_a_table_may_have_the_name_of_a_part(bench: Bench) -> None:
    for table in ("part_1", "Part_2", "other"):
        bench.run(f'create table "{table}" (id {{int}} primary key, up {{int}})')
        bench.insert(f'"{table}"', [(1, 1), (2, 2), (3, None)])
    bench.run('delete from "Part_2" where id = 2')
    where = Related("part_1", (("up", "id"),), Related("Part_2", (("up", "id"),), Everything()))
    assert list(bench.store().read(Selection("other", where), (Field("id"),))) == [(1,)]
    where = Related("other", (("up", "id"),), Related("part_1", (("up", "id"),), where))
    assert list(bench.store().read(Selection("part_1", where), (Field("id"),))) == [(1,)]


TYPES = (
    "text",
    "text collate nocase",
    "text collate rtrim",
    "integer",
    "numeric",
    "real",
    "blob",
    "",
    "integer primary key",
)
VALUES = ("a", "A", "a ", "7", "07", "7.0", 7, 7.5, b"a", b"7", 0, "0", "", None, 1, "1 ")


@pytest.mark.parametrize("there", TYPES)
@pytest.mark.parametrize("here", TYPES[:-1])
def test_values_are_compared_as_before(
    sqlite: SqliteBench, here: str, there: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Collation and affinity, of which either column may have its own."""
    sqlite.run(
        "create table one (id integer primary key)",
        f"create table middle (id integer primary key, a {here}, b {here})",
        f'create table other (x text, "the key" {there}, b {there.replace(" primary key", "")})',
    )
    whole = [0, 1, 7] if "primary" in there else VALUES
    sqlite.insert("one", [(at,) for at in range(len(VALUES))])
    sqlite.insert("middle", [(at, value, value) for at, value in enumerate(VALUES)])
    sqlite.insert("other", [(None, value, value) for value in whole])
    for on in ((("a", "the key"),), (("a", "the key"), ("b", "b"))):
        found = []
        for inside in (Related("other", on, Everything()), Not(Related("other", on, Held(Field("b"), NULL)))):
            where = Related("one", (("id", "id"),), Related("middle", (("id", "id"),), inside))
            plain = sorted(sqlite.store().read(Selection("one", where), (Field("id"),)))
            with monkeypatch.context() as forced:
                forced.setattr(SqliteExpressions, "room", 0)
                store = sqlite.store()
                assert "DISTINCT" in store.explain(Selection("one", where))
                assert sorted(store.read(Selection("one", where), (Field("id"),))) == plain
            found.append(plain)
        assert found[0] != found[1]


def test_collations_are_read_from_where_they_are_said(sqlite: SqliteBench) -> None:
    sqlite.run(
        """create table "a (b, c" ( -- collate, here
        plain text default 'collate nocase', [in brackets] text collate "NoCase" not null,
        `check` text check (`check` collate nocase > 'a'), 'quoted' varchar(10) default ('x' || ',') collate rtrim,
        made text generated always as (plain collate nocase) virtual, unique (plain collate nocase))""",
        'alter table "a (b, c" add column late text collate nocase',
        'alter table "a (b, c" rename column plain to "Plain, too"',
    )
    store = sqlite.store()
    store.describe()
    columns = store._catalog().tables["a (b, c"].columns  # type: ignore[attr-defined]
    assert {name: column.collation for name, column in columns.items()} == {
        "Plain, too": "BINARY",
        "in brackets": "NOCASE",
        "check": "BINARY",
        "quoted": "RTRIM",
        "made": "BINARY",
        "late": "NOCASE",
    }


def test_what_cannot_be_gathered_stays_a_link(bench: Bench, always: None) -> None:
    bench.run(
        "create table one (id {int} primary key, doc {json})", "create table two (id {int} primary key, doc {json})"
    )
    bench.run("create view seen as select id, doc from two")
    bench.insert("one", [(1, {"a": 1}), (2, {"a": 2})])
    bench.insert("two", [(1, {"a": 1}), (2, None)])
    store = bench.store()
    for name in ("two", "seen"):
        where = Related("one", (("id", "id"),), Related(name, (("id", "id"),), Held(Field("doc"), NULL)))
        assert list(store.read(Selection("one", where), (Field("id"),))) == [(1,)]


# many rows, and what runs on them


@pytest.mark.usefixtures("always")
def test_every_row_is_read_once(bench: Bench) -> None:
    chain(bench)
    for table in CHAIN[:3]:
        bench.insert(table, [(at, at, 0, "a", None) for at in range(5_000)])
    where = Related("t1", (("up", "id"),), Related("t2", (("up", "id"),), Matches(Field("flag"), ("a",))))
    store = bench.store(writable=False)
    found = [row[0] for row in store.read(Selection("t0", where), (Field("id"),))]
    assert len(found) == len(set(found)) == 5_000
    assert len(list(store.read(Selection("t0", where), (Field("id"),), limit=2_500))) == 2_500


@pytest.mark.usefixtures("always")
def test_batches_by_portions_and_beside_triggers(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "SLOW", 0.0)
    monkeypatch.setattr(batches, "SLOWER", 0.0)
    chain(bench)
    for table in CHAIN[:3]:
        bench.insert(table, [(at, at, at % 2, "a", None) for at in range(100)])
    where = Related("t1", (("up", "id"),), Not(Related("t2", (("up", "id"),), Matches(Field("side"), (1,)))))
    touch = {
        "sqlite": ["create trigger touch after update on t0 begin select 1; end"],
        "postgresql": [
            "create function touch() returns trigger language plpgsql as 'begin return new; end'",
            "create trigger touch before update on t0 for each row execute function touch()",
        ],
        "mariadb": ["create trigger touch before update on t0 for each row set @touched = 1"],
    }
    mask = Mask(Selection("t0", where), ((Field("flag"), NULL),), 8)
    store = bench.store()
    assert drained(store, mask) == [8, 8, 8, 8, 8, 8, 2, 0]
    bench.run("update t0 set flag = 'a'", *touch[bench.kind])
    assert drained(bench.store(), mask, "with a trigger") == [8, 8, 8, 8, 8, 8, 2, 0]
    assert drained(store, Delete(Selection("t0", where), 9), "gone") == [9, 9, 9, 9, 9, 5, 0]
    assert bench.rows("select count(*), min(side) from t0") == [(50, 1)]


@pytest.mark.usefixtures("always")
def test_every_part_of_a_table_through_a_part_of_a_statement(pg: PostgresqlBench) -> None:
    inherited(pg)
    pg.run(
        "create table customer (id int primary key, up int)", "insert into customer values (0, 1), (1, 2), (2, null)"
    )
    where = Related("customer", (("customer", "id"),), Related("customer", (("up", "id"),), Held(Field("up"), NULL)))
    store = pg.store()
    assert sum(drained(store, Delete(Selection("payment", where), 25))) == 40
    assert sum(number for number in counts(pg).values() if isinstance(number, int)) == 80


@pytest.mark.usefixtures("always")
def test_a_session_keeps_its_settings(pg: PostgresqlBench) -> None:
    """Room is made for one transaction."""
    chain(pg)
    store = pg.store()
    where = Related("t1", (("up", "id"),), Related("t2", (("up", "id"),), Everything()))
    store.count(Selection("t0", where))
    store.apply(Delete(Selection("t0", where)), key())
    connection = store._open()  # type: ignore[attr-defined]
    with connection.begin():
        assert connection.exec_driver_sql("show hash_mem_multiplier").scalar_one() in ("1", "2")
