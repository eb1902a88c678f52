"""What the line of one table says: for what, whose rows, when their clock starts, which texts may name others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from troth.discover.columns import guess_paths
from troth.discover.events import EventGuess
from troth.discover.facts import Facts
from troth.discover.guessing import Guesses
from troth.discover.links import Edge
from troth.discover.words import PolicyWords
from troth.discover.writing import key_of


def table_value(
    name: str,
    guesses: Guesses,
    words: PolicyWords,
    people: list[str],
    usual: str | None,
    fields: Mapping[str, str],
    paths: Mapping[str, str],
) -> tuple[str, str]:
    """The value in its short form, and the reasons in one sentence. ``people``: all tables of people; ``usual``: the
    column that a line for all tables names as the moment of recording."""
    rooted, person = guesses.rooted[name], guesses.people.get(name)
    parts: list[str] = []
    reasons = [rooted.reason] if rooted.reason else []
    if person is not None:
        parts += [f"subject: {words.subject(person.subject)}", f"by: {_by(person.by)}"]
    parts.append(f"for: {words.processing(guesses.topics[name], guesses.columns[name].values())}")
    if rooted.belongs:
        parts.append(f"belongs_to: {links(rooted.belongs, people)}")
    for shared in rooted.shared:
        parts.append(f"shared_through: {{table: {key_of(shared.owners)}, row: {key_of(shared.row)}}}")
    if rooted.mentions:
        parts.append(f"mentions: {links(rooted.mentions, people)}")
    events = [each for each in guesses.events[name] if not (each.event == "recorded" and each.column == usual)]
    if events:
        parts.append("events: {" + ", ".join(map(_event, events)) + "}")
        reasons += [f"{each.event}: {each.reason}" for each in events if each.event != "recorded"]
    if fields:
        parts.append("fields: {" + ", ".join(f"{key_of(column)}: {item}" for column, item in fields.items()) + "}")
    if paths:
        parts.append(json_words(paths))
    used = {each.column for each in (*rooted.belongs, *rooted.mentions)} | set(fields)
    texts = [
        each.column for each in guesses.columns[name].values() if each.holds == "free_text" and each.column not in used
    ]
    if texts:
        parts.append(f"free_text: [{', '.join(map(key_of, texts))}]")
    if len(parts) == 1:
        return parts[0].removeprefix("for: "), "; ".join(reasons)
    return "{" + ", ".join(parts) + "}", "; ".join(reasons)


def personal_paths(facts: Facts, words: PolicyWords, table: str) -> dict[str, str]:
    """Paths into the JSON columns of a table that look personal → the policy's item."""
    found = {}
    for info in facts.tables[table].columns:
        if facts.tables[table].of(info.name).paths:
            for path, (item, _) in guess_paths(facts.tables[table], info).items():
                if (known := words.item(item)) is not None:
                    found[path] = known
    return found


def json_words(paths: Mapping[str, str]) -> str:
    """Paths into JSON columns, as a table's line says them."""
    return "json: {" + ", ".join(f"{key_of(path)}: {item}" for path, item in sorted(paths.items())) + "}"


def _by(by: tuple[tuple[str, str], ...]) -> str:
    if len(by) == 1 and by[0][0] == by[0][1]:
        return by[0][0]
    return "{" + ", ".join(f"{kind}: {key_of(column)}" for kind, column in by) + "}"


def links(edges: Iterable[Edge], people: list[str]) -> str:
    """The shortest form: a column alone where it can only lead to the one table of people."""
    edges = list(edges)
    alone = all(each.target in people and len(people) == 1 and not each.there and not each.when for each in edges)
    if alone:
        names = [key_of(each.column) for each in edges]
        return names[0] if len(names) == 1 else f"[{', '.join(names)}]"
    made = [f"{key_of(each.column)}: {_target(each)}" for each in edges]
    if len({each.column for each in edges}) == len(edges):
        return "{" + ", ".join(made) + "}"
    return "[" + ", ".join("{" + each + "}" for each in made) + "]"


def _target(edge: Edge) -> str:
    if not edge.there and not edge.when:
        return key_of(edge.target)
    parts = [f"to: {key_of(edge.target)}"]
    if edge.there:
        parts.append(f"there: {key_of(edge.there)}")
    if edge.when:
        kind, word = edge.when
        parts.append(f"when: {{{key_of(kind)}: {word if isinstance(word, int) else key_of(word)}}}")
    return "{" + ", ".join(parts) + "}"


def _event(event: EventGuess) -> str:
    if not event.states:
        return f"{event.event}: {key_of(event.column)}"
    states = ", ".join(json.dumps(each, ensure_ascii=False) for each in event.states)
    return f"{event.event}: {{when: {{{key_of(event.column)}: [{states}]}}}}"
