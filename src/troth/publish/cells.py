"""One value of a copy in each of its three forms: for a spreadsheet, for a program, for a reader."""

from __future__ import annotations

import base64
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet would carry out."""


def for_csv(value: object, masked: str) -> str:
    """RFC 4180 quotes where it must; this makes texts that a spreadsheet would carry out begin with an apostrophe.
    ``masked`` stands for what is somebody else's. A number of the store is none of these texts, be it negative."""
    match value:
        case None:
            return ""
        case Enum():
            return masked
        case bool():
            return "true" if value else "false"
        case int() | float() | Decimal():
            return str(value)
        case _:
            text = str(for_json(value))
            return f"'{text}" if text.startswith(STARTS_A_FORMULA) else text


def for_json(value: object) -> object:
    """What JSON can hold: moments as ISO 8601, exact numbers and keys as text, bytes as Base64, a mark as an object."""
    match value:
        case None | bool() | int() | str():
            return value
        case Enum():
            return {"masked": "Art. 15(4) GDPR"}
        case float():
            return value if value - value == 0 else str(value)  # JSON has no infinity
        case datetime() | date() | time():
            return value.isoformat()
        case bytes() | bytearray() | memoryview():
            return base64.b64encode(bytes(value)).decode("ascii")
        case dict():
            return {str(key): for_json(each) for key, each in value.items()}
        case list() | tuple():
            return [for_json(each) for each in value]
        case _:
            return str(value)


def for_reader(value: object, most: int) -> tuple[str, bool]:
    """The value as text, cut at ``most`` characters; whether it was cut (or is not for reading at all)."""
    if isinstance(value, bytes | bytearray | memoryview):
        return f"({len(bytes(value))} bytes)", True
    text = for_csv(value, "").removeprefix("'") if not isinstance(value, str) else value
    return (text, False) if len(text) <= most else (f"{text[:most]}…", True)
