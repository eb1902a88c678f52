"""Start moments: text in every form, zones and their summer time, the edges of the calendar, and the index used."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conformance.conftest import Bench, PostgresqlBench, SqliteBench
from tests.conformance.model import World, as_moment

from troth.stores.conditions import AnyOf, Before, Everything, Field, Not, Unit
from troth.stores.contract import Count, Selection

PARIS = ZoneInfo("Europe/Paris")
FIELD = Field("moment")


def before(field: Field, day: date, zone: ZoneInfo = PARIS, unit: Unit = "native") -> Before:
    return Before(field, datetime.combine(day, time(), zone).astimezone(UTC), day, unit)


def year(field: Field, number: int, unit: Unit = "native") -> Before:
    return Before(field, datetime(number, 1, 1, tzinfo=UTC), date(number, 1, 1), unit)


day_parts = st.dates(date(2020, 3, 25), date(2020, 4, 3)).map(str) | st.sampled_from(
    ["2020-02-30", "0000-00-00", "2021-02-29"]
)
time_parts = st.sampled_from(
    [
        "",
        " 00:00",
        "T23:59:59",
        " 01:30:00",
        "T02:30:00.5",
        " 22:00:00",
        "T23:00:00.999999999",
        " 24:00",
        " 7:00",
        "T",
        " 12:00:60",
        " 12:00:00.",
        " 12:00:0",
        " 12:00.5",
        "T12:00:00.1234567890",
        "T12",
        "  12:00",
    ]
)
offset_parts = st.sampled_from(
    [
        "",
        "Z",
        "+00:00",
        "+02",
        "+0200",
        " +02:00",
        "-11:30",
        "+14:59",
        "+15:00",
        "+2:00",
        " Z",
        "UTC",
        "  Z",
        " ",
        "+02 ",
        "+ 02",
        "+02:60",
        "+0260",
        "Z+02",
        "+02:00Z",
        "+02:00:00",
        "z",
    ]
)
texts = st.builds("".join, st.tuples(day_parts, time_parts, offset_parts)) | st.text("0123456789-:T Z+.", max_size=25)


@pytest.mark.parametrize("zone", [PARIS, ZoneInfo("Pacific/Kiritimati")])
def test_texts_are_read_by_one_grammar(bench: Bench, zone: ZoneInfo) -> None:
    bench.run("create table logs (id {int} primary key, moment {text}, doc {json})")
    store = bench.store(zone=str(zone))

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(texts, min_size=1, max_size=12), st.lists(st.dates(date(2020, 3, 25), date(2020, 4, 3)), max_size=4)
    )
    def check(found: list[str], days: list[date]) -> None:
        bench.run("delete from logs")
        bench.insert("logs", [(at, text, {"at": {"text": text}}) for at, text in enumerate(found)])
        rows = [{"id": at, "moment": text, "doc": {"at": {"text": text}}} for at, text in enumerate(found)]
        world = World({"logs": rows}, {}, zone)
        for field in (FIELD, Field("doc", ("at", "text"))):
            for day in days:
                for condition in (before(field, day, zone), Not(before(field, day, zone))):
                    expected = [(row["id"],) for row in world.select("logs", condition)]
                    assert sorted(store.read(Selection("logs", condition), (Field("id"),))) == expected
            known = [moment for text in found if (moment := in_utc(as_moment(text), zone)) is not None]
            counted = store.count(Selection("logs", Everything()), field)
            assert near(counted.oldest, min(known, default=None))
            assert near(counted.latest, max(known, default=None))

    check()


def in_utc(moment: object, zone: ZoneInfo) -> datetime | None:
    match moment:
        case datetime(tzinfo=None):
            return moment.replace(tzinfo=zone).astimezone(UTC)
        case datetime():
            return moment.astimezone(UTC)
        case date():
            return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
        case _:
            return None


def near(one: datetime | None, other: datetime | None) -> bool:
    """The same second: a fraction may be cut off or rounded."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= timedelta(seconds=1)


def test_extremes_of_every_type(bench: Bench) -> None:
    bench.run("create table logs (id {int} primary key, at {ts}, tz {tstz}, day {day}, seconds {int}, millis {int})")
    bench.insert(
        "logs",
        [
            (
                1,
                datetime(2020, 7, 1, 12),
                datetime(2020, 7, 1, 12, tzinfo=UTC),
                date(2020, 7, 1),
                1593604800,
                1593604800500,
            ),
            (2, datetime(2020, 1, 1), datetime(2020, 1, 1, tzinfo=UTC), date(2020, 1, 1), 1577836800, 1577836800000),
            (3, None, None, None, 0, 10**18),
        ],
    )
    store = bench.store(zone="Europe/Paris")

    def ends(name: str, unit: Unit = "native") -> tuple[datetime | None, datetime | None]:
        where = AnyOf((year(Field(name), 2030, unit), Everything()))
        counted = store.count(Selection("logs", where), Field(name))
        assert counted.rows == 3
        return counted.oldest, counted.latest

    assert ends("at") == (datetime(2019, 12, 31, 23, tzinfo=UTC), datetime(2020, 7, 1, 10, tzinfo=UTC))
    assert ends("tz") == (datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 7, 1, 12, tzinfo=UTC))
    assert ends("day") == (datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 7, 1, tzinfo=UTC))
    assert ends("seconds", "epoch_s") == (datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 7, 1, 12, tzinfo=UTC))
    latest = datetime(2020, 7, 1, 12, 0, 0, 500_000, tzinfo=UTC)
    assert ends("millis", "epoch_ms") == (datetime(2020, 1, 1, tzinfo=UTC), latest)
    assert ends("seconds") == (None, None)


def test_a_count_of_nothing_has_no_extremes(bench: Bench) -> None:
    bench.run("create table logs (id {int} primary key, at {ts})")
    assert bench.store().count(Selection("logs", Everything()), Field("at")) == Count(0)


def test_far_cutoffs_mean_every_readable_moment(bench: Bench) -> None:
    bench.run("create table logs (id {int} primary key, at {ts}, moment {text})")
    bench.insert(
        "logs", [(1, datetime(9998, 12, 31), "9998-12-31"), (2, None, "never"), (3, datetime(1, 1, 2), "0001-01-02")]
    )
    store = bench.store(zone="Pacific/Kiritimati")
    for name in ("at", "moment"):
        assert store.count(Selection("logs", year(Field(name), 9999)), Field(name)).rows == 2


def test_infinity_and_bc_are_no_moments_that_end_a_period(pg: PostgresqlBench) -> None:
    pg.run(
        "create table logs (id int, at timestamp, tz timestamptz, day date)",
        "insert into logs values (1, 'infinity', 'infinity', 'infinity'), (2, '-infinity', '-infinity', '-infinity'),"
        " (3, '0044-03-15 BC', '0044-03-15 BC', '0044-03-15 BC'), (4, '20000-01-01', '20000-01-01', '20000-01-01'),"
        " (5, '2020-01-01', '2020-01-01', '2020-01-01')",
    )
    store = pg.store()
    for name in ("at", "tz", "day"):
        counted = store.count(Selection("logs", year(Field(name), 2021)), Field(name))
        assert counted == Count(2, datetime.min.replace(tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC))
        everything = store.count(Selection("logs", Everything()), Field(name))
        assert everything.latest == datetime.max.replace(tzinfo=UTC)
        read = {row[0]: row[1] for row in store.read(Selection("logs", Everything()), (Field("id"), Field(name)))}
        assert read[1] == "infinity"
        assert str(read[3]).endswith("BC")


@pytest.mark.parametrize("declared", ["TIMESTAMP", "TEXT", "DATE", ""])
def test_an_index_on_the_column_is_used(sqlite: SqliteBench, declared: str) -> None:
    sqlite.run(
        f"create table logs (id integer primary key, moment {declared})", "create index by_moment on logs (moment)"
    )
    text = sqlite.store().explain(Selection("logs", before(FIELD, date(2020, 6, 1))))
    plan = " ".join(str(row[3]) for row in sqlite.rows(f"explain query plan {text}"))
    assert "by_moment (moment<?)" in plan


def test_numbers_and_bytes_in_a_text_column_are_no_moments(sqlite: SqliteBench) -> None:
    sqlite.run("create table logs (id integer primary key, moment)")
    sqlite.insert("logs", [(1, 2458849.5), (2, 20200101), (3, b"2020-01-01"), (4, "2020-01-01"), (5, None)])
    found = sqlite.store().read(Selection("logs", before(FIELD, date(2021, 1, 1))), (Field("id"),))
    assert list(found) == [(4,)]


@pytest.mark.parametrize("declared", ["TIMESTAMP", "TEXT", "DATE", ""])
def test_zero_dates_are_no_moments_whatever_the_column(sqlite: SqliteBench, declared: str) -> None:
    sqlite.run(f"create table logs (id integer primary key, moment {declared})")
    zeros = [
        "0000-00-00",
        "0000-00-00 00:00:00",
        "0000-01-01",
        "0000-01-01 00:00:00",
        "0000-01-01 00:00:00Z",
        "0",
        "00:00",
    ]
    sqlite.insert("logs", [*enumerate(zeros), (99, "0001-01-01 00:00:00")])
    found = sqlite.store().read(Selection("logs", before(FIELD, date(2021, 1, 1))), (Field("id"),))
    assert list(found) == [(99,)]


def test_true_in_a_document_is_no_number(bench: Bench) -> None:
    bench.run("create table logs (id {int} primary key, doc {json})")
    documents = [{"at": value} for value in (True, False, 1, "1", 0, None, "true", [1])]
    bench.insert("logs", [*enumerate(documents)])
    store = bench.store()
    field = Field("doc", ("at",))
    due = Selection("logs", year(field, 2020, "epoch_s"))
    assert sorted(store.read(due, (Field("id"),))) == [(2,), (3,)]
    assert store.count(due, field).oldest == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)


def test_summer_time_moves_the_cutoff(bench: Bench) -> None:
    bench.run("create table logs (id {int} primary key, at {ts}, tz {tstz}, moment {text})")
    midnight = datetime(2020, 7, 1, tzinfo=PARIS)
    for at, shift in enumerate((-1, 0, 1)):
        moment = midnight + timedelta(seconds=shift)
        local, utc = moment.replace(tzinfo=None), moment.astimezone(UTC)
        bench.insert("logs", [(at, local, utc, utc.isoformat())])
    store = bench.store(zone="Europe/Paris")
    for name in ("at", "tz", "moment"):
        where = before(Field(name), date(2020, 7, 1))
        assert list(store.read(Selection("logs", where), (Field("id"),))) == [(0,)]
