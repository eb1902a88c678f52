"""Small helpers for texts that are written with marks for the docs and read without them."""

from __future__ import annotations

import re

_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")


def plain(text: str) -> str:
    """Without the marks of Markdown that our own words use: links and code letters."""
    return _LINK.sub(r"\1", text).replace("`", "")
