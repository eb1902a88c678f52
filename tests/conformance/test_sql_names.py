"""Names with quotes, spaces, dots, reserved words and Unicode; hostile values stay values."""

from __future__ import annotations

import pytest
from tests.conformance.conftest import Bench, PostgresqlBench
from tests.conformance.test_sql_changes import drained

from troth.stores.conditions import (
    Blank,
    Breaks,
    Everything,
    Field,
    Held,
    InKeys,
    Matches,
    Not,
    Related,
)
from troth.stores.contract import Delete, Mask, Selection

NAMES = [
    "select", "order", "User", 'say "hi"', "semi;colon", "sp ace", "dot.ted", "Zoë ☃", "a" * 63, "percent %s %(x)s",
    "co:lon",
    "brace {x}", "back\\slash", "'; drop table victims; --", "-- dash", "tab\tbed", "1st", "$1", "?",
]  # fmt: skip

HOSTILE = ["'; drop table victims; --", '"', "\\", "%", "%s", ":x", "{}", "$1", "?", "a\nb", "/*", "É", "😀", "'"]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_a_table_and_its_columns(bench: Bench, name: str) -> None:
    table, field, rule = quoted(name), quoted(name), quoted("r" + name[:50])
    braces = [part.replace("{", "{{").replace("}", "}}") for part in (table, field, rule, field)]
    bench.run(
        "create table {} (id {{int}} primary key, {} {{text}}, constraint {} check (length({}) < 100))".format(*braces)
    )
    bench.insert(table if bench.kind == "sqlite" else table.replace("%", "%%"), list(enumerate(HOSTILE)))
    store = bench.store()
    [info] = store.describe().collections
    collection = info.name
    assert [one.name for one in info.fields][1] == name
    everything = Selection(collection, Everything())
    assert store.count(everything).rows == len(HOSTILE)
    here = Field(name)
    assert sorted(str(row[0]) for row in store.read(everything, (here,))) == sorted(HOSTILE)
    keys = {"keys": tuple((value,) for value in HOSTILE)}
    for condition in (
        Matches(here, tuple(HOSTILE)),
        InKeys((here,), "keys"),
        Related(collection, ((name, name),), Held(here, Blank())),
        Not(Breaks(info.rules[0].name, ((here, Blank("constant", "x' y")),))),
    ):
        selection = Selection(collection, condition, keys)
        assert store.count(selection).rows == len(HOSTILE)
        assert bench.rows(store.explain(selection)) == [(len(HOSTILE),)]
    odd = ((here, Blank("unique", "'%:x{unique}'")),)
    assert drained(store, Mask(Selection(collection, Matches(here, (HOSTILE[0],))), odd), "mask") == [1, 0]
    assert drained(store, Delete(Selection(collection, Matches(here, ("%",)))), "delete") == [1, 0]
    assert store.count(everything).rows == len(HOSTILE) - 1


def test_schemas_beside_the_first_have_qualified_names(pg: PostgresqlBench) -> None:
    pg.run(
        'create schema "Other one"',
        "create schema unseen",
        "create table public.users (id int primary key)",
        'create table "Other one".users (id int primary key references public.users (id))',
        "create table unseen.notes (id int, who int references public.users (id) on delete cascade)",
        "create table unseen.apart (id int)",
        'create table public."Other one.users" (id int)',
        "insert into users values (1), (2)",
        'insert into "Other one".users values (1)',
    )
    store = pg.store(schemas=("public", "Other one"))
    schema = store.describe()
    names = {info.name for info in schema.collections}
    assert names == {"users", "Other one.users", 'public."Other one.users"', "unseen.notes"}
    assert "schema unseen" in schema.elsewhere
    assert store.count(Selection("Other one.users", Everything())).rows == 1
    missing = Selection("users", Not(Related("Other one.users", (("id", "id"),), Everything())))
    assert list(store.read(missing, (Field("id"),))) == [(2,)]
    notes = schema.collection("unseen.notes")
    assert notes is not None
    assert [(one.target, one.on_delete) for one in notes.references] == [("users", "cascade")]


def test_another_first_schema_gives_the_bare_names(pg: PostgresqlBench) -> None:
    pg.run("create schema app", "create table app.users (id int)", "create table public.users (id int)")
    pg.insert("app.users", [(1,)])
    store = pg.store(schemas=("app",))
    assert [info.name for info in store.describe().collections] == ["users"]
    assert drained(store, Delete(Selection("users", Everything()))) == [1, 0]
    assert pg.rows("select count(*) from app.troth_receipt") == [(2,)]
