"""Whether a world could have been generated: the store takes its rows, and every line names what is there."""

from __future__ import annotations

from collections.abc import Iterator

from tests.model.memory import memories
from tests.model.spec import Case, Table

from troth.stores.contract import ChangeRefused
from troth.systems.model import BelongsTo, Collection, InRow, Latest, Mention, SharedThrough, StateOnly, Through


def sound(case: Case) -> bool:
    return _tables(case) and all(_lines(case, each) for each in case.collections) and _people(case) and _rows(case)


def columns(table: Table) -> set[str]:
    return {column.name for column in table.columns}


def _tables(case: Case) -> bool:
    names = {table.name for table in case.tables}
    return all(
        foreign.target in names and {*foreign.target_columns} <= columns(case.table(foreign.target))
        for table in case.tables
        for foreign in table.foreign
    )


def _lines(case: Case, collection: Collection) -> bool:
    """Two collections of one table never have a row in common."""
    same = [each for each in case.collections if each.table == collection.table]
    apart = len(same) == 1 or (all(each.where for each in same) and len({each.where for each in same}) == len(same))
    there = ((case_id, name) for case_id, name in _named_elsewhere(collection))
    known = {each.id: columns(case.table(each.table)) for each in case.collections}
    found = all(name in known.get(case_id, {name}) for case_id, name in there)
    return apart and found and _named(collection) <= columns(case.table(collection.table))


def _people(case: Case) -> bool:
    for name, keys in (case.people or {}).items():
        collection = next((each for each in case.collections if each.id == name), None)
        if collection is None or not {key[0] for key in keys} <= {
            row.get(collection.key[0]) for row in case.rows[collection.table]
        }:
            return False
    return True


def _rows(case: Case) -> bool:
    try:
        for store in memories(case).values():
            store.verify()
    except (ChangeRefused, KeyError):
        return False
    return True


def _named(collection: Collection) -> set[str]:
    found = {*collection.key, *(name for name, _ in collection.where), *(mapped.name for mapped in collection.fields)}
    for link in collection.links:
        match link:
            case SharedThrough(here=here):
                found.add(here or collection.key[0])
            case BelongsTo(here=here, when=when) | Mention(here=here, when=when):
                found |= {here, *(name for name, _ in when)}
    for source in collection.events.values():
        match source:
            case InRow(field=name, where=where):
                found |= {name, *(each for each, _ in where)}
            case StateOnly(where=where):
                found |= {each for each, _ in where}
            case Latest(here=here) | Through(here=here):
                found.add(here)
    return found


def _named_elsewhere(collection: Collection) -> Iterator[tuple[str, str]]:
    for link in collection.links:
        match link:
            case SharedThrough(through=name, there=there):
                yield name, there
            case BelongsTo(target=name, there=other) | Mention(target=name, there=other) if other is not None:
                yield name, other
            case _:
                pass
    for source in collection.events.values():
        match source:
            case Latest(collection=name, there=there, field=field):
                yield name, there
                yield name, field
            case Through(collection=name, there=there):
                yield name, there
            case _:
                pass
