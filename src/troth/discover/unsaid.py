"""What lines that are there do not say of their tables, and only their own line can say: links, and paths into JSON.

Somebody wrote these lines, so nothing is put into them: what they lack is told with their places. Who does not want it
says so under ``not_personal``, and is not told again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from troth.core.diagnostics import Mark
from troth.discover.facts import Facts
from troth.discover.guessing import Guesses
from troth.discover.tablelines import json_words, links, personal_paths
from troth.discover.words import PolicyWords
from troth.systems.model import BelongsTo, SharedThrough, System, TableLine
from troth.systems.resolve import field_origin, lines_of


@dataclass(frozen=True, slots=True)
class ByHand:
    """``words`` that the line at ``mark`` lacks, for ``table``."""

    mark: Mark
    table: str
    words: str
    reason: str


def unsaid(
    known: System, tables: Iterable[str], facts: Facts, guesses: Guesses, words: PolicyWords
) -> tuple[ByHand, ...]:
    return tuple(each for table in tables for each in _of(known, table, facts, guesses, words))


def _of(known: System, table: str, facts: Facts, guesses: Guesses, words: PolicyWords) -> Iterator[ByHand]:
    line, held, rooted = lines_of(known, table)[0], held_by(known, table), guesses.rooted.get(table)

    def open_(column: str, *unknown: str) -> bool:
        return column not in held and field_origin(known, line, table, column)[0] in unknown

    owned = any(isinstance(each, BelongsTo | SharedThrough) for each in line.links)
    for kind, edges in (("belongs_to", rooted.belongs), ("mentions", rooted.mentions)) if rooted else ():
        for edge in edges:
            if edge.certainty != "weak" and open_(edge.column, "undeclared", "convention"):
                yield ByHand(line.mark, table, f"{'mentions' if owned else kind}: {links([edge], [])}", edge.reason)
    found = personal_paths(facts, words, table)
    if paths := {path: item for path, item in found.items() if open_(path.partition(".")[0], "undeclared")}:
        yield ByHand(line.mark, table, json_words(paths), "keys or values like a person's")


def held_by(known: System, table: str) -> set[str]:
    """Columns that the lines written already need, whatever they hold."""
    return {column for line in lines_of(known, table) for column in _named_in(line)}


def _named_in(line: TableLine) -> Iterator[str]:
    yield from line.free_text
    yield from (name for name, _ in line.where)
    yield from (name.partition(".")[0] for name, _, _ in line.fields)
    yield from (here for link in line.links if (here := getattr(link, "here", None)))
    yield from (field for _, source, _ in line.events if (field := getattr(source, "field", None)))
