"""CHECK constraints and trigger events, read from the text SQLite keeps; SQLite itself is the judge of every case."""

from __future__ import annotations

import sqlite3

import pytest

from troth.stores.contract import Rule
from troth.stores.sql.sqlite.ddl import checks, trigger_events, unquoted

TABLES = {
    "create table t (a int check (a > 0))": [("check_1", "a > 0")],
    "create table t (a int, constraint c check(a > 0 and (a < 10 or a in (12, 13))))": [
        ("c", "a > 0 and (a < 10 or a in (12, 13))")
    ],
    "CREATE TABLE t (a text CONSTRAINT \"it's\" CHECK (a <> ')'), b int check (b))": [("it's", "a <> ')'"),
    ("check_1", "b")],
    "create table t (a text default 'check (x)', check (a != 'check (y)'))": [("check_1", "a != 'check (y)'")],
    "create table t (a text /* check (no) */ -- check (no)\n, check (a /* ) */ > -- )\n '1'))": [
        ("check_1", "a /* ) */ > -- )\n '1'")
    ],
    'create table t ("check" text, "check (a)" int, check ("check" is not null))': [("check_1", '"check" is not null')],
    "create table t (a int, constraint check_1 check (a > 1), check (a > 2))": [("check_1", "a > 1"), ("check_2",
    "a > 2")],
    "create table t (a int, constraint [odd name] check (a>1), constraint `tick` check (a>2))": [
        ("odd name", "a>1"), ("tick", "a>2"),
    ],
    "create table t (a int primary key, b text not null unique)": [],
    "create table t (a text check (a = 'it''s (not) it'))": [("check_1", "a = 'it''s (not) it'")],
    "create table t (a int constraint pos not null check (a > 0))": [("check_1", "a > 0")],
    "create table t (checked int, a int check (checked > a))": [("check_1", "checked > a")],
    "create table t (é int, check (é > 0))": [("check_1", "é > 0")],
}  # fmt: skip


@pytest.mark.parametrize("statement", TABLES)
def test_checks(statement: str) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute(statement)
    assert checks(statement) == tuple(Rule(name, text) for name, text in TABLES[statement])
    for rule in checks(statement):
        connection.execute(f"select {rule.text} from t")
    connection.close()


@pytest.mark.parametrize(
    "statement, event",
    [
        ("create trigger t after delete on u begin select 1; end", "delete"),
        ("create trigger if not exists \"insert\" before update of a, b on u begin delete from u; end", "update"),
        ("create temp trigger t instead of insert on v begin select 1; end", "insert"),
        ("create trigger /* delete */ t -- delete\n insert on u begin delete from u; end", "insert"),
        ("create trigger [delete] after update on u for each row when old.a begin select 1; end", "update"),
    ],
)  # fmt: skip
def test_trigger_events(statement: str, event: str) -> None:
    assert trigger_events(statement) == {event}


@pytest.mark.parametrize(
    "name, plain", [('"a""b"', 'a"b'), ("[a b]", "a b"), ("`a``b`", "a`b"), ("a", "a"), ("'a''b'", "a'b")]
)
def test_quotes(name: str, plain: str) -> None:
    assert unquoted(name) == plain


def test_an_unclosed_check_ends_with_the_text() -> None:
    assert checks("create table t (a check (a > 0") == (Rule("check_1", "a >"),)
