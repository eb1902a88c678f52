"""Whose rows a table holds: the links of each table, found outwards from the people until nothing more is reached.

A link makes rows go with a person, so the order is: a column that says whose the row is, one that says who wrote it, a
row that belongs to such a row, an organisation that people share. Whoever is only named in a row is a mention.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from troth.discover.columns import Certainty, ColumnGuess
from troth.discover.facts import Facts, TableFacts
from troth.discover.frameworks import apps_of
from troth.discover.links import Edge
from troth.discover.naming import fits, plain, stem, words_of
from troth.discover.people import Columns, PeopleGuess, copied, is_staff, named_as_tenant
from troth.discover.table_words import MACHINERY, MEMBERSHIP, OPERATORS, PEOPLE, TOPICS

ALONE = frozenset({"email", "ip", "user_agent", "device", "birth", "bank", "card", "national_id", "salary", "health"})
"""Items that make a table personal although nothing links it to anybody."""
OF_SOMEBODY = ALONE | {
    "name",
    "phone",
    "address",
    "picture",
    "gender",
    "nationality",
    "login",
    "password",
    "external_id",
}


OF_A_PLACE = frozenset({"address", "phone", "email", "bank", "card"})
"""What a table that people refer to holds of them; a country has none of it."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Rows of ``owners`` are the owners: their column ``row`` leads here."""

    owners: str
    row: str
    reason: str
    here: str | None = None


@dataclass(slots=True)
class Rooted:
    """What links a table to people, while it is found; read-only afterwards."""

    table: str
    belongs: list[Edge] = field(default_factory=list)
    shared: list[Shared] = field(default_factory=list)
    mentions: list[Edge] = field(default_factory=list)
    reason: str = ""
    certainty: Certainty = "likely"

    @property
    def owned(self) -> bool:
        return bool(self.belongs or self.shared)


def root(
    facts: Facts, columns: Columns, people: Mapping[str, PeopleGuess], edges: tuple[Edge, ...]
) -> dict[str, Rooted]:
    """Table → its links, for every table that holds personal data; people included. Tables of nobody are absent."""
    return _Rooting(facts, columns, people, edges).result()


def items_of(columns: Mapping[str, ColumnGuess]) -> frozenset[str]:
    """The items of a table that its own columns hold by a strong sign."""
    return frozenset(each.item for each in columns.values() if each.holds == "item" and each.strong)


class _Rooting:
    def __init__(
        self, facts: Facts, columns: Columns, people: Mapping[str, PeopleGuess], edges: tuple[Edge, ...]
    ) -> None:
        self.facts, self.columns, self.people = facts, columns, people
        self.apps = apps_of(facts)
        self.out: dict[str, list[Edge]] = defaultdict(list)
        self.into: dict[str, list[Edge]] = defaultdict(list)
        for edge in edges:
            if not fits(MACHINERY, plain(edge.table)) and edge.target in facts.tables:
                self.out[edge.table].append(edge)
                self.into[edge.target].append(edge)
        self.found: dict[str, Rooted] = {name: Rooted(name, reason=guess.reason) for name, guess in people.items()}

    def result(self) -> dict[str, Rooted]:
        for table in self.facts.tables.values():
            if not fits(MACHINERY, plain(table.name)):
                self._direct(table)
        self._copies()
        self._children(items_only=False)
        self._referred()
        self._tenants()
        self._children(items_only=True)
        self._alone()
        for rooted in self.found.values():
            self._mentions(rooted)
        return self.found

    def _is_tenant(self, table: str) -> bool:
        return named_as_tenant(table, self.apps)

    def _direct(self, table: TableFacts) -> None:
        """Links that lead straight to people."""
        to_people = [each for each in self.out[table.name] if each.target in self.people and each.target != table.name]
        if table.name in self.people:
            return
        if to_people and self._is_join(table):
            best = next((each for each in to_people if not is_staff(each.target)), to_people[0])
            ends = [each for each in to_people if each.target == best.target]
            self.found[table.name] = Rooted(table.name, ends, reason=f"joins {ends[0].reason}", certainty="sure")
            return
        roles = ("owner", "author", "other") if not self._is_tenant(table.name) else ()
        operated = self._is_operated(table)
        for role in roles:
            fitting = [each for each in to_people if each.role == role]
            fitting = [each for each in fitting if not (operated and self._operates(each))]
            if role == "other":
                fitting = [each for each in fitting if each.when or (len(to_people) == 1 and not each.nullable)]
            if fitting:
                self._belong(table.name, fitting)
                return
        if to_people:
            self.found[table.name] = Rooted(table.name, reason="people are named in it")

    def _is_join(self, table: TableFacts) -> bool:
        """Nothing but two foreign keys: without either end, the row says nothing."""
        ends = {each.column for each in self.out[table.name] if each.certainty == "sure" and not each.nullable}
        rest = [name for name in table.names if name not in ends and (name,) != table.info.key]
        return len(ends) == 2 and not rest

    def _is_operated(self, table: TableFacts) -> bool:
        """Rows of an organisation, made by those who work for it: who made them is no owner. Not so for memberships,
        and for what is kept of people's own doings or named after them."""
        if set(words_of(table.name)) & (MEMBERSHIP | PEOPLE) or any(
            fits(dict(TOPICS)["logs"], word) for word in words_of(table.name)
        ):
            return False
        return any(self._is_tenant(each.target) and each.target not in self.people for each in self.out[table.name])

    def _operates(self, edge: Edge) -> bool:
        """A plain ``user_id`` that leads to people who sign in."""
        signs_in = any(each.item == "password" for each in self.columns[edge.target].values())
        return signs_in and not edge.when and stem(edge.column) in OPERATORS

    def _belong(self, table: str, fitting: list[Edge]) -> None:
        fitting.sort(key=lambda each: (is_staff(each.target), each.nullable, each.certainty != "sure"))
        best = fitting[0]
        same = [each for each in self.out[table] if each.when and each.column == best.column and each.role != "mention"]
        rooted = self.found.setdefault(table, Rooted(table))
        rooted.belongs = [each for each in same if each.target in self.found] if best.when else [best]
        rooted.reason, rooted.certainty = best.reason, best.certainty

    def _copies(self) -> None:
        """A table of former states goes with the row that it copies, or with that row's own person."""
        for table in self.facts.tables.values():
            original = copied(table, self.facts)
            if original is None or original.name not in self.found or table.name in self.people:
                continue
            key = original.info.key[0] if len(original.info.key) == 1 else ""
            names = (f"{words_of(original.name)[-1]}_id", f"original_{key}", key)
            here = next((name for name in names if name in table.names and (name,) != table.info.key), None)
            reason = f"copies rows of {original.name}"
            if here is not None:
                edge = Edge(table.name, here, original.name, "owner", reason, "weak", None, None)
                self.found[table.name] = Rooted(table.name, [edge], reason=reason, certainty="weak")
            elif table.name in self.found:
                self.found[table.name].reason += f"; {reason}"
            else:
                self.found[table.name] = Rooted(table.name, reason=reason, certainty="weak")

    def _children(self, *, items_only: bool) -> None:
        """Rows that belong to a row that goes with a person, step by step outwards."""
        moved = True
        while moved:
            moved = False
            for table in self.facts.tables.values():
                if table.name in self.people or (table.name in self.found and self.found[table.name].owned):
                    continue
                if self._is_tenant(table.name) and not items_only:
                    continue
                if items_only and not items_of(self.columns[table.name]) & OF_SOMEBODY:
                    continue
                fitting = [each for each in self.out[table.name] if self._is_parent(each, shared=items_only)]
                if fitting:
                    self._belong(table.name, fitting)
                    moved = True

    def _is_parent(self, edge: Edge, *, shared: bool) -> bool:
        parent = self.found.get(edge.target)
        if parent is None or edge.target in self.people or edge.role == "mention" or edge.target == edge.table:
            return False
        if edge.nullable and not edge.when and "_".join(words_of(edge.target)[-1:]) not in plain(edge.column):
            return False
        return bool(parent.belongs) or (shared and bool(parent.shared))

    def _referred(self) -> None:
        """What a table of people refers to and holds items: an address. It stays until the last of them is gone. So it
        is with a table of addresses that rows of theirs refer to: an order's."""
        for name, columns in self.columns.items():
            if name in self.found or not items_of(columns) & OF_A_PLACE:
                continue
            by = [edge for edge in self.into[name] if edge.table in self.people and not edge.when]
            if not by and words_of(name)[-1].endswith(("address", "adresse")):
                by = [edge for edge in self.into[name] if edge.certainty == "sure" and self._goes(edge.table)]
            by.sort(key=lambda edge: is_staff(edge.table))
            if by:
                shared = [Shared(each.table, each.column, f"{each.table}.{each.column} leads to it") for each in by[:1]]
                others = ", ".join(f"{each.table}.{each.column}" for each in by[1:])
                reason = shared[0].reason + (f"; so does {others}" if others else "")
                self.found[name] = Rooted(name, shared=shared, reason=reason, certainty="weak")

    def _goes(self, table: str) -> bool:
        return table in self.found and bool(self.found[table].belongs)

    def _tenants(self) -> None:
        """Organisations: a table of memberships leads to people and to it, and it holds items, or its rows do."""
        for table in self.facts.tables.values():
            known = self.found.get(table.name)
            if (known and known.owned) or table.name in self.people or not self._is_tenant(table.name):
                continue
            members = [each for each in self.into[table.name] if self._is_membership(each)]
            below = [each.table for each in self.into[table.name] if each.table not in self.found]
            hold = [name for name in (table.name, *below) if items_of(self.columns[name]) & OF_SOMEBODY]
            if members and hold:
                members.sort(key=lambda each: (each.table in self.people, len(self.facts.tables[each.table].columns)))
                best = members[0]
                reason = f"an organisation that people share through {best.table}"
                shared = [Shared(best.table, best.column, reason)]
                self.found[table.name] = Rooted(table.name, shared=shared, reason=reason, certainty="weak")

    def _is_membership(self, edge: Edge) -> bool:
        """Rows of a membership belong to a person and name the organisation; or they are people themselves."""
        if edge.table in self.people:
            return not is_staff(edge.table) and edge.role != "mention"
        rooted = self.found.get(edge.table)
        if rooted is None or not any(each.target in self.people for each in rooted.belongs):
            return False
        return bool(set(words_of(edge.table)) & MEMBERSHIP)

    def _alone(self) -> None:
        """Personal columns that nothing leads to anybody from: only the table's own words are known."""
        for table in self.facts.tables.values():
            held = items_of(self.columns[table.name])
            if table.name not in self.found and held & ALONE and not fits(MACHINERY, plain(table.name)):
                reason = f"holds {', '.join(sorted(held & ALONE))}, and nothing says whose"
                self.found[table.name] = Rooted(table.name, reason=reason, certainty="weak")

    def _mentions(self, rooted: Rooted) -> None:
        used = {each.column for each in rooted.belongs}
        for edge in self.out[rooted.table]:
            seen = any(edge.column == each.column and edge.when == each.when for each in rooted.mentions)
            if edge.target in self.people and edge.column not in used and not seen:
                rooted.mentions.append(edge)
