"""What one value looks like, whatever its column is called. Pure; nothing is kept of the value.

A shape is a strong sign (an address with an @, a card number that passes Luhn under an issuer's digits) or none at all:
names of people and streets have no shape. Password schemes are those of ``docs/reference/policy.md``'s form ``hashed``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_address

from troth.core.cards import holds_card

_EMAIL = re.compile(r"[^@\s\"<>]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PHONE = re.compile(r"(?:\+|00)[1-9][\d .()/-]{6,20}\d|0[1-9](?:[ .-]?\d\d){4}")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_SLOW = re.compile(
    r"\$2[abxy]\$\d\d\$.{53}|\$argon2(?:id|i|d)\$.+|argon2\$argon2.+|\$scrypt\$.+|scrypt[:$].+|\$7\$.+"
    r"|(?:\$)?pbkdf2.*|bcrypt(?:_sha256)?\$.+|\$bcrypt-sha256\$.+|\$[56]\$.+|\$g?y\$.+|\$S\$.+|\$wp\$2.+"
    r"|\{(?:bcrypt|PBKDF2|ARGON2|BLF-CRYPT|SSHA256|SSHA384|SSHA512|CRYPT).*\}.+|SCRAM-SHA-256\$.+|AQAAAA[EI]AA.+"
)
_BARE = re.compile(
    r"(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{56}|[0-9a-fA-F]{64}|[0-9a-fA-F]{96}|[0-9a-fA-F]{128})"
)
_FAST = re.compile(r"\$1\$.+|\$P\$.+|\$H\$.+|\{(?:SHA|SSHA|MD5|SMD5)\}.+|\*[0-9A-F]{40}|(?:md5|sha1|unsalted_\w+)\$.*")
_HALF = re.compile(r"\d{1,3}\.\d{1,3}(?:\.0\.0|\.x\.x|\.xxx\.xxx|\.\*\.\*)?")
_BROWSER = re.compile(r"Mozilla/\d|\b(?:curl|Wget|okhttp|PostmanRuntime|python-requests)/\d")


def shapes_of(text: str) -> frozenset[str]:
    """Every shape that ``text`` has: ``email``, ``email_inside``, ``phone``, ``ip_full``, ``ip_half``, ``card``,
    ``iban``, ``uuid``, ``url``, ``user_agent``, ``password_slow``, ``password_fast``, ``digest``, ``number``, ``word``
    (one run of letters, digits, ``_`` and ``-``) and ``prose`` (five words or more)."""
    value = text.strip()
    found = {shape for shape, test in _TESTS if test(value)}
    if "email" in found:
        found.discard("email_inside")
    return frozenset(found)


def is_iban(text: str) -> bool:
    """ISO 13616: the letters and digits, turned round and read as one number, leave 1 after division by 97."""
    value = text.replace(" ", "").upper()
    if not _IBAN.fullmatch(value):
        return False
    return int("".join(str(int(mark, 36)) for mark in value[4:] + value[:4])) % 97 == 1


def _full_ip(text: str) -> bool:
    if not 2 < len(text) <= 45 or _half_ip(text):
        return False
    try:
        address = ip_address(text.partition("/")[0])
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


def _half_ip(text: str) -> bool:
    """Cut to its first half: IPv4's first two bytes, IPv6's first 48 bits. A number with one dot is no address."""
    if _HALF.fullmatch(text):
        return text.count(".") == 3
    head, cut, rest = text.partition("::")
    return bool(cut) and not rest.partition("/")[0] and head.count(":") <= 2 and ":" in f"{head}:" and head != ""


_TESTS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("email", lambda text: bool(_EMAIL.fullmatch(text))),
    ("email_inside", lambda text: bool(_EMAIL.search(text))),
    ("phone", lambda text: bool(_PHONE.fullmatch(text))),
    ("ip_full", _full_ip),
    ("ip_half", _half_ip),
    ("card", holds_card),
    ("iban", is_iban),
    ("uuid", lambda text: bool(_UUID.fullmatch(text))),
    ("url", lambda text: bool(_URL.fullmatch(text))),
    ("user_agent", lambda text: bool(_BROWSER.search(text))),
    ("password_slow", lambda text: bool(_SLOW.fullmatch(text))),
    ("password_fast", lambda text: bool(_FAST.fullmatch(text))),
    ("digest", lambda text: bool(_BARE.fullmatch(text))),
    ("number", lambda text: bool(re.fullmatch(r"[+-]?\d+(?:[.,]\d+)?", text))),
    ("word", lambda text: bool(re.fullmatch(r"[\w-]+", text))),
    ("prose", lambda text: text.count(" ") >= 4),
)
