"""Finding the people of a request: names as people give them, looked for in every collection of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from troth.core.errors import InputError, Refused
from troth.execution.keys import bind, scalar
from troth.planning import names
from troth.planning.scope import key_of
from troth.planning.world import World, field_of
from troth.services.looking import Look
from troth.stores.conditions import InKeys, Key, both
from troth.systems.model import Collection


@dataclass(frozen=True, slots=True)
class Found:
    """``keys``: key set name → keys of the people's rows. ``people``: names that were found; ``unknown``: how many
    were not, and ``rows`` how many rows they fit, by collection. No name is kept."""

    keys: Mapping[str, tuple[Key, ...]]
    people: int
    unknown: int
    rows: Mapping[str, int]


def kind_of(name: str) -> str:
    """What a name looks like: ``email``, ``phone`` or ``login``; ``kind:name`` says it outright."""
    kind, colon, rest = name.partition(":")
    if colon and rest and kind in ("email", "phone", "login", "id"):
        return kind
    if "@" in name:
        return "email"
    return "phone" if name.startswith("+") else "login"


def find_people(seen: Look, given: Sequence[str], *, every_match: bool) -> Found:
    wanted = dict.fromkeys(_wanted(name) for name in given if name.strip())
    if not wanted:
        raise InputError(
            "nobody was named", hint="give one name a line: an e-mail, +telephone, login or id:KEY", code="NOBODY"
        )
    keys: dict[str, list[Key]] = {}
    """One set for every collection of people, empty where nobody is found: a plan looks there again at its end."""
    matches: dict[tuple[str, str], dict[str, int]] = {}
    for collection in seen.world.collections.values():
        key = key_of(collection) if collection.person is not None else None
        if collection.person is None or key is None:
            continue
        keys[names.goes(collection.id, key)] = []
        for kind, field in {**collection.person.by, "id": key}.items():
            names_here = [name for name in wanted if name[0] == kind]
            if names_here:
                for name, found in _look_up(seen, seen.world, collection, key, field, names_here):
                    keys[names.goes(collection.id, key)].append(found)
                    counts = matches.setdefault(name, {})
                    counts[collection.id] = counts.get(collection.id, 0) + 1
    several = [name for name, counts in matches.items() if any(number > 1 for number in counts.values())]
    if several and not every_match:
        fit = "1 name fits" if len(several) == 1 else f"{len(several)} names fit"
        raise Refused(
            f"{fit} several rows of one collection ({_where(matches, several)})",
            hint="look whether they are one person; then name each row as id:KEY, or say --every-match",
            code="AMBIGUOUS",
        )
    if not matches:
        raise Refused(
            "none of the names is known in any collection of people", hint="check the spelling", code="NOT-FOUND"
        )
    rows: dict[str, int] = {}
    for counts in matches.values():
        for collection_id, number in counts.items():
            rows[collection_id] = rows.get(collection_id, 0) + number
    unique = {name: tuple(dict.fromkeys(found)) for name, found in keys.items()}
    return Found(unique, len(matches), len(wanted) - len(matches), rows)


def _wanted(name: str) -> tuple[str, str]:
    """(kind, name in lower case): e-mails and logins are compared without case, as their owners write them."""
    text = name.strip()
    kind = kind_of(text)
    return kind, text.removeprefix(f"{kind}:").strip().lower()


def _look_up(
    seen: Look, world: World, collection: Collection, key: str, field: str, wanted: Sequence[tuple[str, str]]
) -> list[tuple[tuple[str, str], Key]]:
    known = {name: (kind, name) for kind, name in wanted}
    fold = wanted[0][0] in ("email", "login")
    where = both(world.rows(collection), InKeys((field_of(field),), "wanted", fold=fold))
    selection = bind(collection.table, where, {"wanted": tuple((name,) for name in known)})
    rows = seen.reached.stores[collection.system].read(selection, (field_of(field), field_of(key)))
    return [(known[str(value).lower()], (scalar(row),)) for value, row in rows if str(value).lower() in known]


def _where(matches: Mapping[tuple[str, str], Mapping[str, int]], several: Sequence[tuple[str, str]]) -> str:
    places = sorted({place for name in several for place, number in matches[name].items() if number > 1})
    return ", ".join(places)
