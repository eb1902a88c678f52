"""Secrets stay out of the files: a URL may hold references, never a password. Nothing here repeats what it looks at."""

from __future__ import annotations

import re

_REFERENCE = re.compile(r"\$\{(?:[A-Za-z_][A-Za-z0-9_]*|file:[^}]+)\}")
_AUTHORITY = re.compile(r"^[a-z][a-z0-9+.-]*://([^/?#]*)@", re.IGNORECASE)
_QUERY = re.compile(r"[?&;](?:password|passwd|pwd|secret|token|sslpassword|passphrase)=([^&;#]+)", re.IGNORECASE)
_KEYWORD = re.compile(r"(?:^|\s)password\s*=\s*(\S+)", re.IGNORECASE)


def is_reference(text: str) -> bool:
    """Whether the whole text is one reference: ``${NAME}`` or ``${file:path}``."""
    return _REFERENCE.fullmatch(text) is not None


def why_not_a_url(text: str) -> str:
    """What is wrong with an address, or nothing."""
    rest = _REFERENCE.sub("\0", text)
    if "${" in rest:
        return "a reference here is not written right"
    authority = _AUTHORITY.match(rest)
    user, colon, password = authority[1].partition(":") if authority else ("", "", "")
    if colon and password.strip("\0"):
        return "a password is written in the address"
    if authority and not colon and not user:
        return "the address names no user before @"
    for pattern in (_QUERY, _KEYWORD):
        if (found := pattern.search(rest)) and found[1].strip("\0"):
            return "a password is written in the address"
    if re.match(r"^\$[A-Za-z_]", text):
        return "a reference needs braces"
    if not is_reference(text) and "\0" not in rest[:1] and not re.match(r"^[a-z][a-z0-9+.-]*:", rest, re.IGNORECASE):
        return "this is not an address: it begins with no scheme like sqlite: or postgresql:"
    return ""


def scheme_of(text: str) -> str:
    """The scheme an address is written with, or nothing when a reference holds it."""
    found = re.match(r"^([a-z][a-z0-9]*)(?:\+[a-z0-9]+)?:", text, re.IGNORECASE)
    return found[1].lower() if found else ""
