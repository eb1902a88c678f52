"""Given values read as what a column holds. ``None`` always means: no row can hold this, so nothing matches it.

Keys travel as integers and text, constants of a policy as integers, text and booleans; the store compares in the
column's own type, so that ``'7'`` finds 7 and a malformed UUID finds nothing instead of failing.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from ipaddress import ip_interface
from uuid import UUID

YES = ("true", "t", "yes", "y", "on", "1")
"""Texts, in lower case, that stand for true: what PostgreSQL reads as such, written out."""

NO = ("false", "f", "no", "n", "off", "0")

_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def as_text(value: str | int) -> str | None:
    """Text as any store can hold it: no NUL, no half of a surrogate pair."""
    text = str(value)
    if "\0" in text:
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return None
    return text


def as_integer(value: str | int, bits: int = 64) -> int | None:
    if isinstance(value, str):
        if not _INTEGER.match(value) or len(value) > 30:
            return None
        value = int(value)
    return value if -(1 << (bits - 1)) <= value < 1 << (bits - 1) else None


def as_decimal(value: str | int) -> Decimal | None:
    if isinstance(value, int):
        return Decimal(value)
    return Decimal(value) if _DECIMAL.match(value) and len(value) < 200 else None


def as_float(value: str | int) -> float | None:
    number = as_decimal(value)
    if number is None:
        return None
    try:
        return float(number)
    except OverflowError:
        return None


def as_boolean(value: str | int) -> bool | None:
    text = str(value).lower()
    if text in YES:
        return True
    return False if text in NO else None


def as_uuid(value: str | int) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def as_date(value: str | int) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and _DAY.match(value) else None
    except ValueError:
        return None


def as_datetime(value: str | int, *, aware: bool) -> datetime | None:
    """ISO 8601, with an offset when ``aware`` and without one when not."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and (found.tzinfo is not None) == aware else None


def as_bytes(value: str | int) -> bytes | None:
    """Bytes from hexadecimal, with or without PostgreSQL's ``\\x`` before it."""
    try:
        return bytes.fromhex(value.removeprefix("\\x")) if isinstance(value, str) else None
    except ValueError:
        return None


def as_network(value: str | int) -> str | None:
    try:
        return str(ip_interface(value)) if isinstance(value, str) else None
    except ValueError:
        return None


def folded(text: str) -> tuple[str, ...]:
    """The texts that a store's own ``lower`` may leave of what people would call the same name.

    Some stores fold ASCII alone. Letters beyond it are therefore given in both cases: all combinations of the first
    six, the rest all lower or all upper.
    """
    low = "".join(char.lower() if char.isascii() else char for char in text)
    spots = [at for at, char in enumerate(low) if not char.isascii() and _upper(char) != char]
    variants = {low, "".join(_upper(char) if not char.isascii() else char for char in low)}
    for bits in range(1 << min(len(spots), 6)):
        chars = list(low)
        for place, at in enumerate(spots[:6]):
            if bits >> place & 1:
                chars[at] = _upper(chars[at])
        variants.add("".join(chars))
    return tuple(sorted(variants))


def _upper(char: str) -> str:
    return char.upper() if len(char.upper()) == 1 else char
