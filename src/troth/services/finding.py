"""Finding the people of a request: names as people give them, looked for in every collection of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from troth.core.errors import InputError, Refused
from troth.execution.keys import bind, scalar
from troth.planning import names
from troth.planning.scope import key_of
from troth.planning.world import field_of
from troth.services.looking import Look
from troth.stores.conditions import InKeys, Key, both
from troth.systems.model import Collection

Name: TypeAlias = tuple[str, str]
"""A kind (``email``, ``phone``, ``login``, ``id``) and what follows."""

FOLDED = ("email", "login")


@dataclass(frozen=True, slots=True)
class Asked:
    """One person: the lines of the list that name them, and the keys of their rows; none where nobody was found."""

    lines: tuple[int, ...]
    keys: Mapping[str, tuple[Key, ...]]


@dataclass(frozen=True, slots=True)
class Found:
    """``keys``: key set name → keys of the people's rows. ``people``: names that were found; ``unknown``: how many
    were not, and ``rows`` how many rows they fit, by collection. No name is kept. ``each``: one by one, in the order of
    the list; names that fit a row in common are one person."""

    keys: Mapping[str, tuple[Key, ...]]
    people: int
    unknown: int
    rows: Mapping[str, int]
    each: tuple[Asked, ...]


def kind_of(name: str) -> str:
    """What a name looks like: ``email``, ``phone`` or ``login``; ``kind:name`` says it outright."""
    kind, colon, rest = name.partition(":")
    if colon and rest and kind in ("email", "phone", "login", "id"):
        return kind
    if "@" in name:
        return "email"
    return "phone" if name.startswith("+") else "login"


def find_people(seen: Look, given: Sequence[str], *, every_match: bool, or_nobody: bool = False) -> Found:
    """Raises ``Refused`` when a name fits several rows, unless ``every_match``, and when nobody is found, unless
    ``or_nobody``."""
    wanted: dict[Name, list[int]] = {}
    for line, text in enumerate(given, start=1):
        if text.strip():
            wanted.setdefault(_wanted(text), []).append(line)
    if not wanted:
        raise InputError(
            "nobody was named", hint="give one name a line: an e-mail, +telephone, login or id:KEY", code="NOBODY"
        )
    keys: dict[str, list[Key]] = {}
    """One set for every collection of people, empty where nobody is found: a plan looks there again at its end."""
    matches: dict[Name, dict[str, int]] = {}
    ours: dict[Name, dict[str, list[Key]]] = {}
    people = [collection for collection in seen.world.collections.values() if collection.person is not None]
    for collection in people:
        key = key_of(collection)
        if collection.person is None or key is None:
            continue
        keys[names.goes(collection.id, key)] = []
        for kind, field in {**collection.person.by, "id": key}.items():
            here = {text: name for name in wanted if name[0] == kind and (text := _text_for(collection, people, name))}
            if here:
                for name, found in _look_up(seen, collection, key, field, here):
                    keys[names.goes(collection.id, key)].append(found)
                    ours.setdefault(name, {}).setdefault(names.goes(collection.id, key), []).append(found)
                    counts = matches.setdefault(name, {})
                    counts[collection.id] = counts.get(collection.id, 0) + 1
    _refuse_ambiguous(matches, every_match=every_match)
    if not matches and not or_nobody:
        raise Refused(
            "none of the names is known in any collection of people", hint="check the spelling", code="NOT-FOUND"
        )
    rows: dict[str, int] = {}
    for counts in matches.values():
        for collection_id, number in counts.items():
            rows[collection_id] = rows.get(collection_id, 0) + number
    unique = {name: tuple(dict.fromkeys(found)) for name, found in keys.items()}
    each = tuple(_one_by_one([(tuple(lines), ours.get(name, {})) for name, lines in wanted.items()]))
    return Found(unique, len(matches), len(wanted) - len(matches), rows, each)


def _one_by_one(named: Sequence[tuple[tuple[int, ...], Mapping[str, Sequence[Key]]]]) -> list[Asked]:
    """Names that fit a row in common are joined, however many steps it takes."""
    groups: list[tuple[tuple[int, ...], dict[str, tuple[Key, ...]]]] = []
    for lines, theirs in named:
        keys = {name: tuple(dict.fromkeys(found)) for name, found in theirs.items()}
        for other in [group for group in groups if _in_common(group[1], keys)]:
            groups.remove(other)
            lines = tuple(sorted({*other[0], *lines}))
            both_sets = dict.fromkeys((*other[1], *keys))
            keys = {name: tuple(dict.fromkeys((*other[1].get(name, ()), *keys.get(name, ())))) for name in both_sets}
        groups.append((lines, keys))
    return [Asked(lines, keys) for lines, keys in sorted(groups, key=lambda group: group[0])]


def _in_common(one: Mapping[str, Sequence[Key]], other: Mapping[str, Sequence[Key]]) -> bool:
    return any(set(found) & set(other.get(name, ())) for name, found in one.items())


def _wanted(name: str) -> Name:
    """E-mails and logins are compared without case, as their owners write them; a key is what it is."""
    text = name.strip()
    kind = kind_of(text)
    text = text.removeprefix(f"{kind}:").strip()
    return kind, text.lower() if kind in FOLDED else text


def _text_for(collection: Collection, people: Sequence[Collection], name: Name) -> str:
    """What to look for in ``collection``: ``id:members:7`` names a row of members alone; empty when not meant here."""
    kind, text = name
    for other in people if kind == "id" else ():
        for label in (other.id, other.name):
            if text.startswith(f"{label}:"):
                return text.removeprefix(f"{label}:") if other is collection else ""
    return text


def _look_up(
    seen: Look, collection: Collection, key: str, field: str, here: Mapping[str, Name]
) -> list[tuple[Name, Key]]:
    fold = next(iter(here.values()))[0] in FOLDED
    where = both(seen.world.rows(collection), InKeys((field_of(field),), "wanted", fold=fold))
    selection = bind(collection.table, where, {"wanted": tuple((text,) for text in here)})
    rows = seen.reached.stores[collection.system].read(selection, (field_of(field), field_of(key)))
    texts = ((str(value).lower() if fold else str(value), row) for value, row in rows)
    return [(here[text], (scalar(row),)) for text, row in texts if text in here]


def _refuse_ambiguous(matches: Mapping[Name, Mapping[str, int]], *, every_match: bool) -> None:
    """One person may be in several collections under one e-mail; a key that is in several names different people."""
    several = [name for name, counts in matches.items() if any(number > 1 for number in counts.values())]
    if several and not every_match:
        fit = "1 name fits" if len(several) == 1 else f"{len(several)} names fit"
        raise Refused(
            f"{fit} several rows of one collection ({_where(matches, several)})",
            hint="look whether they are one person; then name each row as id:KEY, or say --every-match",
            code="AMBIGUOUS",
        )
    everywhere = [name for name, counts in matches.items() if name[0] == "id" and len(counts) > 1]
    if everywhere and not every_match:
        places = sorted({place for name in everywhere for place in matches[name]})
        raise Refused(
            f"a key is in several collections of people ({', '.join(places)})",
            hint=f"say in which: id:{places[0].partition('.')[2]}:KEY; or say --every-match for all of them",
            code="AMBIGUOUS",
        )


def _where(matches: Mapping[Name, Mapping[str, int]], several: Sequence[Name]) -> str:
    places = sorted({place for name in several for place, number in matches[name].items() if number > 1})
    return ", ".join(places)
