"""The only values an entry may hold: numbers, moments, hashes, ids and words of closed lists.

There is no plain text among them. A text type takes one fixed form and refuses the rest without repeating it, so that
neither a person's data nor free text from outside can end up in evidence, whoever calls.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, ClassVar, Literal, Self, Union, cast, get_args, get_origin, get_type_hints

from troth.core.canonical import Json

_LARGEST = 2**53 - 1
_known_hints: dict[type, Mapping[str, object]] = {}


class FixedText(str):
    """A text of one fixed form. Raises ``ValueError``, which does not repeat the text, for any other."""

    __slots__ = ()
    form: ClassVar[re.Pattern[str]] = re.compile(r"(?!)")

    def __new__(cls, text: str) -> Self:
        if not cls.form.fullmatch(text):
            raise ValueError(f"not a {cls.__name__}")
        return super().__new__(cls, text)


class PlanId(FixedText):
    """SHA-256 of a plan, hexadecimal."""

    __slots__ = ()
    form = re.compile(r"[0-9a-f]{64}")


class StepId(FixedText):
    """A step of a plan by its number: ``s01``."""

    __slots__ = ()
    form = re.compile(r"s[0-9]{2,6}", re.ASCII)


class Digest(FixedText):
    """SHA-256 of a file of the company's, or a keyed digest of a key set; hexadecimal."""

    __slots__ = ()
    form = re.compile(r"[0-9a-f]{64}")


class Pseudonym(FixedText):
    """A keyed hash that stands for a name (``troth.state.pseudonyms``); hexadecimal."""

    __slots__ = ()
    form = re.compile(r"[0-9a-f]{32}")


class HoldId(FixedText):
    """A hold's UUID."""

    __slots__ = ()
    form = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class KeyId(FixedText):
    """The id of a signing key; hexadecimal."""

    __slots__ = ()
    form = re.compile(r"[0-9a-f]{8}")


class Version(FixedText):
    """A version of Troth: ``1.4.0``, ``1.5.0rc1``."""

    __slots__ = ()
    form = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){0,3}((a|b|rc)[0-9]{1,4})?(\.dev[0-9]{1,6})?", re.ASCII)


class Verdict(StrEnum):
    """What a check says of a promise."""

    BROKEN = "broken"
    NOT_REACHED = "not_reached"
    UNPROVABLE = "unprovable"
    ACCEPTED = "accepted"
    KEPT = "kept"


class PlanKind(StrEnum):
    RETENTION = "retention"
    ERASE = "erase"
    ACCESS = "access"


class How(StrEnum):
    """How an approval was given."""

    PROMPT = "prompt"
    FLAG = "flag"
    STANDING = "standing"


class Action(StrEnum):
    """What a step does."""

    DELETE = "delete"
    MASK = "mask"
    DETACH = "detach"
    REFRESH = "refresh"
    TASK = "task"
    REWRITE = "rewrite"
    DISCLOSE = "disclose"


class Established(StrEnum):
    """How something is known: counted in the store by Troth, or vouched for by a person."""

    MEASURED = "measured"
    DECLARED = "declared"


class Level(StrEnum):
    """How gone what is gone is: ``logical`` means that no query finds it, ``physical`` that it is not in the store's
    live files either."""

    LOGICAL = "logical"
    PHYSICAL = "physical"


class OutsidePlace(StrEnum):
    """A place outside of what a level is about."""

    FREED_PAGES = "freed_pages"
    FREED_DISK = "freed_disk"
    DATABASE_LOG = "database_log"
    SERVER_LOG = "server_log"
    REPLICAS = "replicas"
    SNAPSHOTS = "snapshots"
    BACKUPS = "backups"
    COPIES = "copies"
    OTHER = "other"


class Known(StrEnum):
    """How it is known until when something may be in such a place."""

    MEASURED = "measured"
    DECLARED = "declared"
    NOT_KNOWN = "not_known"


class LogicalReason(StrEnum):
    """Why something is gone on the logical level alone."""

    NOT_ASKED = "not_asked"
    NOT_POSSIBLE = "not_possible"
    OVER_BUDGET = "over_budget"
    RIGHTS = "rights"
    BUSY = "busy"
    HELD_BACK = "held_back"
    NOT_SHOWN = "not_shown"


class Limit(StrEnum):
    """Why a count might show only a part, or what it does not reach. ``other``: the plan says it in words."""

    ROW_SECURITY = "row_security"
    REPLICA = "replica"
    PARTIAL_INDEX = "partial_index"
    SAMPLE = "sample"
    DATABASE_LOG = "database_log"
    FREED_PAGES = "freed_pages"
    REPLICAS = "replicas"
    BACKUPS = "backups"
    FREE_TEXT = "free_text"
    OTHER = "other"


class Outcome(StrEnum):
    """How a plan ended: every step done and signed, or not every one."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"


class StopReason(StrEnum):
    ASKED = "asked"
    INTERRUPTED = "interrupted"
    STORE_UNAVAILABLE = "store_unavailable"
    CHANGE_REFUSED = "change_refused"
    FAILED = "failed"
    WINDOW = "window"
    TRIAL = "trial"
    PRESSURE = "pressure"


def check_fields(value: object) -> None:
    """Raise ``TypeError`` that names the first field of a dataclass whose value its type does not allow."""
    for name, hint in _hints(type(value)).items():
        if not fits(getattr(value, name), hint):
            raise TypeError(f"{type(value).__name__}.{name} takes nothing but {_say(hint)}")


def fits(value: object, hint: object) -> bool:
    """Whether ``value`` is of the type ``hint``, one of those an entry may hold; nothing fits another type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(fits(value, one) for one in arguments)
    if origin is Literal:
        return any(value is one for one in arguments)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return type(value) is tuple and all(fits(item, arguments[0]) for item in value)
    if not isinstance(hint, type):
        return False
    return type(value) is hint and _allowed(value)


def _allowed(value: object) -> bool:
    match value:
        case bool() | None | FixedText() | StrEnum():
            return True
        case int():
            return 0 <= value <= _LARGEST
        case datetime():
            return value.tzinfo is not None
        case date():
            return True
        case _:
            return is_dataclass(value)


def as_json(value: object) -> Json:
    """A value of an entry as canonical JSON has it; a moment is in UTC, to the second."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return str(value)
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return value.isoformat()
        case tuple():
            return [as_json(item) for item in value]
        case _:
            return fields_as_json(value)


def fields_as_json(value: object) -> dict[str, Json]:
    """The fields of a dataclass, each by ``as_json``."""
    return {field.name: as_json(getattr(value, field.name)) for field in fields(cast(Any, value))}


def _hints(kind: type) -> Mapping[str, object]:
    if kind not in _known_hints:
        hints = get_type_hints(kind)
        _known_hints[kind] = {field.name: hints[field.name] for field in fields(cast(Any, kind))}
    return _known_hints[kind]


def _say(hint: object) -> str:
    if get_origin(hint) in (Union, UnionType):
        return " or ".join(_say(one) for one in get_args(hint))
    if hint is NoneType:
        return "nothing"
    return hint.__name__ if isinstance(hint, type) and not get_args(hint) else str(hint)
