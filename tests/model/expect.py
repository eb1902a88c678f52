"""The naive model's answer for every row of a world, and what a run made of it: the two compared, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.model.links import People, is_blank, number, points_at
from tests.model.naive import Naive
from tests.model.spec import Case, Row, State, Table

from troth.planning.plan import Plan
from troth.systems.model import BelongsTo, Collection, Mention, SharedThrough

Cell = tuple[str, int, str]
"""Table, n, column."""

Place = tuple[str, int]
"""Table, n."""


@dataclass(frozen=True)
class Expected:
    """``due``: rows that go. ``anonymised``: rows that lose every field and stay. ``fields``: fields that end, also
    those of rows that go. ``mentions``: references to people that go. ``loose``: columns of ended rows that say whose
    the row was, or that hold it in a circle of references; they may go, nothing depends on it."""

    due: dict[Place, str]
    anonymised: dict[Place, str]
    fields: dict[Cell, str]
    mentions: dict[Cell, str]
    loose: frozenset[Cell]
    held: frozenset[Place]
    maybe: frozenset[Place]
    """Rows that hang on a collection on hold whole: the design leaves open whether the hold is theirs too."""

    @property
    def ended(self) -> frozenset[Place]:
        return frozenset({*self.due, *self.anonymised})


def expect(case: Case, state: State, extra_held: People | None = None) -> Expected:
    naive = Naive(case, state, extra_held or {})
    due: dict[Place, str] = {}
    anonymised: dict[Place, str] = {}
    fields: dict[Cell, str] = {}
    mentions: dict[Cell, str] = {}
    loose: set[Cell] = set()
    held: set[Place] = set()
    maybe = {(case.table_of(name), n) for name, n in naive.below_frozen}
    for collection in case.collections:
        for row in naive.rows(collection):
            at = (collection.table, number(row))
            if naive.on_hold(collection, row):
                held.add(at)
                continue
            for mapped in collection.fields:
                if naive.all_released(collection, row, naive.field_uses(collection, mapped), mapped):
                    fields[*at, mapped.name] = collection.id
            for link in collection.links:
                if isinstance(link, Mention) and _mention_ends(naive, collection, link, row):
                    mentions[*at, link.here] = collection.id
            if naive.row_ends(collection, row):
                (anonymised if keeps_rows(naive, collection) else due)[at] = collection.id
                loose |= {(*at, name) for name in _loose(case.table(collection.table), collection)}
    return Expected(due, anonymised, fields, mentions, frozenset(loose), frozenset(held), frozenset(maybe))


def _mention_ends(naive: Naive, collection: Collection, link: Mention, row: Row) -> bool:
    """What the row stands for has ended for the person it names, or that person's own row goes."""
    target = naive.collection(link.target)
    if target is None:
        return False
    theirs = list(dict.fromkeys([*naive.uses(target.serves), *naive.inside_uses(target)]))
    common = [use for use in theirs if use in naive.uses(collection.serves)] or theirs
    named = naive.led(link, row)
    gone = [other for other in named if naive.row_ends(target, other) and not keeps_rows(naive, target)]
    return bool(gone) or any(naive.all_released(target, other, common) for other in named)


def keeps_rows(naive: Naive, collection: Collection) -> bool:
    if naive.case.people is not None:
        return False
    rules = [rule for use in naive.uses(collection.serves) for rule in naive.governing(use)]
    return any(rule.action == "anonymise" for rule in rules)


def _loose(table: Table, collection: Collection) -> Iterator[str]:
    yield from (link.here for link in collection.links if isinstance(link, BelongsTo))
    for foreign in table.foreign:
        yield from foreign.columns


def referrers(case: Case, state: State, place: Place, lenient: frozenset[Place]) -> list[Place]:
    """Rows that keep this one from being deleted; also those whose reference the store would empty, where the row is on
    hold or the field says whose it is: a plan may keep that."""
    target = state[place[0]][place[1]]
    links = {
        (collection.table, link.here)
        for collection in case.collections
        for link in collection.links
        if isinstance(link, BelongsTo)
    }
    return [
        (table.name, n)
        for table in case.tables
        for foreign in table.foreign
        if foreign.target == place[0]
        for n, row in state[table.name].items()
        if points_at(foreign, row, target)
        if not table.lets_go(foreign)
        or (table.name, n) in lenient
        or any((table.name, name) in links for name in foreign.columns)
    ]


def unsure(case: Case, state: State, place: Place) -> bool:
    """A row refers to this one by a field that also says whose the row is, or that a rule of the store speaks of, or
    round a circle: the plan may take the row for kept, although the reference goes while it is carried out."""
    target = state[place[0]][place[1]]
    circle = _in_circle(case, place[0])
    links = {(each.table, link.here) for each in case.collections for link in each.links if isinstance(link, BelongsTo)}
    for table in case.tables:
        for foreign in table.foreign:
            linked = any((table.name, name) in links for name in foreign.columns)
            ruled = any(name in check for check in table.checks for name in foreign.columns)
            there = foreign.target == place[0] and (linked or ruled or circle)
            if there and any(points_at(foreign, row, target) for row in state[table.name].values()):
                return True
    return False


def _in_circle(case: Case, table: str) -> bool:
    """References and links lead from the table's rows back to the table."""
    edges = {(each.name, foreign.target) for each in case.tables for foreign in each.foreign}
    for each in case.collections:
        for link in each.links:
            if isinstance(link, SharedThrough):
                edges.add((each.table, case.table_of(link.through)))
            elif any(other.id == link.target for other in case.collections):
                edges.add((each.table, case.table_of(link.target)))
    reached = {target for source, target in edges if source == table}
    while more := {target for source, target in edges if source in reached} - reached:
        reached |= more
    return table in reached


def compare(case: Case, before: State, after: State, expected: Expected, plan: Plan) -> list[str]:
    """What is wrong with ``after``, one sentence each; empty when nothing is."""
    return [
        *_gone(case, before, after, expected),
        *_changed(case, before, after, expected),
        *_left(case, before, after, expected, plan),
    ]


def _gone(case: Case, before: State, after: State, expected: Expected) -> Iterator[str]:
    for table in case.tables:
        for n in before[table.name].keys() - after[table.name].keys():
            if (table.name, n) not in expected.due:
                yield f"DELETED {table.name} {n}, which must stay"
        for n in after[table.name].keys() - before[table.name].keys():
            yield f"APPEARED {table.name} {n}"


def _changed(case: Case, before: State, after: State, expected: Expected) -> Iterator[str]:
    for table in case.tables:
        for n, row in after[table.name].items():
            old = before[table.name].get(n)
            for column in row if old is not None else ():
                cell = (table.name, n, column)
                if old is None or old[column] == row[column]:
                    continue
                allowed = cell in expected.fields or cell in expected.mentions or cell in expected.loose
                emptied = cell[:2] not in expected.held and _emptied(case, before, after, table, cell)
                if not (allowed and is_blank(row[column])) and not emptied:
                    yield f"CHANGED {table.name} {n}.{column} from {old[column]!r} to {row[column]!r}, which must stay"


def _emptied(case: Case, before: State, after: State, table: Table, cell: Cell) -> bool:
    """The store itself emptied the reference (SET NULL), since what it pointed at was deleted."""
    for foreign in table.foreign:
        if cell[2] in foreign.columns and table.lets_go(foreign):
            old, new = before[table.name][cell[1]], after[table.name][cell[1]]
            gone = before[foreign.target].keys() - after[foreign.target].keys()
            there = tuple(old[name] for name in foreign.columns)
            pointed = any(
                tuple(before[foreign.target][n][name] for name in foreign.target_columns) == there for n in gone
            )
            if pointed and new[cell[2]] is None:
                return True
    return False


def _left(case: Case, before: State, after: State, expected: Expected, plan: Plan) -> Iterator[str]:
    said = {(blocked.collection, word) for blocked in plan.blocked for word in re.findall(r"\w+", blocked.reason)}
    rules = {blocked.collection for blocked in plan.blocked if blocked.code == "RULE"}
    keyless = {blocked.collection for blocked in plan.blocked if blocked.code == "NO-KEY"}
    for (table, n), collection in expected.due.items():
        if n not in after[table] or collection in keyless or (table, n) in expected.maybe:
            continue
        if not referrers(case, after, (table, n), expected.held) and not unsure(case, before, (table, n)):
            yield f"LEFT {table} {n} of {collection}, due, and nothing refers to it"
    for cells, what in ((expected.fields, "field"), (expected.mentions, "mention")):
        for (table, n, column), collection in cells.items():
            row = after[table].get(n)
            if row is None or is_blank(row[column]) or collection in keyless | rules or (table, n) in expected.maybe:
                continue
            if (collection, column) not in said:
                yield f"UNMASKED {table} {n}.{column} ({what}) = {row[column]!r}, due, and the plan does not say why"
