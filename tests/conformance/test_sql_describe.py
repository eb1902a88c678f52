"""What a store says of itself: everything the planner must know before it changes a row."""

from __future__ import annotations

import time

from tests.conformance.conftest import Bench, PostgresqlBench, SqliteBench
from tests.conformance.test_sql_changes import drained

from troth.stores.conditions import Blank, Breaks, Everything, Field
from troth.stores.contract import CollectionInfo, Delete, Selection, Store


def described(store: Store, name: str) -> CollectionInfo:
    info = store.describe().collection(name)
    assert info is not None
    return info


def test_fields_keys_and_references(bench: Bench) -> None:
    bench.run(
        "create table users (id {int} primary key, email varchar(60) not null unique, born {day}, at {ts}, tz {tstz},"
        " flag {bool}, score {num}, prefs {json}, raw {bytes}, manager {int} references users (id) on delete set null)",
        "create table pairs (a {int}, b {int}, who {int} not null references users (id) on delete cascade, c {int},"
        " d {int}, primary key (b, a), unique (a, who), foreign key (c, d) references pairs (b, a))",
        "create index by_score on users (score, born)",
    )
    if bench.kind == "mariadb":  # it has indexes on a beginning, and none on a part of the rows or on expressions
        bench.run(
            "create index by_some on users (email(5), born)",
            "create unique index one_manager on users (manager)",
        )
    else:
        bench.run(
            "create index by_some on users (born) where flag",
            "create index by_lower on users (lower(email), born)",
            "create unique index one_manager on users (manager) where flag",
            "create unique index one_email on users (lower(email))",
        )
    users = described(bench.store(), "users")
    types = ["number", "text", "date", "datetime", "datetime_tz", "boolean", "number", "json", "bytes", "number"]
    assert [field.type for field in users.fields] == types
    assert [field.name for field in users.fields if not field.nullable] == ["id", "email"]
    assert [field.length for field in users.fields] == [None, 60, *[None] * 8]
    assert users.kind == "table"
    assert users.key == ("id",)
    assert set(users.unique) >= {("id",), ("email",)}
    assert any("manager" in group for group in users.unique), "unique in some rows alone, and still to be minded"
    assert ("score", "born") in users.indexed
    assert ("born",) not in users.indexed
    assert ("id",) in users.indexed
    [manager] = users.references
    assert (manager.fields, manager.target, manager.target_fields, manager.on_delete) == (
        ("manager",), "users", ("id",), "set_null",
    )  # fmt: skip
    pairs = described(bench.store(), "pairs")
    assert pairs.key == ("b", "a")
    assert ("a", "who") in pairs.unique
    found = {(one.fields, one.target, one.target_fields, one.on_delete) for one in pairs.references}
    assert found == {
        (("who",), "users", ("id",), "cascade"),
        (("c", "d"), "pairs", ("b", "a"), "no_action"),
    }


def test_rules_are_read_and_tried(bench: Bench) -> None:
    bench.run(
        "create table users (id {int} primary key, name {text}, age {int}, kind {text},"
        " constraint longer check (length(name) > 2),"
        " constraint together check (kind <> 'x' or (age > 3 and name <> ')')), check (age < 200))"
    )
    bench.insert("users", [(1, "Ada", 36, "x"), (2, "Bob", 50, "y"), (3, None, None, None)])
    store = bench.store(writable=False)
    rules = {rule.name: rule for rule in described(store, "users").rules}
    assert len(rules) == 3
    assert {"longer", "together"} < set(rules)

    def breaking(rule: str, *blanks: tuple[str, Blank]) -> list[object]:
        where = Breaks(rule, tuple((Field(name), blank) for name, blank in blanks))
        return sorted(row[0] for row in store.read(Selection("users", where), (Field("id"),)))  # type: ignore[type-var]

    assert breaking("longer", ("name", Blank("constant", ""))) == [1, 2], "a mask leaves nothing as it is"
    assert breaking("longer", ("name", Blank())) == []
    assert breaking("longer", ("name", Blank("unique", "{unique}"))) == []
    assert breaking("together", ("age", Blank("constant", 0))) == [1]
    assert breaking("together", ("age", Blank())) == []
    assert breaking("together", ("name", Blank("constant", ")"))) == [1]
    [third] = set(rules) - {"longer", "together"}
    assert breaking(third, ("age", Blank("constant", 200))) == [1, 2]


def test_triggers_are_told_with_their_text(bench: Bench) -> None:
    bench.run("create table users (id {int} primary key, name {text})", "create table audit (name {text})")
    made = {
        "sqlite": ["create trigger keep after delete on users begin insert into audit values (old.name); end"],
        "postgresql": [
            (
                "create function keep() returns trigger language plpgsql as"
                " $$begin insert into audit values (old.name); return old; end$$"
            ),
            "create trigger keep after delete on users for each row execute function keep()",
        ],
        "mariadb": ["create trigger keep after delete on users for each row insert into audit values (old.name)"],
    }
    bench.run(*made[bench.kind])
    [trigger] = described(bench.store(), "users").triggers
    assert (trigger.name, *trigger.events) == ("keep", "delete")
    assert "insert into audit" in trigger.text


def test_views_say_what_they_show(bench: Bench) -> None:
    bench.run(
        "create table users (id {int} primary key, name {text})",
        "create table notes (id {int} primary key, who {int})",
        "create view named as select id, name from users",
        "create view written as select n.id, name from notes n join named on named.id = n.who",
    )
    store = bench.store()
    assert described(store, "named").kind == "view"
    assert described(store, "named").reads_from == ("users",)
    assert set(described(store, "written").reads_from) >= {"notes", "users"}


def test_our_own_table_is_left_out(bench: Bench) -> None:
    bench.run("create table users (id {int} primary key)")
    store = bench.store()
    drained(store, Delete(Selection("users", Everything())))
    assert bench.rows("select count(*) from troth_receipt") == [(1,)]
    assert [info.name for info in store.describe().collections] == ["users"]


def test_180_tables_are_described_at_once(bench: Bench) -> None:
    """Set-wise: no question per table. Far below a second on any machine; the bound here only catches a loop."""
    for at in range(180):
        refers = f", parent {{int}} references t{at - 1} (id)" if at else ""
        bench.run(f"create table t{at} (id {{int}} primary key, a {{text}} unique, b {{ts}}, c {{num}}{refers})")
    store = bench.store(writable=False)
    started = time.perf_counter()
    schema = store.describe()
    assert time.perf_counter() - started < 5
    assert len(schema.collections) == 180
    assert sum(len(info.references) for info in schema.collections) == 179


def test_rules_postgresql_types_and_materialised_views(pg: PostgresqlBench) -> None:
    pg.run(
        "create domain mail as text not null check (value ~ '@')",
        "create domain year as integer check (value between 1900 and 2100)",
        "create type mood as enum ('sad', 'ok')",
        "create table users (id serial primary key, email mail, born year, mood mood, tags text[], ip inet,"
        " code char(3), during daterange, exclude using gist (during with &&))",
        "insert into users (email, born, mood, tags, ip, code) "
        "values ('a@x.example', 1980, 'ok', array['a'], '10.0.0.1', 'Y')",
        "create materialized view mails as select email from users",
        "create view over as select * from mails",
        "create rule keep as on delete to users do instead nothing",
        "create index on users using brin (born)",
        "create index on users using gin (tags)",
    )
    store = pg.store()
    users = described(store, "users")
    types = {field.name: (field.type, field.nullable) for field in users.fields}
    assert types == {
        "id": ("number", False), "email": ("text", False), "born": ("number", True), "mood": ("other", True),
        "tags": ("other", True), "ip": ("network", True), "code": ("text", True), "during": ("other", True),
    }  # fmt: skip
    assert users.field("code").length == 3  # type: ignore[union-attr]
    assert ("during",) in users.unique
    assert ("born",) in users.indexed
    assert ("tags",) not in users.indexed
    assert [(one.name, *one.events) for one in users.triggers] == [("keep", "delete")]
    assert described(store, "mails").kind == "materialized_view"
    assert described(store, "over").reads_from == ("mails", "users")
    rule = next(rule for rule in users.rules if rule.name.startswith("email"))
    for blank, rows in (
        (Blank("constant", "nobody"), 1),
        (Blank("constant", "x@y"), 0),
        (Blank("unique", "{unique}"), 1),
    ):
        where = Breaks(rule.name, ((Field("email"), blank),))
        assert store.count(Selection("users", where)).rows == rows


def test_history_tables_of_the_temporal_extension_are_known(pg: PostgresqlBench) -> None:
    """The extension itself is rarely installed; its trigger is told by name and arguments."""
    pg.run(
        "create table users (id int, name text, period tstzrange)",
        "create table users_history (like users)",
        "create function versioning() returns trigger language plpgsql as 'begin return null; end'",
        "create trigger v before update or delete on users for each row execute function"
        " versioning('period', 'users_history', 'true')",
    )
    assert described(pg.store(), "users_history").history_of == "users"


def test_other_databases_are_named_but_not_looked_into(pg: PostgresqlBench) -> None:
    assert "database postgres" in pg.store().describe().elsewhere


def test_estimates(bench: Bench) -> None:
    bench.run("create table users (id {int} primary key)")
    assert described(bench.store(), "users").rows_estimate in (None, 0)
    bench.insert("users", [(at,) for at in range(500)])
    bench.run("analyze")
    assert described(bench.store(), "users").rows_estimate in (500, None)


def test_full_text_tables_and_their_shadows(sqlite: SqliteBench) -> None:
    sqlite.run("create virtual table notes using fts5 (body)", "insert into notes values ('Ada was here')")
    store = sqlite.store()
    schema = {info.name: info for info in store.describe().collections}
    assert schema["notes"].kind == "table"
    assert schema["notes_content"].kind == "other"
    assert schema["notes_content"].part_of == "notes"
    assert drained(store, Delete(Selection("notes", Everything()))) == [1, 0]
    assert sqlite.rows("select count(*) from notes_content") == [(0,)]


def test_references_without_columns_and_in_other_case(sqlite: SqliteBench) -> None:
    sqlite.run(
        "create table Users (Id integer primary key)",
        "create table notes (id integer primary key, who references USERS)",
    )
    [reference] = described(sqlite.store(), "notes").references
    assert (reference.target, reference.target_fields) == ("Users", ("Id",))


def test_references_to_a_partitioned_table_are_told_once(pg: PostgresqlBench) -> None:
    pg.run(
        "create table users (id int primary key) partition by range (id)",
        "create table users_1 partition of users for values from (0) to (10)",
        "create table users_2 partition of users for values from (10) to (20)",
        "create table notes (id int, who int references users (id) on delete cascade) partition by range (id)",
        "create table notes_1 partition of notes for values from (0) to (10)",
    )
    store = pg.store()
    assert [(one.target, one.on_delete) for one in described(store, "notes").references] == [("users", "cascade")]
    assert described(store, "notes_1").references == ()


def test_partitions_are_parts(pg: PostgresqlBench) -> None:
    pg.run(
        "create table logs (id int, day date) partition by range (day)",
        "create table logs_20 partition of logs for values from ('2020-01-01') to ('2021-01-01')",
        "insert into logs values (1, '2020-02-02')",
        "analyze",
    )
    store = pg.store()
    assert described(store, "logs").part_of is None
    assert described(store, "logs_20").part_of == "logs"
    assert described(store, "logs").rows_estimate == 1
    assert [info.by_place for info in store.describe().collections] == [False, True]


def test_a_view_over_a_table_that_is_gone_has_no_columns_and_hides_nothing_else(sqlite: SqliteBench) -> None:
    sqlite.run(
        "create table logs (id int, at text)",
        'create view "old ""logs" as select * from logs',
        "drop table logs",
        "create table users (id integer primary key)",
    )
    found = {info.name: (info.kind, len(info.fields)) for info in sqlite.store().describe().collections}
    assert found == {'old "logs': ("view", 0), "users": ("table", 1)}
