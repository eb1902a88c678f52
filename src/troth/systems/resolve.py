"""What a system's lines mean for the tables that are really there. Pure: names in, values out.

The nearest line wins and replaces what a farther one says:

* which line a table has: its exact name, then patterns; of two patterns the later. A table with collections of other
  names (``table:``) has those, and the line of its own name if there is one; patterns pass it by.
* what a column holds: the table's own ``fields``/``json``, then the system's ``items`` and ``not_personal``, then the
  house's conventions. Inside one of these an exact name beats a pattern, and the later of two patterns wins; where
  ``items`` and ``not_personal`` are equally exact, ``not_personal`` does.
* which events a table has: its own, and the system's defaults whose columns it has.

Views, partitions and Troth's own ``troth_receipt`` are left out by the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar, assert_never

from troth.core.diagnostics import Mark
from troth.systems.conventions import not_personal_by_name
from troth.systems.globs import is_pattern, matches
from troth.systems.model import (
    BelongsTo,
    Collection,
    EventSource,
    FieldRule,
    InRow,
    Latest,
    Link,
    MappedField,
    Mention,
    Missing,
    Resolved,
    SharedThrough,
    StateOnly,
    System,
    TableLine,
    Through,
)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class TableNames:
    """The names a live table has: its columns in order, and those of its key."""

    columns: tuple[str, ...]
    key: tuple[str, ...] = ()


def resolve(system: System, tables: Mapping[str, TableNames]) -> Resolved:
    """Every collection of ``system`` among the live ``tables``; what no line declares; lines that match nothing."""
    work = _Work(system, tables)
    collections = [work.collection(line, table) for table in tables for line in lines_of(system, table)]
    undeclared = [table for table in tables if not lines_of(system, table) and not skipping(system, table)]
    return Resolved(
        collections=tuple(collections),
        undeclared_tables=tuple(undeclared),
        undeclared_fields=tuple(dict.fromkeys(work.undeclared_fields())),
        unused=tuple(sorted(work.unused())),
        missing=tuple(work.missing),
    )


def lines_of(system: System, table: str) -> tuple[TableLine, ...]:
    """The lines that a live table has, one for each of its collections."""
    named = [line for line in system.lines if line.table == table]
    own = [line for line in system.lines if line.table is None and line.pattern == table]
    if named or own:
        return (*own, *named)
    globs = [line for line in system.lines if line.table is None and _names(line.pattern, table)]
    return (globs[-1],) if globs else ()


def skipping(system: System, table: str) -> tuple[Mark, ...]:
    """The lines of ``not_personal`` that mean a table; a line that declares it is nearer than they are."""
    return tuple(mark for pattern, mark in system.not_personal if _skips(pattern, table))


def structure_of(collection: Collection) -> frozenset[str]:
    """The fields a collection is held together by: key, links, start events, row condition, free text."""
    names = {*collection.key, *collection.free_text, *(field for field, _ in collection.where)}
    for source in collection.events.values():
        names.update(_columns_of(source))
    for link in collection.links:
        names.update(_link_columns(link))
    return frozenset(names)


def column_of(name: str, columns: Iterable[str]) -> str | None:
    """The column that a field's dotted name begins with, among ``columns``: itself, or what is before the path."""
    if name in columns:
        return name
    head = name.partition(".")[0]
    return head if head in columns else None


def field_origin(system: System, line: TableLine, table: str, column: str) -> tuple[str, FieldRule | None, Mark | None]:
    """What wins for one column: the item's rule and the line that gives it; or no rule, with the line or convention
    (no mark) that says it is not personal; the first word tells which: ``fields``, ``items``, ``not_personal``,
    ``convention`` or ``undeclared``."""
    own = _best((rank, each) for each in line.fields if (rank := _rank(each[0], column)) is not None)
    if own is not None:
        return "fields", own[1][1], own[1][2]
    item = _best((rank, each) for each in system.items if (rank := _rank_in(each[0], table, column)) is not None)
    other = _best((rank, each) for each in system.not_personal if (rank := _not_in(each[0], table, column)) is not None)
    if item is not None and (other is None or item[0] > other[0]):
        return "items", item[1][1], item[1][2]
    if other is not None:
        return "not_personal", None, other[1][1]
    return ("convention" if not_personal_by_name(column) else "undeclared"), None, None


@dataclass(slots=True)
class _Work:
    system: System
    tables: Mapping[str, TableNames]
    missing: list[Missing] = field(default_factory=list)
    used: set[Mark] = field(default_factory=set)
    known: dict[str, set[str]] = field(default_factory=dict)
    """Per table, the columns that some line accounts for."""

    def collection(self, line: TableLine, table: str) -> Collection:
        names = self.tables[table]
        name = line.pattern if line.table else table
        identity = f"{self.system.id}.{name}"
        self.used.add(line.mark)
        key = line.key or names.key
        events, marks = self._events(line, names)
        made = Collection(
            id=identity,
            system=self.system.id,
            table=table,
            serves=line.serves,
            fields=self._fields(line, table),
            key=key,
            person=line.person,
            where=line.where,
            links=line.links,
            events=events,
            event_marks=marks,
            free_text=line.free_text,
            mark=line.mark,
        )
        self.known.setdefault(table, set()).update(structure_of(made))
        self._look_for_columns(line, made)
        return made

    def _fields(self, line: TableLine, table: str) -> tuple[MappedField, ...]:
        columns = self.tables[table].columns
        fields = []
        for column in columns:
            where, rule, mark = field_origin(self.system, line, table, column)
            if mark is not None:
                self.used.add(mark)
            if rule is not None and mark is not None:
                fields.append(MappedField(column, rule, mark))
            if where != "undeclared":
                self.known.setdefault(table, set()).add(column)
        for name, rule, mark in line.fields:
            column_name = column_of(name, columns)
            if "." in name and name not in columns and column_name is not None:
                self.used.add(mark)
                self.known.setdefault(table, set()).add(column_name)
                fields.append(MappedField(name, rule, mark))
        return tuple(fields)

    def _events(self, line: TableLine, names: TableNames) -> tuple[dict[str, EventSource], dict[str, Mark]]:
        events: dict[str, EventSource] = {}
        marks: dict[str, Mark] = {}
        own = {name for name, _, _ in line.events}
        for name, source, mark in self.system.events:
            if name not in own and all(column_of(each, names.columns) for each in _columns_of(source)):
                events[name], marks[name] = source, mark
                self.used.add(mark)
        for name, source, mark in line.events:
            events[name], marks[name] = source, mark
        return {name: self._with_keys(source, names) for name, source in events.items()}, marks

    def _with_keys(self, source: EventSource, names: TableNames) -> EventSource:
        """Empty ends of an event's link are keys: this table's ``here``, the other's ``there``."""
        if isinstance(source, Latest) and not source.here and len(names.key) == 1:
            return replace(source, here=names.key[0])
        if isinstance(source, Through) and not source.there:
            system, _, table = source.collection.partition(".")
            lines = [line for line in self.system.lines if line.pattern == table]
            behind = lines[0].table if lines and lines[0].table else table
            key = lines[0].key if lines and lines[0].key else None
            key = key or (self.tables[behind].key if system == self.system.id and behind in self.tables else ())
            if len(key) == 1:
                return replace(source, there=key[0])
        return source

    def _look_for_columns(self, line: TableLine, made: Collection) -> None:
        """Columns that the line names and the table does not have: said, never silently dropped."""
        columns = self.tables[made.table].columns

        def need(name: str, mark: Mark) -> None:
            if not column_of(name, columns):
                self.missing.append(Missing(made.id, name, mark))

        for name in line.key or ():
            need(name, line.mark)
        for name in (*(column for column, _ in line.where), *line.free_text):
            need(name, line.mark)
        for name in line.person.by.values() if line.person else ():
            need(name, line.mark)
        for link in line.links:
            for name in _link_columns(link):
                need(name, link.mark)
        for event, source in made.events.items():
            for name in _columns_of(source):
                need(name, made.event_marks[event])

    def undeclared_fields(self) -> Iterable[tuple[str, str]]:
        for table, known in self.known.items():
            heads = known | {name.partition(".")[0] for name in known}
            for column in self.tables[table].columns:
                if column not in heads:
                    yield table, column

    def unused(self) -> set[Mark]:
        """Lines that nothing here needed. Own events and links are needed wherever their table is."""
        system = self.system
        for table in self.tables:
            self.used.update(skipping(system, table))
        every = {line.mark for line in system.lines}
        every |= {mark for _, _, mark in (*system.items, *system.events)}
        every |= {mark for _, mark in system.not_personal}
        every |= {mark for line in system.lines for _, _, mark in line.fields}
        return every - self.used


def _best(ranked: Iterable[tuple[int, _T]]) -> tuple[int, _T] | None:
    """The most exact one; of equally exact ones the last."""
    best = None
    for each in ranked:
        if best is None or each[0] >= best[0]:
            best = each
    return best


def _rank(pattern: str, column: str) -> int | None:
    """How exactly a pattern names a column: 1 by its name, 0 by a glob; ``None`` when it does not."""
    if pattern == column:
        return 1
    return 0 if matches(pattern, column) else None


def _rank_in(pattern: str, table: str, column: str) -> int | None:
    """Like ``_rank``, for patterns that may name the table too: 2 when both are names."""
    of, dot, name = pattern.rpartition(".")
    if not dot:
        return _rank(pattern, column)
    if not (matches(of, table) and matches(name, column)):
        return None
    return 2 - is_pattern(of) - is_pattern(name) if not is_pattern(name) else 0


def _not_in(pattern: str, table: str, column: str) -> int | None:
    return _rank_in(pattern, table, column) if "." in pattern else None


def _skips(pattern: str, table: str) -> bool:
    """Whether a line of ``not_personal`` means this table. ``*.name`` always means columns."""
    if "." in pattern and ("." not in table or pattern.startswith("*.")):
        return False
    return matches(pattern, table)


def _names(pattern: str, table: str) -> bool:
    return is_pattern(pattern) and matches(pattern, table)


def _columns_of(source: EventSource) -> tuple[str, ...]:
    """The columns of this table that an event's source needs."""
    match source:
        case InRow(field=column, where=where):
            return (column, *(name for name, _ in where))
        case StateOnly(where=where):
            return tuple(name for name, _ in where)
        case Latest(here=here) | Through(here=here):
            return (here,) if here else ()
        case _:
            assert_never(source)


def _link_columns(link: Link) -> tuple[str, ...]:
    match link:
        case BelongsTo(here=here, when=when) | Mention(here=here, when=when):
            return (here, *(name for name, _ in when))
        case SharedThrough(here=here):
            return (here,) if here else ()
        case _:
            assert_never(link)
