"""What ``explain`` prints is the query itself: pasted into the store's own client it gives the same number."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conformance.conftest import Bench
from tests.conformance.model import Row
from tests.conformance.test_sql_conditions import KEYS, LINKS, PEOPLE, PHASES, ZONE, links, of_people, people, seed

from troth.stores.conditions import Blank, Condition, Field, Held
from troth.stores.contract import Delete, Mask, ReceiptKey, Selection


def test_the_printed_query_counts_the_same(bench: Bench) -> None:
    bench.run(PEOPLE, LINKS)
    store = bench.store(writable=False, zone=str(ZONE))

    @settings(
        max_examples=40,
        deadline=None,
        phases=PHASES,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.lists(people, max_size=6), st.lists(links, max_size=5), of_people(2))
    def check(rows: list[Row], linked: list[Row], condition: Condition) -> None:
        seed(bench, rows, linked)
        selection = Selection("people", condition, KEYS)
        assert bench.rows(store.explain(selection)) == [(store.count(selection).rows,)]

    check()


def test_the_printed_change_is_the_batch(bench: Bench) -> None:
    bench.run("create table users (id {int} primary key, name {text})")
    bench.insert("users", [(at, f"name {at}") for at in range(10)])
    store = bench.store()
    everyone = Selection("users", Held(Field("name"), Blank()))
    bench.run(braced(store.explain(Delete(everyone, 4))))
    assert bench.rows("select count(*) from users") == [(6,)]
    mask = Mask(everyone, ((Field("name"), Blank("constant", "it's 100 % gone")),), 2)
    bench.run(braced(store.explain(mask)))
    assert bench.rows("select count(*) from users where name = 'it''s 100 % gone'") == [(2,)]
    assert store.apply(mask, ReceiptKey("p", "s", 0)).rows == 2


def braced(statement: str) -> str:
    return statement.replace("{", "{{").replace("}", "}}") if "{" in statement else statement
