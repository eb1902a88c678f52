"""Where a column leads: by foreign key, or by name and type with a sample that does not contradict.

Pure: the sample's word (``Facts.agreed``) was asked before, for the pairs that ``candidates`` names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from troth.discover.columns import Certainty
from troth.discover.facts import Facts, TableFacts
from troth.discover.frameworks import apps_of, is_content_type, own_words, type_column
from troth.discover.naming import fits, one, plain, stem, words_of
from troth.discover.people import PeopleGuess, is_staff
from troth.discover.table_words import AUTHORS, MENTIONS, OWNERS, PERSONS, POLYMORPHIC
from troth.stores.contract import FieldInfo

Role: TypeAlias = Literal["owner", "author", "mention", "other"]

AGREES, CONTRADICTS = 0.9, 0.5


@dataclass(frozen=True, slots=True)
class Edge:
    """``column`` of ``table`` names rows of ``target``. ``there``: its column there, when that is not the key.
    ``when``: (type column, value) of a polymorphic link."""

    table: str
    column: str
    target: str
    role: Role
    reason: str
    certainty: Certainty
    there: str | None = None
    when: tuple[str, str | int] | None = None
    nullable: bool = True


def candidates(facts: Facts, people: Mapping[str, PeopleGuess]) -> tuple[tuple[str, str, str], ...]:
    """(table, column, target) of every column without a foreign key whose name points at a table: what to sample."""
    return tuple(
        (table.name, info.name, target.name)
        for table in facts.tables.values()
        for info in table.columns
        if not _has_key(table, info.name) and not type_column(table, info.name)
        for target in _named(facts, people, table, info)
    )


def edges(facts: Facts, people: Mapping[str, PeopleGuess]) -> tuple[Edge, ...]:
    """Every link that the schema or the names tell, polymorphic ones included."""
    found: list[Edge] = []
    for table in facts.tables.values():
        found.extend(_by_foreign_key(facts, table, people))
        found.extend(_polymorphic(facts, table, people))
    for name, column, target in candidates(facts, people):
        edge = _by_name(facts, facts.tables[name], column, facts.tables[target], people)
        if edge is not None:
            found.append(edge)
    return tuple(found)


def role_of(table: str, column: str, there: TableFacts, people: Mapping[str, PeopleGuess]) -> Role:
    """What a reference to people means by its name: whose the row is, who wrote it, or who is only named in it."""
    name = plain(column)
    bare = stem(column) or name
    last = one(bare.split("_")[-1])
    target = there.name
    words = words_of(target)
    same = (column,) == there.info.key and name not in {"id", "uuid"}
    if target in people and (same or bare in {"_".join(words), words[-1]}):
        return "mention" if is_staff(target) and not is_staff(table) else "owner"
    if bare in POLYMORPHIC:
        return "owner"
    if fits(MENTIONS, bare) or fits(MENTIONS, name) or is_staff(target):
        return "mention"
    if target in people and bare in OWNERS:
        return "owner"
    if last in AUTHORS:
        return "author"
    return "owner" if last in OWNERS and (len(bare.split("_")) == 1 or last == "owner") else "other"


def _has_key(table: TableFacts, column: str) -> bool:
    return any(column in reference.fields for reference in table.info.references)


def _by_foreign_key(facts: Facts, table: TableFacts, people: Mapping[str, PeopleGuess]) -> Iterator[Edge]:
    for reference in table.info.references:
        target = facts.tables.get(reference.target)
        if len(reference.fields) != 1 or target is None:
            continue
        column, there = reference.fields[0], reference.target_fields[0]
        info = table.info.field(column)
        yield Edge(
            table.name,
            column,
            target.name,
            role_of(table.name, column, target, people),
            f"foreign key {column}",
            "sure",
            None if (there,) == target.info.key else there,
            None,
            info.nullable if info else True,
        )


def _by_name(
    facts: Facts, table: TableFacts, column: str, target: TableFacts, people: Mapping[str, PeopleGuess]
) -> Edge | None:
    agreement = facts.agreed.get((table.name, column, target.name))
    words = f"named {column}"
    sure: Certainty = "weak"
    if agreement is not None and agreement.asked:
        share = agreement.found / agreement.asked
        if share < CONTRADICTS:
            return None
        words += f"; {agreement.found} of {agreement.asked} sampled values agree"
        sure = "likely" if share >= AGREES else "weak"
    else:
        words += ", not sampled"
    info = table.info.field(column)
    role = role_of(table.name, column, target, people)
    return Edge(table.name, column, target.name, role, words, sure, None, None, info.nullable if info else True)


def _named(
    facts: Facts, people: Mapping[str, PeopleGuess], table: TableFacts, info: FieldInfo
) -> tuple[TableFacts, ...]:
    """The tables that a column's name points at: by their own name, or people by a word for their part in it."""
    bare = re.sub(r"_?\d+$", "", stem(info.name))
    if info.generated or (info.name,) == table.info.key:
        return ()
    if bare:
        apps = apps_of(facts) or frozenset({prefix_of(facts)})
        own = [each for each in facts.tables.values() if _is_called(each.name, bare, apps) and _same_type(info, each)]
        if not own:
            words = words_of(bare)
            ending = [each for each in facts.tables.values() if words_of(each.name)[-len(words) :] == words]
            ending = [each for each in ending if set(words_of(each.name)[: -len(words)]) & set(words_of(table.name))]
            own = [each for each in ending if _same_type(info, each)] if len(ending) == 1 else []
        if own:
            return tuple(own[:1])
    last = one((bare or plain(info.name)).split("_")[-1])
    if (bare and (last in OWNERS or last in AUTHORS)) or fits(PERSONS, bare or plain(info.name)):
        main = [facts.tables[name] for name in _main(people) if _same_type(info, facts.tables[name])]
        return tuple(main[:1])
    return ()


def prefix_of(facts: Facts) -> str:
    """The word that most tables of an application begin with (``ost`` of ``ost_user``), or nothing."""
    first = Counter(words_of(name)[0] for name in facts.tables if words_of(name))
    word, count = first.most_common(1)[0] if first else ("", 0)
    return word if count * 2 > len(facts.tables) > 4 else ""


def _is_called(table: str, bare: str, apps: frozenset[str]) -> bool:
    return words_of(bare) in (words_of(table), own_words(table, apps))


def _main(people: Mapping[str, PeopleGuess]) -> list[str]:
    """Tables of people, those who have accounts first."""
    usual = ("user", "account", "person", "customer", "member", "client", "utilisateur")
    order = {word: rank for rank, word in enumerate(usual)}
    return sorted((name for name in people), key=lambda name: (order.get(words_of(name)[-1], 9), is_staff(name), name))


def _same_type(info: FieldInfo, target: TableFacts) -> bool:
    key = target.info.field(target.info.key[0]) if len(target.info.key) == 1 else None
    return key is not None and key.type == info.type


def _polymorphic(facts: Facts, table: TableFacts, people: Mapping[str, PeopleGuess]) -> Iterator[Edge]:
    for info in table.columns:
        kind = type_column(table, info.name)
        if kind is None or _has_key(table, info.name):
            continue
        words = table.of(kind).words
        named = [(_word(kind, word), target) for word in words if (target := _table_of(facts, kind, word)) is not None]
        said = f"{kind} names it in the sample"
        certainty: Certainty = "likely"
        bare = stem(info.name).removesuffix("_object")
        if not words and (bare in OWNERS or bare in AUTHORS or bare in POLYMORPHIC):
            named = [(word, facts.tables[name]) for name in _main(people)[:1] if (word := _class(facts, kind, name))]
            said, certainty = f"by {kind}, not sampled: people only", "weak"
        for word, target in named:
            if _same_type(info, target) or info.type == "text":
                role = role_of(table.name, info.name, target, people)
                when = (kind, word)
                yield Edge(table.name, info.name, target.name, role, said, certainty, None, when, info.nullable)


def _table_of(facts: Facts, kind: str, word: str) -> TableFacts | None:
    if is_content_type(kind):
        return facts.tables.get(facts.types.get(word, ""))
    return table_of_class(facts, word)


def _word(kind: str, word: str) -> str | int:
    return int(word) if is_content_type(kind) and word.isdigit() else word


def _class(facts: Facts, kind: str, table: str) -> str | int | None:
    """What the type column of rows that lead to ``table`` holds; unknown of a content type without its number."""
    if not is_content_type(kind):
        return class_of(table)
    return next((_word(kind, number) for number, name in facts.types.items() if name == table), None)


def class_of(table: str) -> str:
    """The class that a framework names in a type column for rows of ``table``."""
    return "".join(word.capitalize() for word in words_of(table))


def table_of_class(facts: Facts, word: str) -> TableFacts | None:
    r"""The table of ``User``, ``App\Models\User``, ``Admin::User`` or ``users``."""
    last = word.replace("\\", "::").split("::")[-1]
    words = "_".join(words_of(plain(last)))
    names = [each for each in facts.tables.values() if "_".join(words_of(each.name)) == words]
    return names[0] if names else None
