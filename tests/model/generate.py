"""Random small worlds: schema, policy, rows with nulls, orphans and days on either side of every limit."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from tests.model.dice import Dice
from tests.model.gen_policy import policies
from tests.model.gen_tables import Making, collections, tables
from tests.model.spec import Case, Column, Plain, Row

from troth.stores.conditions import Key
from troth.systems.model import Collection, DataMap, System

TODAYS = (date(2025, 6, 15), date(2024, 2, 29), date(2024, 3, 1), date(2025, 1, 1), date(2024, 12, 31))
HOURS = ("12:00:00", "00:30:00", "23:30:00")


def make_case(seed: int, *, erasure: bool) -> Case:
    dice = Dice.of(seed)
    policy = policies(dice, erasure=erasure)
    made = tables(dice)
    found = collections(dice, made)
    today = dice.pick(TODAYS)
    rows = _rows(dice, made, today)
    systems = {
        name: System(name, "sqlite", None, None, zone="UTC" if not dice.chance(15) else "America/New_York")
        for name in dict.fromkeys(each.system for each in made)
    }
    people = [each for each in found if each.person is not None]
    asked = _people(dice, people, rows, 1) if erasure else None
    held = _people(dice, people, rows, 0) if dice.chance(25) else {}
    frozen = frozenset({dice.pick(found).id}) if dice.chance(4) else frozenset[str]()
    return Case(
        tuple(each.table() for each in made),
        rows,
        policy,
        DataMap(systems, revision="s1"),
        tuple(found),
        today,
        asked,
        held,
        frozen,
        dice.pick([10_000, 1, 2]),
    )


def _people(
    dice: Dice, people: list[Collection], rows: Mapping[str, tuple[Row, ...]], least: int
) -> dict[str, tuple[Key, ...]]:
    chosen: dict[str, tuple[Key, ...]] = {}
    for collection in people:
        keys = [
            (value,)
            for row in rows[collection.table]
            if (value := row[collection.key[0]]) is not None
            and all(row[name] in values for name, values in collection.where)
        ]
        if keys:
            picked = dice.some(keys, least, 2)
            if picked:
                chosen[collection.id] = tuple(picked)
            least = 0
    return chosen


def _rows(dice: Dice, made: list[Making], today: date) -> dict[str, tuple[Row, ...]]:
    counts = {each.name: dice.number(int(each.people), 4) for each in made}
    for _ in made:
        for each in made:
            if any(not each.columns[name].null and not counts[table] for name, (table, _) in each.points.items()):
                counts[each.name] = 0
    return {
        each.name: tuple(_row(dice, each, n, counts, made, today) for n in range(1, counts[each.name] + 1))
        for each in made
    }


def _row(dice: Dice, making: Making, n: int, counts: dict[str, int], made: list[Making], today: date) -> Row:
    row: dict[str, Plain] = {}
    pairs: dict[str, int | None] = {}
    for name, column in making.columns.items():
        if name in making.points:
            target, there = making.points[name]
            enforced = any(name in foreign.columns for foreign in making.foreign)
            table = next(each for each in made if each.name == target)
            together = (
                pairs.get(target) if there in ("k1", "k2") and target in pairs else _pick(dice, counts[target], column)
            )
            pairs[target] = together
            if together is not None and not enforced and dice.chance(8):
                together = 9  # an orphan
            row[name] = None if together is None else identity(table, there, together)
        else:
            row[name] = _value(dice, making, column, n, today)
    for check in making.checks:
        if "state" in check and row[check.split()[0]] is None:
            row["state"] = "open"
    return row


def _pick(dice: Dice, count: int, column: Column) -> int | None:
    if not count or (column.null and dice.chance(25)):
        return None
    return dice.number(1, count)


def identity(making: Making, column: str, n: int) -> Plain:
    """The value of a key or unique column in the n-th row."""
    kind = making.columns[column].type
    return n if kind == "INTEGER" else f"{making.name[0]}{'' if column == 'id' else column}{n}"


def _value(dice: Dice, making: Making, column: Column, n: int, today: date) -> Plain:
    if column.name in (*making.key, "n", "code"):
        return identity(making, column.name, n)
    if column.name.endswith("_at"):
        return _moment(dice, column, today)
    if column.name == "state":
        return dice.pick(["open", "shut", None])
    if column.name == "owner_kind":
        return dice.pick(["one", "other", None, "none"])
    if column.null and dice.chance(20):
        return None
    if column.type == "INTEGER":
        return 40 + n
    return f"{column.name[0]}{n}"


def _moment(dice: Dice, column: Column, today: date) -> Plain:
    if dice.chance(15):
        return None
    day = dice.pick(_days(today))
    if column.type == "DATE":
        return day.isoformat()
    hour = dice.pick(HOURS)
    if column.type == "INTEGER":
        if dice.chance(5):
            return 0
        return int(datetime.combine(day, datetime.strptime(hour, "%H:%M:%S").time(), UTC).timestamp())  # noqa: DTZ007
    return f"{day.isoformat()} {hour}" if not dice.chance(4) else dice.pick(["", "never", "0000-00-00"])


def _days(today: date) -> list[date]:
    """Long ago; the days around the limit of every period; the days around today."""
    one = timedelta(days=1)
    limits = [today - 30 * one, _back(today, 1), _back(today, 12), _back(today, 120), today]
    near = [limit + step * one for limit in limits for step in (-1, 0, 1)]
    year_ends = [
        date(today.year - 1, 12, 31),
        date(today.year - 1, 1, 1),
        date(today.year - 2, 12, 31),
        date(today.year - 2, 6, 30),
    ]
    return [date(2009, 4, 1), *near, *year_ends]


def _back(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
