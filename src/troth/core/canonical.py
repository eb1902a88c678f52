"""Canonical JSON: one text per value, so that its SHA-256 names it.

The form is RFC 8785 (JCS) restricted to what Troth needs: objects with ASCII keys, arrays, strings, integers,
booleans and null. Floats are refused, because two machines may print the same one differently.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = bool | int | str | Sequence["Json"] | Mapping[str, "Json"] | None

_LARGEST = 2**53 - 1


def canonical(value: Json) -> bytes:
    """UTF-8 bytes of ``value``: keys sorted, no spaces, non-ASCII kept.

    Raises ``ValueError`` for a float, an integer beyond 2^53-1, a key that is not ASCII text, or another type.
    """
    _refuse_ambiguous(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha256_hex(value: Json) -> str:
    """Hexadecimal SHA-256 (64 characters) of the canonical form."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _refuse_ambiguous(value: object) -> None:
    match value:
        case None | bool() | str():
            return
        case int():
            if abs(value) > _LARGEST:
                raise ValueError(f"integer beyond 2^53-1 has no canonical form: {value}")
        case Mapping():
            for key, item in value.items():
                if not (isinstance(key, str) and key.isascii()):
                    raise ValueError("canonical JSON keys are ASCII text")
                _refuse_ambiguous(item)
        case list() | tuple():
            for item in value:
                _refuse_ambiguous(item)
        case _:
            raise ValueError(f"no canonical form for a {type(value).__name__}")
