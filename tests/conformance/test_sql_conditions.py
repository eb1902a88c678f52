"""Every condition, on every dialect, against the same condition evaluated row by row in Python."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.conformance.conftest import Bench
from tests.conformance.model import Row, World

from troth.stores.conditions import (
    All,
    AnyOf,
    Before,
    Blank,
    Condition,
    Everything,
    Field,
    Held,
    InKeys,
    Key,
    Matches,
    Not,
    Related,
    Unit,
)
from troth.stores.contract import Selection, Store

ZONE = ZoneInfo("Europe/Paris")

EXAMPLES = int(os.environ.get("TROTH_EXAMPLES", "25"))
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)

PEOPLE = (
    "create table people (id {int} primary key, parent {int}, name {text}, flag {bool}, score {num}, at {ts},"
    " tz {tstz}, day {day}, seconds {int}, ref {uuid}, doc {json}, moment {text})"
)
COLUMNS = ("id", "parent", "name", "flag", "score", "at", "tz", "day", "seconds", "ref", "doc", "moment")

LINKS = "create table links (id {int} primary key, person {int}, label {text}, at {ts})"

NAMES = ["", "Ada", "ada", "Ünï", "7", "true", "O'Brien", 'say "hi"', "50%", "_", "\\", "a\nb", "erased"]
REFS = [UUID(int=number) for number in (0, 1, 0xABCDEF)]
FAR = datetime(9999, 12, 30)

moments = st.sampled_from(
    [datetime(2020, 3, 29, 1, 30), datetime(2020, 10, 25, 2, 30), datetime(2021, 1, 1)]
) | st.datetimes(datetime(2019, 1, 1), datetime(2022, 1, 1))
texts = st.sampled_from(
    [
        "2020-06-01", "2020-02-30", "2020-06-01 10:00", "2020-06-01T10:00:00", "2020-06-01 10:00:00.123456",
        "2020-06-01T10:00:00Z",
        "2020-06-01 10:00:00+02", "2020-06-01 00:30:00+02:00", "2020-06-01T23:30:00-0130", "2020-06-01 10:00:00 +02:00",
        "2020-06-01 24:00:00", "2020-06-01 10:60", "2020-06-01 10:00:00+15:00", "01/06/2020", "20200601",
        "1590969600", "1590969600.5", "1590969600.", ".5", "1.5.2", "9999999999999999", "", "never",
        "0000-00-00", "0000-00-00 00:00:00", "2020-13-01", "2020-06-01 ", " 2020-06-01", "2020-06-01T", "2019-02-29",
        "2020-02-29",
        "2020-06-01 10:00:00.", "2020-06-01 10:00:00Zulu", "٢٠٢٠-06-01", "2020-06-01\n",
    ]
)  # fmt: skip
docs = st.sampled_from(
    [
        {}, {"a": None}, {"a": {"b": "x"}}, {"a": {"b": None}}, {"a": {"b": True}}, {"a": {"b": 7}}, {"a": ["b"]},
        {"a": "b"},
        {"a": {"b": ""}}, {"a": {"b": "erased"}}, {"a": {"b": "2020-06-01"}},
        {"a": {"b": "2020-06-01T10:00:00+02:00"}}, ["a", "b"], "a",
        {"0": {"1": "x"}}, {"0": ["y", "z"]}, {"we ird": {"k'e.y": "x"}},
    ]
)  # fmt: skip

people = st.fixed_dictionaries(
    {
        "parent": st.none() | st.integers(0, 6),
        "name": st.none() | st.sampled_from(NAMES),
        "flag": st.none() | st.booleans(),
        "score": st.none() | st.sampled_from([Decimal(0), Decimal(1), Decimal("7.5"), Decimal(-3)]),
        "at": st.none() | moments,
        "tz": st.none() | moments.map(lambda moment: moment.replace(tzinfo=UTC)),
        "day": st.none() | moments.map(datetime.date),
        "seconds": st.none() | st.sampled_from([0, -1, 1, 1577836799, 1577836800, 1577836801, 10**17]),
        "ref": st.none() | st.sampled_from(REFS),
        "doc": st.none() | docs,
        "moment": st.none() | texts,
    }
)
links = st.fixed_dictionaries(
    {"person": st.none() | st.integers(0, 6), "label": st.none() | st.sampled_from(NAMES), "at": st.none() | moments}
)


def cutoff(day: date) -> tuple[datetime, date]:
    return datetime.combine(day, time(), ZONE).astimezone(UTC), day


days = st.dates(date(2019, 6, 1), date(2021, 6, 1)) | st.sampled_from(
    [date(2020, 6, 1), date(2020, 6, 2), date(9999, 1, 1)]
)
units: st.SearchStrategy[Unit] = st.sampled_from(["native", "epoch_s", "epoch_ms"])
paths = st.sampled_from(
    [Field("doc", path) for path in (("a",), ("a", "b"), ("0", "1"), ("we ird", "k'e.y"), ("missing",))]
)
values = st.sampled_from(
    [None, True, False, 0, 1, 7, "7", "7.5", "x", "true", "no", *NAMES, str(REFS[1]), "2020-06-01"]
)
blanks = st.sampled_from(
    [Blank(), Blank("constant", ""), Blank("constant", "erased"), Blank("unique", "erased-{unique}")]
)


def befores(fields: st.SearchStrategy[Field]) -> st.SearchStrategy[Condition]:
    return st.builds(lambda field, day, unit: Before(field, *cutoff(day), unit), fields, days, units)


KEYS: dict[str, tuple[Key, ...]] = {
    "ints": ((1,), ("3",), ("zz",), (10**20,), ("1e1",)),
    "words": (("Ada",), ("7",), (7,), ("",), ("a\0b",)),
    "folded": (("ada",), ("ünï",)),
    "refs": ((str(REFS[1]),), ("not-a-uuid",)),
    "pairs": ((1, "Ada"), ("2", "ada"), (3, "7"), (4, ""), ("zz", "Ada")),
    "moments": (("2020-06-01",), ("nonsense",)),
    "none": (),
}


def fields(*names: str) -> st.SearchStrategy[Field]:
    return st.sampled_from([Field(name) for name in names])


def matches(strategy: st.SearchStrategy[Field]) -> st.SearchStrategy[Condition]:
    return st.builds(Matches, strategy, st.lists(values, max_size=3).map(tuple))


person_atoms: st.SearchStrategy[Condition] = st.one_of(
    st.just(Everything()),
    befores(fields("at", "tz", "day", "seconds", "moment", "name", "flag", "score") | paths),
    matches(fields("name", "flag", "score", "id", "ref", "day") | paths),
    st.builds(Held, fields("name") | paths, blanks),
    st.builds(Held, fields("at", "score", "flag", "ref", "doc"), st.just(Blank())),
    st.just(InKeys((Field("id"),), "ints")),
    st.just(InKeys((Field("name"),), "words")),
    st.just(InKeys((Field("name"),), "folded", fold=True)),
    st.just(InKeys((Field("ref"),), "refs")),
    st.just(InKeys((Field("id"), Field("name")), "pairs")),
    st.just(InKeys((Field("doc", ("a", "b")),), "words")),
    st.just(InKeys((Field("day"),), "moments")),
    st.just(InKeys((Field("parent"),), "none")),
)
link_atoms: st.SearchStrategy[Condition] = st.one_of(
    st.just(Everything()), befores(fields("at")), matches(fields("label")), st.just(InKeys((Field("label"),), "words"))
)


def composed(
    atoms: st.SearchStrategy[Condition], related: st.SearchStrategy[Condition]
) -> st.SearchStrategy[Condition]:
    return st.recursive(
        atoms | related,
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.builds(All, st.lists(inner, max_size=3).map(tuple)),
            st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
        ),
        max_leaves=5,
    )


def of_people(depth: int) -> st.SearchStrategy[Condition]:
    if depth == 0:
        return composed(person_atoms, st.nothing())
    to_links = st.builds(lambda where: Related("links", (("id", "person"),), where), of_links(depth - 1))
    to_children = st.builds(lambda where: Related("people", (("id", "parent"),), where), of_people(depth - 1))
    to_parent = st.builds(lambda where: Related("people", (("parent", "id"),), where), of_people(depth - 1))
    return composed(person_atoms, st.one_of(to_links, to_children, to_parent))


def of_links(depth: int) -> st.SearchStrategy[Condition]:
    if depth == 0:
        return composed(link_atoms, st.nothing())
    to_people = st.builds(lambda where: Related("people", (("person", "id"),), where), of_people(depth - 1))
    return composed(link_atoms, to_people)


def written(value: object, name: str) -> object:
    return json.dumps(value) if name == "doc" and value is not None else value


def seed(bench: Bench, rows: list[Row], linked: list[Row]) -> World:
    bench.run("delete from people", "delete from links")
    numbered = [{"id": at, **row} for at, row in enumerate(rows)]
    bench.insert("people", [tuple(written(row[name], name) for name in COLUMNS) for row in numbered])
    tied = [{"id": at, **row} for at, row in enumerate(linked)]
    bench.insert("links", [(row["id"], row["person"], row["label"], row["at"]) for row in tied])
    return World({"people": numbered, "links": tied}, KEYS, ZONE)


def ids(store: Store, condition: Condition) -> list[object]:
    return sorted(row[0] for row in store.read(Selection("people", condition, KEYS), (Field("id"),)))  # type: ignore[type-var]


@pytest.mark.parametrize("writable", [False, True])
def test_conditions_mean_what_the_model_says(bench: Bench, writable: bool) -> None:
    bench.run(PEOPLE, LINKS)
    store = bench.store(writable=writable, zone=str(ZONE))

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=PHASES,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.lists(people, max_size=6), st.lists(links, max_size=5), st.lists(of_people(3), min_size=1, max_size=6))
    def check(rows: list[Row], linked: list[Row], conditions: list[Condition]) -> None:
        world = seed(bench, rows, linked)
        for condition in conditions:
            expected = [row["id"] for row in world.select("people", condition)]
            assert ids(store, condition) == expected
            assert store.count(Selection("people", condition, KEYS)).rows == len(expected)

    check()
