"""Key sets: asked of the stores, bound to selections, read again when time has passed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from troth.planning import names
from troth.planning.plan import KeyQuestion
from troth.stores.conditions import All, AnyOf, Condition, InKeys, Key, Related, Scalar, both, key_sets
from troth.stores.contract import Selection, Store, Value

Keys: TypeAlias = Mapping[str, tuple[Key, ...]]


def scalar(value: Value) -> Scalar:
    """A key part as it travels. Raises ``TypeError`` for a type no key has."""
    match value:
        case bool():
            return int(value)
        case int() | str():
            return value
        case UUID():
            return str(value)
        case Decimal():
            return int(value) if value == value.to_integral_value() else str(value)
        case datetime() | date():
            return value.isoformat()
        case bytes() | memoryview():
            return bytes(value).hex()
        case _:
            raise TypeError(f"a key of type {type(value).__name__} cannot travel")


def bind(table: str, where: Condition, keys: Keys) -> Selection:
    """The selection with every key set its condition names; a set nobody filled is empty."""
    return Selection(table, where, {name: keys.get(name, ()) for name in sorted(key_sets(where))})


def ask_keys(store: Store, question: KeyQuestion, keys: Keys) -> tuple[Key, ...]:
    """The keys that ``question`` finds now, each once, in a fixed order; rows in which a part is null have none."""
    rows = store.read(bind(question.table, question.where, keys), question.fields)
    found = {tuple(scalar(part) for part in row) for row in rows if all(part is not None for part in row)}
    return tuple(sorted(found, key=lambda key: tuple((isinstance(part, str), part) for part in key)))


def fill(stores: Mapping[str, Store], questions: Iterable[KeyQuestion], given: Keys) -> dict[str, tuple[Key, ...]]:
    """``given`` and the answers to ``questions``, asked in their order, since one may build on another. Whose a row is
    may lead round in a circle: those questions are asked again until they find nothing new, and added to what is
    given."""
    keys, questions = dict(given), tuple(questions)
    links = [question for question in questions if names.is_link(question.name)]
    early = any(key_sets(question.where) & {each.name for each in links[at:]} for at, question in enumerate(links))
    before: Keys = {}
    while keys != before:
        before = dict(keys)
        for question in links:
            found = _asked(stores, question, keys)
            keys[question.name] = tuple(dict.fromkeys((*keys.get(question.name, ()), *found)))
        if not early:
            break
    for question in questions:
        if question.name not in keys:
            keys[question.name] = _grown(stores, question, keys)
    return keys


def _grown(stores: Mapping[str, Store], question: KeyQuestion, keys: Keys) -> tuple[Key, ...]:
    """The answer; of a question about its own answer, once it adds nothing any more."""
    if question.name not in key_sets(question.where):
        return _asked(stores, question, keys)
    found: tuple[Key, ...] = ()
    while len(more := ask_keys(stores[question.system], question, {**keys, question.name: found})) > len(found):
        found = more
    return found


def _asked(stores: Mapping[str, Store], question: KeyQuestion, keys: Keys) -> tuple[Key, ...]:
    needed = key_sets(question.where)
    idle = needed and all(not keys.get(name) for name in needed) and _needs_keys(question.where)
    return () if idle else ask_keys(stores[question.system], question, keys)


def _needs_keys(where: Condition) -> bool:
    """True when the condition can only hold for rows in a key set: no key, no row."""
    match where:
        case InKeys():
            return True
        case All(conditions=parts):
            return any(_needs_keys(part) for part in parts)
        case AnyOf(conditions=parts):
            return bool(parts) and all(_needs_keys(part) for part in parts)
        case Related(where=inner):
            return _needs_keys(inner)
        case _:
            return False


def lapsed(store: Store, question: KeyQuestion, keys: Keys) -> frozenset[Key]:
    """Keys of ``question``'s set whose rows are still there and have ceased to be due."""
    if question.recheck is None or not keys.get(question.name):
        return frozenset()
    known = InKeys(question.fields, question.name)
    rows = store.read(bind(question.table, both(known, question.recheck), keys), question.fields)
    return frozenset(tuple(scalar(part) for part in row) for row in rows)


def without(keys: Sequence[Key], gone: frozenset[Key]) -> tuple[Key, ...]:
    return tuple(key for key in keys if key not in gone) if gone else tuple(keys)
