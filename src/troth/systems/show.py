"""What ``troth systems show TABLE`` prints, as data: every value of a table, and the line that gave it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from troth.core.diagnostics import Mark
from troth.systems.model import (
    BelongsTo,
    Collection,
    EventSource,
    FieldRule,
    InRow,
    Latest,
    Link,
    Mention,
    SharedThrough,
    StateOnly,
    System,
    TableLine,
    Through,
    Where,
)
from troth.systems.resolve import TableNames, field_origin, lines_of, resolve, skipping, structure_of


@dataclass(frozen=True, slots=True)
class Shown:
    """One value of one collection. ``mark`` is the line that gave it; ``None``: a convention or the live schema.

    ``kind``: collection, serves, key, where, person, column, path, event, link, free_text, not_personal, undeclared,
    missing.
    """

    collection: str
    kind: str
    name: str
    value: str
    mark: Mark | None
    origin: str = ""
    """For columns: ``fields``, ``items``, ``not_personal``, ``convention`` or ``undeclared``."""


def show(system: System, tables: Mapping[str, TableNames], table: str) -> tuple[Shown, ...]:
    """Everything the lines say about ``table``, in the order of its columns. Empty when there is no such table.

    ``table`` may also be the name of a collection (``table:`` in the file)."""
    named = [line for line in system.lines if line.pattern == table and line.table]
    behind = named[0].table if named and named[0].table else table
    if behind not in tables:
        return ()
    lines = named or lines_of(system, behind)
    if not lines:
        marks = skipping(system, behind)
        kind = "not_personal" if marks else "undeclared"
        words = "declared not personal" if marks else "no line declares this table"
        return (Shown(f"{system.id}.{behind}", kind, behind, words, marks[-1] if marks else None),)
    resolved = resolve(system, tables)
    shown: list[Shown] = []
    for collection in resolved.collections:
        line = next((each for each in lines if each.mark == collection.mark), None)
        if collection.table != behind or line is None:
            continue
        shown += _collection(collection, line)
        shown += _columns(system, collection, line, tables[behind])
        shown += [
            Shown(collection.id, "missing", each.column, "the table has no such column", each.mark)
            for each in resolved.missing
            if each.collection == collection.id
        ]
    return tuple(shown)


def _collection(collection: Collection, line: TableLine) -> Iterator[Shown]:
    def one(kind: str, name: str, value: str, mark: Mark | None = line.mark) -> Shown:
        return Shown(collection.id, kind, name, value, mark)

    yield one("collection", collection.name, f"rows of {collection.table}")
    yield one("serves", "for", ", ".join(str(use) for use in collection.serves))
    yield one("key", "key", ", ".join(collection.key) or "none", line.mark if line.key else None)
    if collection.where:
        yield one("where", "where", words_of(collection.where))
    if collection.person:
        names_by = ", ".join(f"{kind} in {column}" for kind, column in collection.person.by.items())
        yield one("person", collection.person.subject or "person", f"by {names_by}")
    for link in collection.links:
        yield one("link", *_link(link), link.mark)
    for event, source in collection.events.items():
        yield one("event", event, _source(source), collection.event_marks[event])
    for column in collection.free_text:
        yield one("free_text", column, "may name others; not searched")


def _columns(system: System, collection: Collection, line: TableLine, names: TableNames) -> Iterator[Shown]:
    for column in names.columns:
        origin, rule, mark = field_origin(system, line, collection.table, column)
        words = _rule(rule) if rule else _NOT[origin]
        if origin == "undeclared" and column in structure_of(collection):
            words, origin, mark = "a key, link, event or condition of this table", "structure", line.mark
        elif origin == "undeclared" and (paths := [each for each in collection.fields if _inside(each.name, column)]):
            words, origin, mark = "a document; its paths are below", "structure", paths[0].mark
        yield Shown(collection.id, "column", column, words, mark, origin)
    for mapped in collection.fields:
        if mapped.name not in names.columns:
            yield Shown(collection.id, "path", mapped.name, _rule(mapped.rule), mapped.mark, "fields")


_NOT = {
    "not_personal": "not personal",
    "convention": "not personal by its name (a convention)",
    "undeclared": "no line says what this holds",
}


def _inside(name: str, column: str) -> bool:
    return name.startswith(f"{column}.")


def _rule(rule: FieldRule) -> str:
    words = [rule.item]
    words += [f"as {rule.form}"] if rule.form else []
    words += ["encrypted by the application"] if rule.encrypted else []
    words += [f"masked with '{rule.blank}'"] if rule.blank is not None else []
    words += [f"for {', '.join(str(use) for use in rule.serves)}"] if rule.serves is not None else []
    return ", ".join(words)


def _link(link: Link) -> tuple[str, str]:
    match link:
        case BelongsTo():
            return link.here, f"belongs to {link.target}" + _there(link.there, link.when)
        case Mention():
            return link.here, f"mentions {link.target}" + _there(link.there, link.when)
        case SharedThrough():
            return link.here or "key", f"shared through {link.through}, column {link.there}"


def _there(there: str | None, when: Where) -> str:
    return (f", column {there}" if there else "") + (f", when {words_of(when)}" if when else "")


def _source(source: EventSource) -> str:
    match source:
        case InRow():
            return source.field + (f", when {words_of(source.where)}" if source.where else "")
        case StateOnly():
            return f"a state without a date: {words_of(source.where)}"
        case Latest():
            return f"the latest {source.field} in {source.collection}, whose {source.there} is this row's {source.here}"
        case Through():
            return f"{source.event} of {source.collection}, whose {source.there} is this row's {source.here}"


def words_of(where: Where) -> str:
    """A row condition in words: ``role is owner or member and active is true``."""
    return " and ".join(f"{column} is {' or '.join(_plain(value) for value in values)}" for column, values in where)


def _plain(value: object) -> str:
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
