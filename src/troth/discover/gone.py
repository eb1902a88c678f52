"""Which lines of a system name something that the schema does not have any more, wholly or in part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from troth.core.diagnostics import Mark
from troth.systems.globs import alternatives, matches
from troth.systems.model import System
from troth.systems.resolve import TableNames, resolve


def gone(system: System, tables: Mapping[str, TableNames]) -> tuple[str, ...]:
    """Each line with its place, in words: one that matches nothing, a name among others in braces that does not, and a
    column that a line needs."""
    resolved = resolve(system, tables)
    unused, patterns = set(resolved.unused), dict(_patterns(system))
    found = [(mark, f"{patterns.get(mark, 'this line')} matches nothing") for mark in unused]
    for mark, pattern in patterns.items():
        parts = alternatives(pattern) if mark not in unused and "{" in pattern else ()
        if names := [each for each in parts if not _is_there(each, tables)]:
            found.append((mark, f"{', '.join(names)} in {pattern} matches nothing"))
    found += [(each.mark, f"{each.collection} has no column {each.column}") for each in resolved.missing]
    return tuple(f"{mark}: {words}" for mark, words in sorted(found))


def _patterns(system: System) -> Iterator[tuple[Mark, str]]:
    yield from ((line.mark, line.table or line.pattern) for line in system.lines)
    yield from ((mark, pattern) for pattern, _, mark in system.items)
    yield from ((mark, pattern) for pattern, mark in system.not_personal)
    yield from ((mark, name) for name, _, mark in system.events)


def _is_there(pattern: str, tables: Mapping[str, TableNames]) -> bool:
    """Whether a table or a column has the name, or ``table.column`` is one."""
    of, _, column = pattern.rpartition(".")
    return (
        "{" in pattern
        or any(matches(pattern, name) for table, names in tables.items() for name in (table, *names.columns))
        or any(matches(of, table) and matches(column, name) for table in tables for name in tables[table].columns)
    )
