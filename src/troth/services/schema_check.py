"""troth check --schema: is every table and column declared? For a pull request, on the database its migrations make.

Only the catalogue is asked, no row is read; what is not declared comes with the line to add, guessed from its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from troth.discover.columns import ColumnGuess
from troth.discover.drafting import Place, draft
from troth.discover.facts import Facts, TableFacts
from troth.discover.guessing import Guesses, guess
from troth.discover.words import PolicyWords
from troth.discover.writing import Line, key_of
from troth.planning.check import CheckDraft, Measure, draft_check
from troth.planning.verdicts import conclude
from troth.services.checking import Checked, checked_of
from troth.services.looking import look
from troth.services.project import Project
from troth.stores.contract import Schema
from troth.systems.globs import matches
from troth.systems.model import System


def check_schema(project: Project, on_step: Callable[[str], None]) -> Checked:
    """The closed lists alone, each finding with the line of ``systems.yaml`` that would declare it."""
    register = project.load()
    with look(register, project.secrets(), project.today(register)) as seen:
        closed = tuple(each for each in register.promises if each.kind == "closed_list")
        ids = {promise.id for promise in closed}
        drafted = draft_check(seen.world, seen.resolved, seen.reached.unreached)
        measures = [each for each in drafted.measures if ids.intersection(each.promises)]
        words = PolicyWords.of(register.policy)
        lines: dict[str, _Proposals] = {}
        for name, schema in seen.world.schemas.items():
            on_step(name)
            lines[name] = _Proposals.of(register.data_map.systems[name], schema, words)
        measures = [_proposed(each, lines) for each in measures]
        results = conclude(seen.world, closed, CheckDraft(tuple(measures), ()), {}, {})
        return checked_of(seen, results, ())


def _proposed(measure: Measure, lines: Mapping[str, _Proposals]) -> Measure:
    system, _, table = measure.collection.partition(".")
    match measure.code:
        case "CLOSED-TABLE":
            hint = lines[system].table(table)
        case "CLOSED-FIELD":
            hint = lines[system].column(table, measure.fields[0])
        case _:
            return measure
    return replace(measure, hint=hint or measure.hint)


class _Proposals:
    """Guesses about one system's schema, by names, types and foreign keys alone."""

    def __init__(self, guesses: Guesses, lines: tuple[Line, ...], words: PolicyWords) -> None:
        self._guesses, self._lines, self._words = guesses, lines, words

    @classmethod
    def of(cls, system: System, schema: Schema, words: PolicyWords) -> _Proposals:
        tables = [info for info in schema.collections if info.kind == "table" and info.part_of is None]
        facts = Facts({info.name: TableFacts(info) for info in tables})
        guesses = guess(facts)
        drafted = draft(facts, guesses, words, Place(system.id, system.store, system.read or ""), system)
        return cls(guesses, drafted.lines, words)

    def table(self, name: str) -> str:
        for line in self._lines:
            if line.section in ("people", "tables") and matches(line.key, name):
                return f"add under {line.section}:  {key_of(line.key)}: {line.value}  # guess: {line.reason}"
        if name in self._guesses.not_personal():
            return f"add under not_personal:  - {key_of(name)}  # guess: nothing in it looks personal"
        return ""

    def column(self, table: str, name: str) -> str:
        found = self._guesses.columns[table].get(name)
        return "" if found is None else _line(table, found, self._words)


def _line(table: str, found: ColumnGuess, words: PolicyWords) -> str:
    name = key_of(found.column)
    match found.holds:
        case "item":
            item = words.item(found.item)
            missing = "" if item else f"; policy.yaml has no item {found.item} yet"
            return (
                f"add to {table}:  fields: {{{name}: {item or found.item}}}  # guess: personal, {found.reason}{missing}"
            )
        case "free_text":
            return f"add to {table}:  free_text: [{name}]  # guess: {found.reason}"
        case "undecided":
            return ""
        case _:
            return f'add under not_personal:  - "{table}.{found.column}"  # guess: {found.reason}'
