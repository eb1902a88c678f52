"""A failing world made smaller, piece by piece, for as long as it fails in the same way: what is left can be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from tests.model.sound import sound
from tests.model.spec import Case, Row, Table

from troth.policy.model import Processing, Purpose
from troth.systems.model import BelongsTo, Collection

T = TypeVar("T")


def smaller(case: Case, fails: Callable[[Case], bool], tries: int = 2_000) -> Case:
    """The smallest world reached by removing one thing after another while ``fails`` is true."""
    while tries:
        for candidate in _candidates(case):
            tries -= 1
            if sound(candidate) and fails(candidate):
                case = candidate
                break
            if not tries:
                return case
        else:
            return case
    return case


def _candidates(case: Case) -> Iterator[Case]:
    for table in case.tables[1:]:
        yield replace(
            case,
            tables=tuple(each for each in case.tables if each is not table),
            collections=tuple(each for each in case.collections if each.table != table.name),
            held={name: keys for name, keys in case.held.items() if case.table_of(name) != table.name},
        )
    yield from _smaller_around(case)
    for name, rows in case.rows.items():
        for row in rows if name in {table.name for table in case.tables} else ():
            yield replace(case, rows={**case.rows, name: tuple(each for each in rows if each is not row)})
    for at, collection in enumerate(case.collections):
        for less in _smaller_collection(collection):
            yield replace(case, collections=_at(case.collections, at, less))
        if collection.person is None:
            yield replace(case, collections=_at(case.collections, at, None))
    for at, table in enumerate(case.tables):
        for less_table in _smaller_table(table):
            kept = {column.name for column in less_table.columns}
            rows = tuple({name: value for name, value in row.items() if name in kept} for row in case.rows[table.name])
            yield replace(case, tables=_at(case.tables, at, less_table), rows={**case.rows, table.name: rows})
    yield from _smaller_policy(case)
    for name, rows in case.rows.items():
        for at, row in enumerate(rows):
            for column, value in row.items():
                if value is not None and column != "n":
                    less_row: Row = {**row, column: None}
                    yield replace(case, rows={**case.rows, name: _at(rows, at, less_row)})


def _smaller_around(case: Case) -> Iterator[Case]:
    if case.batch != 10_000:
        yield replace(case, batch=10_000)
    for name in case.held:
        yield replace(case, held={other: keys for other, keys in case.held.items() if other != name})
    if case.frozen:
        yield replace(case, frozen=frozenset())
    if case.policy.controller.zone != "UTC":
        yield replace(case, policy=replace(case.policy, controller=replace(case.policy.controller, zone="UTC")))
    systems = {name: system for name, system in case.data_map.systems.items() if name in case.systems}
    if any(system.zone != "UTC" for system in systems.values()) or len(systems) < len(case.data_map.systems):
        plain = {name: replace(system, zone="UTC") for name, system in systems.items()}
        yield replace(case, data_map=replace(case.data_map, systems=plain))
        yield replace(case, data_map=replace(case.data_map, systems=systems))
    for name, keys in (case.people or {}).items():
        if len(keys) > 1 or len(case.people or {}) > 1:
            for key in keys:
                fewer = tuple(each for each in keys if each != key)
                others = {other: each for other, each in (case.people or {}).items() if other != name}
                yield replace(case, people={**others, **({name: fewer} if fewer else {})})


def _smaller_collection(collection: Collection) -> Iterator[Collection]:
    for link in collection.links:
        yield replace(collection, links=tuple(each for each in collection.links if each is not link))
        if isinstance(link, BelongsTo) and link.when:
            always = replace(link, when=())
            yield replace(collection, links=tuple(always if each is link else each for each in collection.links))
    for event in collection.events:
        yield replace(collection, events={name: source for name, source in collection.events.items() if name != event})
    for mapped in collection.fields:
        yield replace(collection, fields=tuple(each for each in collection.fields if each is not mapped))
        if mapped.rule.serves is not None or mapped.rule.blank is not None:
            plain = replace(mapped, rule=replace(mapped.rule, serves=None, blank=None))
            yield replace(collection, fields=tuple(plain if each is mapped else each for each in collection.fields))
    if len(collection.serves) > 1:
        for use in collection.serves:
            yield replace(collection, serves=tuple(each for each in collection.serves if each != use))
    if collection.where:
        yield replace(collection, where=())


def _smaller_table(table: Table) -> Iterator[Table]:
    for foreign in table.foreign:
        yield replace(table, foreign=tuple(each for each in table.foreign if each is not foreign))
        if foreign.on_delete != "NO ACTION":
            plain = replace(foreign, on_delete="NO ACTION")
            yield replace(table, foreign=tuple(plain if each is foreign else each for each in table.foreign))
    for check in table.checks:
        yield replace(table, checks=tuple(each for each in table.checks if each is not check))
    for column in table.columns:
        used = {*table.key, "n", *(name for foreign in table.foreign for name in foreign.columns)}
        if column.name not in used and not any(column.name in check for check in table.checks):
            yield replace(table, columns=tuple(each for each in table.columns if each is not column))
        if column.name not in (*table.key, "n") and (not column.null or column.unique):
            plain_column = replace(column, null=True, unique=False)
            yield replace(table, columns=tuple(plain_column if each is column else each for each in table.columns))


def _smaller_policy(case: Case) -> Iterator[Case]:
    for processing in case.policy.processings.values():
        served = {str(use) for each in case.collections for use in each.serves}
        served |= {str(use) for each in case.collections for mapped in each.fields for use in mapped.rule.serves or ()}
        for purpose in processing.purposes.values():
            if f"{processing.id}.{purpose.id}" not in served and len(processing.purposes) > 1:
                fewer = {name: each for name, each in processing.purposes.items() if each is not purpose}
                yield _with(case, replace(processing, purposes=fewer))
            for less in _smaller_purpose(processing, purpose):
                yield _with(case, replace(processing, purposes={**processing.purposes, purpose.id: less}))


def _smaller_purpose(processing: Processing, purpose: Purpose) -> Iterator[Purpose]:
    for rule in purpose.rules if len(purpose.rules) > 1 else ():
        yield replace(purpose, rules=tuple(each for each in purpose.rules if each is not rule))
    if len(purpose.items) < len(processing.items):
        yield replace(purpose, items=tuple(processing.items))


def _with(case: Case, processing: Processing) -> Case:
    processings: Mapping[str, Processing] = {**case.policy.processings, processing.id: processing}
    return replace(case, policy=replace(case.policy, processings=processings))


def _at(values: tuple[T, ...], at: int, value: T | None) -> tuple[T, ...]:
    return (*values[:at], *([] if value is None else [value]), *values[at + 1 :])
