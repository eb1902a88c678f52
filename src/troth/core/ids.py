"""Ids: UUIDv7 for rows of our own (RFC 9562), readable prefixes for people."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID


def uuid7(now: datetime) -> UUID:
    """A time-ordered UUID (RFC 9562, version 7) whose first 48 bits are ``now`` in milliseconds."""
    milliseconds = int(now.timestamp() * 1000) & (2**48 - 1)
    value = (milliseconds << 80) | (0x7 << 76) | (secrets.randbits(12) << 64) | (0b10 << 62) | secrets.randbits(62)
    return UUID(int=value)
