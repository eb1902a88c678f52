"""Kinds of words that both files use: ids, time zones, forms, references to more than one thing."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, TypeAlias
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from troth.core.diagnostics import did_you_mean
from troth.core.fileform import problem

FORMS = ("first-half", "hashed", "no-card")
"""The forms a value can be promised in and that this version can measure."""

EVENT = re.compile(r"^[a-z][a-z0-9_]*$")
"""How an event is named in both files."""

_ID = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*$")


def one_or_many(value: object) -> object:
    """A list of one for a single value: ``for: billing`` is ``for: [billing]``."""
    return value if isinstance(value, list) or value is None else [value]


def text_or_texts(value: object) -> object:
    """Like ``one_or_many``, for what can only be text: another kind of value stays what it is, and is told."""
    return [value] if isinstance(value, str) else value


def quoted(text: str) -> str:
    """A value as a message may show it: never an address, which can hold a secret or name a person."""
    return "this text" if "@" in text or "://" in text or len(text) > 80 else f"'{text}'"


def _event(name: str) -> str:
    if not EVENT.match(name):
        raise problem("110", f"{quoted(name)} cannot name an event", "use small letters, digits and _: account_closed")
    return name


def _id(text: str) -> str:
    if not _ID.match(text):
        raise problem("106", f"{quoted(text)} cannot be an id", "use letters, digits, _ and -, beginning with a letter")
    return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(zone: str) -> str:
    if zone not in _zones():
        near = did_you_mean(zone, _zones())
        raise problem(
            "108",
            f"{quoted(zone)} is not a time zone",
            near if near.startswith("did") else "write it like Europe/Paris",
        )
    return zone


def _form(form: str) -> str:
    if form not in FORMS:
        raise problem("109", f"{quoted(form)} is not a form known here", did_you_mean(form, FORMS))
    return form


Id: TypeAlias = Annotated[str, AfterValidator(_id)]
EventName: TypeAlias = Annotated[str, AfterValidator(_event)]
Words: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True)]
Zone: TypeAlias = Annotated[str, AfterValidator(_zone)]
TextsIn: TypeAlias = Annotated[list[str], BeforeValidator(text_or_texts, json_schema_input_type=str | list[str])]
FormWord: TypeAlias = Annotated[str, AfterValidator(_form), Field(json_schema_extra={"enum": [*FORMS]})]
