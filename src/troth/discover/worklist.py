"""What a person has to look at in a draft, the riskiest first.

Risk is what a wrong guess does: a wrong link or a wrong table of people deletes rows of others; something left out is
neither checked nor erased; a wrong name for an item only says the wrong word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from troth.discover.facts import Facts
from troth.discover.frameworks import type_column
from troth.discover.guessing import Guesses

Risk: TypeAlias = Literal["deletes", "left_out", "delays", "names"]
ORDER: dict[Risk, int] = {"deletes": 0, "left_out": 1, "delays": 2, "names": 3}


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to decide. ``where``: tables or ``table.column``; ``rows``: of all these tables together."""

    risk: Risk
    where: tuple[str, ...]
    question: str
    reason: str
    rows: int


def worklist(facts: Facts, guesses: Guesses, only: frozenset[str] | None = None) -> tuple[Task, ...]:
    """Everything that is weak or open. ``only``: the tables, and columns as ``table.column``, that matter: those of a
    draft for what has changed."""
    tasks = [*_links(facts, guesses), *_left_out(facts, guesses), *_events(facts, guesses)]
    if only is not None:
        tasks = [task for task in tasks if any(each in only or each.partition(".")[0] in only for each in task.where)]
    return tuple(sorted(tasks, key=lambda task: (ORDER[task.risk], -task.rows, task.where)))


def _rows(facts: Facts, *tables: str) -> int:
    return sum(facts.tables[name].rows or 0 for name in tables)


def _links(facts: Facts, guesses: Guesses) -> Iterator[Task]:
    for name, person in guesses.people.items():
        if person.certainty == "weak":
            yield Task("deletes", (name,), "are its rows people?", person.reason, _rows(facts, name))
    for name, rooted in guesses.rooted.items():
        for shared in rooted.shared:
            question = f"do its rows stay until the last of {shared.owners} is gone?"
            yield Task("deletes", (name,), question, shared.reason, _rows(facts, name))
        weak = [each for each in rooted.belongs if each.certainty == "weak"]
        for edge in weak[:1]:
            question = f"do its rows go with the row of {edge.target} that {edge.column} names?"
            yield Task("deletes", (f"{name}.{edge.column}",), question, edge.reason, _rows(facts, name))
        if not rooted.owned and not rooted.mentions and name not in guesses.people:
            yield Task("left_out", (name,), "whose are its rows?", rooted.reason, _rows(facts, name))


def _left_out(facts: Facts, guesses: Guesses) -> Iterator[Task]:
    columns: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in guesses.undecided:
        if each.column is None:
            yield Task("left_out", (each.table,), "whose are its rows, or nobody's?", each.reason, each.rows or 0)
        else:
            columns[each.column, each.reason].append(each.table)
    for (column, reason), tables in columns.items():
        where = tuple(f"{table}.{column}" for table in tables)
        yield Task("left_out", where, "what does it hold?", reason, _rows(facts, *tables))
    for name, table in facts.tables.items():
        for column in _unread(guesses, facts, name):
            question = "which of its types are people's rows?"
            yield Task(
                "left_out", (f"{name}.{column}",), question, "polymorphic, and no type was seen", table.rows or 0
            )


def _unread(guesses: Guesses, facts: Facts, name: str) -> Iterator[str]:
    """Polymorphic references of which nothing is known: neither rows nor a usual name."""
    table = facts.tables[name]
    rooted = guesses.rooted.get(name)
    used = {each.column for each in (*rooted.belongs, *rooted.mentions)} if rooted else set()
    for column in table.names:
        kind = type_column(table, column)
        if kind is not None and column not in used and not table.of(kind).words:
            yield column


def _events(facts: Facts, guesses: Guesses) -> Iterator[Task]:
    for name in guesses.people:
        events = [each for each in guesses.events.get(name, ()) if each.event != "recorded"]
        if not events:
            yield Task(
                "delays", (name,), "when is a person's account over?", "no soft delete was found", _rows(facts, name)
            )
        for event in events:
            if event.certainty == "weak":
                yield Task("delays", (f"{name}.{event.column}",), "is that the end?", event.reason, _rows(facts, name))
