"""What a first look says of a database nobody has described: personal data, how old, and what looks wrong. Pure.

``questions`` says what to count in the store; ``look_at`` puts the answers and the guesses together. Findings from a
sample say how large it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from troth.discover.events import EventGuess
from troth.discover.facts import Facts, TableFacts
from troth.discover.guessing import Guesses
from troth.stores.conditions import Blank, Condition, Everything, Field, Held, Matches, both
from troth.stores.contract import Count

LARGE = 10_000
"""Rows from which a query without an index is slow enough to matter."""

_ENDS = frozenset({"account_closed", "employment_ended"})

Kind: TypeAlias = Literal["age", "closed_held"]
Relation: TypeAlias = Literal["people", "of", "shared", "mentions", "nobody"]
Wrong: TypeAlias = Literal["LOOK-CLOSED", "LOOK-IP", "LOOK-CARD", "LOOK-PASSWORD", "LOOK-INDEX"]


@dataclass(frozen=True, slots=True)
class Question:
    """One count. ``start``: the column whose oldest and latest moment are wanted."""

    kind: Kind
    table: str
    where: Condition
    start: str | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """One table with personal data: ``items`` → their columns. ``relation``: whose its rows are, by table ``target``.
    ``oldest``: by the row's own date, where it has one; ``months``: that date in the sample, month → how many."""

    table: str
    rows: int | None
    items: Mapping[str, tuple[str, ...]]
    relation: Relation
    target: str
    oldest: datetime | None
    latest: datetime | None
    months: Mapping[str, int]

    @property
    def whose(self) -> str:
        words = {"people": "people", "mentions": "names people", "nobody": "nobody knows whose"}
        words |= {"of": f"of {self.target}", "shared": f"shared through {self.target}"}
        return words[self.relation]


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Something that looks wrong. ``rows``: exact, or ``None`` where only a sample tells: ``hits`` of ``drawn``."""

    code: Wrong
    table: str
    column: str
    message: str
    hint: str
    rows: int | None = None
    hits: int = 0
    drawn: int = 0
    scheme: Literal["", "fast", "unknown"] = ""
    """Of passwords: how they are kept."""

    @property
    def sampled(self) -> str:
        return f"{self.hits} of {self.drawn} sampled" if self.drawn else ""


@dataclass(frozen=True, slots=True)
class Sight:
    """The whole look. ``others``: tables in which nothing personal was seen; ``undecided``: of whom nobody knows."""

    holdings: tuple[Holding, ...]
    suspicions: tuple[Suspicion, ...]
    others: tuple[str, ...]
    undecided: tuple[str, ...]
    unread: tuple[str, ...]


def questions(facts: Facts, guesses: Guesses) -> tuple[Question, ...]:
    """What to count: how old the rows are, and what rows that are over still hold."""
    found: list[Question] = []
    for name in guesses.rooted:
        table = facts.tables[name]
        if not table.rows:
            continue
        start = _start(guesses.events[name])
        if start is not None:
            found.append(Question("age", name, Everything(), start.column))
        found.extend(_closed(table, guesses))
    return tuple(found)


def _start(events: tuple[EventGuess, ...]) -> EventGuess | None:
    return next((each for each in events if not each.states and each.event in {"recorded", "billed"}), None)


def _closed(table: TableFacts, guesses: Guesses) -> Iterator[Question]:
    """People whose rows say that they are over, and still hold an e-mail."""
    ends = [each for each in guesses.events[table.name] if each.event in _ENDS]
    by = dict(guesses.people[table.name].by) if table.name in guesses.people else {}
    held = by.get("email") or by.get("phone")
    if ends and held:
        field = Field(ends[0].column)
        over: Condition = Matches(field, ends[0].states) if ends[0].states else Held(field, Blank())
        yield Question("closed_held", table.name, both(over, Held(Field(held), Blank("constant", ""))), None, held)


def look_at(facts: Facts, guesses: Guesses, answers: Mapping[Question, Count]) -> Sight:
    ages = {each.table: answers[each] for each in answers if each.kind == "age"}
    holdings = [_holding(facts.tables[name], guesses, ages.get(name)) for name in guesses.rooted]
    holdings.sort(key=lambda each: (not each.items, -(each.rows or 0), each.table))
    suspicions = [*_over(guesses, answers)]
    for table in facts.tables.values():
        suspicions += [*_values(table, guesses)]
    suspicions += [*_indexes(facts, guesses)]
    return Sight(
        tuple(holdings),
        tuple(suspicions),
        guesses.not_personal(),
        tuple(each.table for each in guesses.undecided if each.column is None),
        facts.undeclared,
    )


def _holding(table: TableFacts, guesses: Guesses, age: Count | None) -> Holding:
    items: dict[str, list[str]] = {}
    for each in guesses.columns[table.name].values():
        if each.holds == "item" and each.item != "json":
            items.setdefault(each.item, []).append(each.column)
        elif each.holds == "free_text":
            items.setdefault("free text", []).append(each.column)
    rooted = guesses.rooted[table.name]
    relation: Relation = "mentions" if rooted.mentions else "nobody"
    target = ""
    if table.name in guesses.people:
        relation = "people"
    elif rooted.belongs:
        relation, target = "of", rooted.belongs[0].target
    elif rooted.shared:
        relation, target = "shared", rooted.shared[0].owners
    kept = {item: tuple(columns) for item, columns in items.items()}
    oldest, latest = (age.oldest, age.latest) if age else (None, None)
    start = _start(guesses.events[table.name])
    months = table.of(start.column).months if start else {}
    return Holding(table.name, table.rows, kept, relation, target, oldest, latest, months)


def _over(guesses: Guesses, answers: Mapping[Question, Count]) -> Iterator[Suspicion]:
    for question, count in answers.items():
        if question.kind == "closed_held" and count.rows and question.field:
            ends = next(each.column for each in guesses.events[question.table] if each.event in _ENDS)
            message = f"people who are over ({ends}) still have {question.field}"
            hint = "a soft delete is no erasure: say when it ends in retain, and let troth plan retention find them"
            yield Suspicion("LOOK-CLOSED", question.table, question.field, message, hint, count.rows)


def _values(table: TableFacts, guesses: Guesses) -> Iterator[Suspicion]:
    for info in table.columns:
        seen, guess = table.of(info.name), guesses.columns[table.name][info.name]
        if not seen.filled:
            continue
        if (hits := seen.shapes.get("ip_full", 0)) and (guess.item == "ip" or seen.share("ip_full") > 0.5):
            hint = "a policy that speaks of half an address says form: first-half"
            message = "whole network addresses"
            yield Suspicion("LOOK-IP", table.name, info.name, message, hint, None, hits, seen.filled)
        if (hits := seen.shapes.get("card", 0)) and (guess.item == "card" or seen.share("card") >= 0.05):
            message = "payment card numbers (Luhn, known issuers)"
            hint = "nobody needs them in clear: keep the payment service's token"
            yield Suspicion("LOOK-CARD", table.name, info.name, message, hint, None, hits, seen.filled)
        if guess.item == "password":
            yield from _password(table.name, info.name, table)


def _password(table: str, column: str, facts: TableFacts) -> Iterator[Suspicion]:
    seen = facts.of(column)
    slow = seen.shapes.get("password_slow", 0)
    weak = seen.shapes.get("password_fast", 0) + seen.shapes.get("digest", 0)
    rest = seen.filled - slow - weak
    hint = "hash them anew with argon2 or bcrypt at the next sign-in; say form: hashed in policy.yaml"
    if weak > 0:
        message = "passwords under a fast or unsalted digest"
        yield Suspicion("LOOK-PASSWORD", table, column, message, hint, None, weak, seen.filled, "fast")
    if rest > 0:
        message = "passwords under no scheme known here, maybe in clear"
        yield Suspicion("LOOK-PASSWORD", table, column, message, hint, None, rest, seen.filled, "unknown")


def _indexes(facts: Facts, guesses: Guesses) -> Iterator[Suspicion]:
    """Large tables whose start event no index begins with: each retention query reads all of them."""
    for name in guesses.rooted:
        table = facts.tables[name]
        start = _start(guesses.events[name])
        if start is None or (table.rows or 0) < LARGE:
            continue
        if not any(fields and fields[0] == start.column for fields in table.info.indexed):
            message = f"no index begins with {start.column}: what is past its time is found by reading every row"
            yield Suspicion("LOOK-INDEX", name, start.column, message, f"add one on ({start.column})", table.rows)
