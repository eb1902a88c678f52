"""Kinds of words that both files use: ids, time zones, forms, references to more than one thing."""

from __future__ import annotations

import re
from typing import Annotated, TypeAlias
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints

from troth.core.diagnostics import did_you_mean
from troth.core.fileform import problem

FORMS = ("first-half", "hashed", "no-card")
"""The forms a value can be promised in and that this version can measure."""

_ID = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*$")


def one_or_many(value: object) -> object:
    """A list of one for a single value: ``for: billing`` is ``for: [billing]``."""
    return value if isinstance(value, list) or value is None else [value]


def _id(text: str) -> str:
    if not _ID.match(text):
        raise problem("106", f"'{text}' cannot be an id", "use letters, digits, _ and -, beginning with a letter")
    return text


def _zone(zone: str) -> str:
    if zone not in available_timezones():
        near = did_you_mean(zone, available_timezones())
        raise problem(
            "108", f"'{zone}' is not a time zone", near if near.startswith("did") else "write it like Europe/Paris"
        )
    return zone


def _form(form: str) -> str:
    if form not in FORMS:
        raise problem("109", f"'{form}' is not a form known here", did_you_mean(form, FORMS))
    return form


Id: TypeAlias = Annotated[str, AfterValidator(_id)]
Words: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True)]
Zone: TypeAlias = Annotated[str, AfterValidator(_zone)]
FormWord: TypeAlias = Annotated[str, AfterValidator(_form), Field(json_schema_extra={"enum": [*FORMS]})]
