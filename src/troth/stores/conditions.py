"""The closed language in which Troth says which rows it means, the same for every kind of store.

Every condition is true or false of a row, never unknown: what a store cannot tell (a null date, a missing key) makes
an atom false, and ``Not`` is plain negation. So "not known to be over" and "not over" are the same thing, and an
unknown start never makes a row due.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias

from pydantic import Discriminator

Scalar: TypeAlias = int | str
"""One part of a key as it travels: stores turn UUIDs, dates and bytes into text and back."""

Key: TypeAlias = tuple[Scalar, ...]
"""The values of a row's key fields, in the key's order."""

Unit: TypeAlias = Literal["native", "epoch_s", "epoch_ms"]


@dataclass(frozen=True, slots=True, order=True)
class Field:
    """A field of a collection; ``path`` leads into a JSON document held in that column."""

    column: str
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ".".join((self.column, *self.path))


@dataclass(frozen=True, slots=True)
class Blank:
    """What a mask writes: nothing (null, or the JSON key removed), a constant, or a text that no other row has.

    ``template`` of a unique blank holds ``{unique}`` once; the store puts fresh random hexadecimal there, never
    anything derived from the row.
    """

    kind: Literal["null", "constant", "unique"] = "null"
    value: str | int | bool = ""

    @property
    def template(self) -> tuple[str, str]:
        """The texts before and after the random part of a unique blank."""
        before, _, after = str(self.value).partition("{unique}")
        return before, after


@dataclass(frozen=True, slots=True)
class Everything:
    """True of every row."""

    kind: Literal["everything"] = "everything"


@dataclass(frozen=True, slots=True)
class All:
    """Every one of ``conditions`` is true; true when there is none."""

    conditions: tuple[Condition, ...]
    kind: Literal["all"] = "all"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of ``conditions`` is true; false when there is none."""

    conditions: tuple[Condition, ...]
    kind: Literal["any"] = "any"


@dataclass(frozen=True, slots=True)
class Not:
    """``condition`` is not true (false, or not to be told)."""

    condition: Condition
    kind: Literal["not"] = "not"


@dataclass(frozen=True, slots=True)
class Before:
    """The moment in ``field`` is known and lies before ``instant``.

    ``instant`` is midnight of ``day`` in the controller's time zone, aware, UTC. A field that holds days is compared
    with ``day``; one that holds naive times is read in the system's declared zone; ``unit`` says how numbers count.
    """

    field: Field
    instant: datetime
    day: date
    unit: Unit = "native"
    kind: Literal["before"] = "before"


@dataclass(frozen=True, slots=True)
class Matches:
    """``field`` equals one of ``values``; ``None`` among them stands for null."""

    field: Field
    values: tuple[str | int | bool | None, ...]
    kind: Literal["matches"] = "matches"


@dataclass(frozen=True, slots=True)
class Held:
    """``field`` holds something: not null, and not what ``blank`` would have put there.

    An empty text counts as held unless the blank is that empty text.
    """

    field: Field
    blank: Blank
    kind: Literal["held"] = "held"


@dataclass(frozen=True, slots=True)
class InKeys:
    """The values of ``fields`` are one of the keys in the selection's key set of this name.

    ``fold``: text is compared in lower case, for names people give themselves (an e-mail, a login); the keys of such a
    set are given in lower case.
    """

    fields: tuple[Field, ...]
    keys: str
    fold: bool = False
    kind: Literal["in_keys"] = "in_keys"


@dataclass(frozen=True, slots=True)
class Related:
    """A row of ``collection`` in the same store has equal values ``on`` (here, there) and meets ``where``."""

    collection: str
    on: tuple[tuple[str, str], ...]
    where: Condition
    kind: Literal["related"] = "related"


@dataclass(frozen=True, slots=True)
class Malformed:
    """``field`` holds a value that does not have the declared form (see ``forms``)."""

    field: Field
    form: str
    kind: Literal["malformed"] = "malformed"


@dataclass(frozen=True, slots=True)
class Breaks:
    """Writing ``blanks`` into the row would break the store's own rule of this name."""

    rule: str
    blanks: tuple[tuple[Field, Blank], ...]
    kind: Literal["breaks"] = "breaks"


Condition: TypeAlias = Annotated[
    Everything | All | AnyOf | Not | Before | Matches | Held | InKeys | Related | Malformed | Breaks,
    Discriminator("kind"),
]
"""``kind`` says which one it is: a nested condition is read in time proportional to its length."""

NOTHING = AnyOf(())


def both(*conditions: Condition) -> Condition:
    """``All`` without needless nesting: flattens, drops ``Everything``, unwraps a single one, knows ``NOTHING``."""
    flat: list[Condition] = []
    for condition in conditions:
        parts = condition.conditions if isinstance(condition, All) else (condition,)
        flat.extend(part for part in parts if not isinstance(part, Everything) and part not in flat)
    if NOTHING in flat:
        return NOTHING
    match flat:
        case []:
            return Everything()
        case [only]:
            return only
        case _:
            return All(tuple(flat))


def either(*conditions: Condition) -> Condition:
    """``AnyOf`` without needless nesting: flattens, unwraps a single one, knows ``Everything``."""
    flat: list[Condition] = []
    for condition in conditions:
        parts = condition.conditions if isinstance(condition, AnyOf) else (condition,)
        flat.extend(part for part in parts if part not in flat)
    if any(isinstance(part, Everything) for part in flat):
        return Everything()
    return flat[0] if len(flat) == 1 else AnyOf(tuple(flat))


def negate(condition: Condition) -> Condition:
    """``Not`` without double negation."""
    match condition:
        case Not(condition=inner):
            return inner
        case Everything():
            return NOTHING
        case AnyOf(conditions=()):
            return Everything()
        case _:
            return Not(condition)


def key_sets(condition: Condition) -> frozenset[str]:
    """Names of every key set that ``condition`` needs, nested ones included."""
    match condition:
        case InKeys(keys=name):
            return frozenset({name})
        case All(conditions=parts) | AnyOf(conditions=parts):
            return frozenset().union(*map(key_sets, parts))
        case Not(condition=inner) | Related(where=inner):
            return key_sets(inner)
        case _:
            return frozenset()


def looks_at(condition: Condition, collection: str) -> bool:
    """True when ``condition`` looks at rows of ``collection`` through a link."""
    match condition:
        case Related(collection=name, where=inner):
            return name == collection or looks_at(inner, collection)
        case All(conditions=parts) | AnyOf(conditions=parts):
            return any(looks_at(part, collection) for part in parts)
        case Not(condition=inner):
            return looks_at(inner, collection)
        case _:
            return False


def columns(condition: Condition) -> frozenset[str]:
    """Columns of the row itself that ``condition`` looks at."""
    match condition:
        case All(conditions=parts) | AnyOf(conditions=parts):
            return frozenset().union(*map(columns, parts))
        case Not(condition=inner):
            return columns(inner)
        case Before(field=name) | Matches(field=name) | Held(field=name) | Malformed(field=name):
            return frozenset({name.column})
        case InKeys(fields=names):
            return frozenset(name.column for name in names)
        case Related(on=on):
            return frozenset(here for here, _ in on)
        case Breaks(blanks=blanks):
            return frozenset(name.column for name, _ in blanks)
        case Everything():
            return frozenset()
