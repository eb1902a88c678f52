"""Pseudonyms: keyed hashes that stand for a name where the name itself must not be, such as evidence.

With the key one can tell whether a known name is meant; without it, nothing. They are still personal data for whoever
has the key. One name has another pseudonym in each domain, so that domains cannot be joined.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Literal, TypeAlias

Domain: TypeAlias = Literal["actor", "key", "statement"]

SIZE = 16
"""Bytes of a pseudonym; its text is hexadecimal, 32 characters."""


def pseudonym(domain: Domain, name: str, secret: str) -> str:
    """The first 16 bytes, in hexadecimal, of HMAC-SHA256 under ``secret`` of the domain and the name."""
    message = b"troth pseudonym\0" + domain.encode() + b"\0" + name.encode("utf-8", "surrogatepass")
    return hmac.new(secret.encode(), message, hashlib.sha256).digest()[:SIZE].hex()
