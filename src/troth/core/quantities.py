"""Amounts as people type them on the command line: a share of rows, a length of time."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from troth.core.errors import InputError

WHOLE = 1_000_000
"""All rows, in the millionths that a share is counted in."""

_SHARE = re.compile(r"\s*(\d{1,3}(?:[.,]\d{1,4})?)\s*%\s*", re.ASCII)
_WINDOW = re.compile(r"\s*(?:(\d{1,4})\s*h)?\s*(?:(\d{1,4})\s*m(?:in)?)?\s*(?:(\d{1,5})\s*s)?\s*", re.ASCII)


def parse_share(text: str) -> int:
    """``1%`` or ``0.5 %``, in millionths. Raises ``InputError`` for none, and for more than all."""
    found = _SHARE.fullmatch(text)
    share = int(Decimal(found[1].replace(",", ".")) * 10_000) if found else 0
    if not 0 < share <= WHOLE:
        raise InputError(f"'{text}' is not a share", hint="write it like 1% or 0.5%", code="SHARE")
    return share


def share_words(share: int) -> str:
    """``0.5 %``."""
    return f"{Decimal(share) / 10_000:f} %"


def parse_window(text: str) -> timedelta:
    """``2h``, ``90m`` or ``1h30m``. Raises ``InputError`` for anything else, and for no time at all."""
    found = _WINDOW.fullmatch(text)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    window = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if not window:
        raise InputError(f"'{text}' is not a length of time", hint="write it like 2h, 90m or 1h30m", code="WINDOW")
    return window
