"""Amounts in ``systems.yaml``: how long copies are kept, and what a physical step may take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pydantic import BeforeValidator, Field

from troth.core.fileform import FileModel, problem
from troth.core.filewords import quoted
from troth.core.periods import Period

_MOST_DAYS = 31
"""Days that a month has at most: what is kept for a month is gone after so many."""

_SECONDS: Mapping[str, int] = {"s": 1, "min": 60, "m": 60, "h": 3600}
_BYTES: Mapping[str, int] = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


def _amount(text: object, units: Mapping[str, int], example: str) -> int:
    found = re.fullmatch(r"\s*(\d{1,9})\s*([A-Za-z]+)\s*", str(text), re.ASCII)
    if found is None or found[2] not in units or not int(found[1]):
        raise problem("215", f"{quoted(str(text))} is not an amount", f"write it like {example}")
    return int(found[1]) * units[found[2]]


def _seconds(text: object) -> int:
    return _amount(text, _SECONDS, "5 s or 2 min")


def _bytes(text: object) -> int:
    return _amount(text, _BYTES, "500 MiB or 2 GiB")


def _days(text: object) -> int:
    try:
        period = Period.parse(str(text))
    except ValueError:
        raise problem("215", f"{quoted(str(text))} is not a period", "write it like 30 days or 6 months") from None
    return period.months * _MOST_DAYS + period.days


Days: TypeAlias = Annotated[int, BeforeValidator(_days, json_schema_input_type=str)]


class PhysicalFile(FileModel):
    """What a physical step may take; without it, a plan has none for this system."""

    lock: Annotated[int, BeforeValidator(_seconds, json_schema_input_type=str)] | None = Field(
        default=None, description="how long others may wait: 5 s"
    )
    disk: Annotated[int, BeforeValidator(_bytes, json_schema_input_type=str)] | None = Field(
        default=None, description="how much it may write anew at once: 2 GiB"
    )


class KeptFile(FileModel):
    """For how long copies are kept."""

    keep: Days | None = Field(default=None, description="the longest that one is kept: 30 days")
