"""All guesses about one database, made in the order in which each needs the others. Pure: facts in, guesses out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from troth.discover.columns import ColumnGuess, guess_column
from troth.discover.events import EventGuess, billed, closed, recorded
from troth.discover.facts import Facts, TableFacts
from troth.discover.frameworks import Convention, convention_of
from troth.discover.item_words import ITEMS
from troth.discover.links import edges
from troth.discover.naming import bare_names, fits, plain, words_of
from troth.discover.people import Columns, PeopleGuess, guess_people, named_as_people
from troth.discover.rooting import Rooted, items_of, root
from troth.discover.table_words import MACHINERY, TOPICS


@dataclass(frozen=True, slots=True)
class Undecided:
    """A table, or a column of a declared one, about which nothing is written. ``names_people``: riskier than others."""

    table: str
    column: str | None
    reason: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class Guesses:
    """``rooted`` has every table with personal data; what is neither there nor undecided is guessed not personal."""

    convention: Convention
    columns: Columns
    people: Mapping[str, PeopleGuess]
    rooted: Mapping[str, Rooted]
    events: Mapping[str, tuple[EventGuess, ...]]
    topics: Mapping[str, str]
    undecided: tuple[Undecided, ...]

    def not_personal(self) -> tuple[str, ...]:
        known = {*self.rooted, *(each.table for each in self.undecided if each.column is None)}
        return tuple(name for name in self.columns if name not in known)


def people_of(facts: Facts) -> tuple[Columns, Mapping[str, PeopleGuess]]:
    """Columns and people, which need each other: a ``name`` is a person's where rows are people."""
    columns = {table.name: _columns(table, people=named_as_people(table.name)) for table in facts.tables.values()}
    people = guess_people(facts, columns)
    return {name: _columns(facts.tables[name], people=name in people) for name in columns}, people


def guess(facts: Facts) -> Guesses:
    """Every guess. ``facts.agreed`` has what the sample says of links without a foreign key."""
    columns, people = people_of(facts)
    rooted = root(facts, columns, people, edges(facts, people))
    topics = {name: _topic(name, people, rooted, facts, columns[name]) for name in rooted}
    events = {name: _events(facts.tables[name], name in people, topics[name]) for name in rooted}
    undecided = (*_tables(facts, columns, rooted), *_undecided(facts, columns, rooted, events))
    return Guesses(convention_of(facts.tables), columns, people, rooted, events, topics, undecided)


def _columns(table: TableFacts, *, people: bool) -> dict[str, ColumnGuess]:
    of_address, names = dict(ITEMS)["address"], bare_names(table.names)
    address = any(fits(of_address, name) for name in names.values())
    return {
        info.name: guess_column(table, info, names[info.name], people=people, address=address) for info in table.columns
    }


def _topic(
    name: str,
    people: Mapping[str, PeopleGuess],
    rooted: Mapping[str, Rooted],
    facts: Facts,
    columns: Mapping[str, ColumnGuess],
) -> str:
    """The processing of the starter policy that the table's name speaks of, else that of the row its rows belong to."""
    if name in people:
        return "employees" if people[name].subject == "employee" else "account"
    words = words_of(name)
    for topic, patterns in TOPICS:
        if any(fits(patterns, word) for word in (*words, plain(name))):
            return topic
    targets = [each.target for each in rooted[name].belongs if each.target in rooted and each.target not in people]
    if targets and targets[0] != name:
        return _topic(targets[0], people, rooted, facts, columns)
    held = items_of(columns)
    if {"ip", "user_agent"} & held and not rooted[name].owned:
        return "logs"
    return "account" if held & {"name", "email", "phone", "address", "birth", "password", "token"} else "service"


def _events(table: TableFacts, people: bool, topic: str) -> tuple[EventGuess, ...]:
    found = [recorded(table)]
    if people:
        found.append(closed(table, "employment_ended" if topic == "employees" else "account_closed"))
    elif topic == "billing":
        found.append(billed(table))
    return tuple(each for each in found if each is not None)


def _tables(facts: Facts, columns: Columns, rooted: Mapping[str, Rooted]) -> list[Undecided]:
    """Tables that name somebody and neither lead to people nor can people be found in them."""
    found = []
    for name, guesses in columns.items():
        held = items_of(guesses) & {
            "name",
            "phone",
            "address",
            "login",
            "birth",
            "picture",
            "gender",
            "external_id",
            "bank",
        }
        if name not in rooted and held and not fits(MACHINERY, plain(name)):
            reason = f"{', '.join(sorted(held))} of whom? nothing leads to people, and nobody is found in it by e-mail"
            found.append(Undecided(name, None, reason, facts.tables[name].rows))
    return found


def _undecided(
    facts: Facts, columns: Columns, rooted: Mapping[str, Rooted], events: Mapping[str, tuple[EventGuess, ...]]
) -> list[Undecided]:
    found: list[Undecided] = []
    for name, links in rooted.items():
        used = {each.column for each in (*links.belongs, *links.mentions)} | {each.column for each in events[name]}
        open_ = [each for each in columns[name].values() if each.holds == "undecided" and each.column not in used]
        found.extend(Undecided(name, each.column, each.reason, facts.tables[name].rows) for each in open_)
    return found
