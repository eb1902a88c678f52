"""Declared forms that a query can tell, as data: the same list for every dialect.

``first-half``: an IPv4 address cut to its first two bytes (``1.2``, ``1.2.0.0``, ``1.2.x.x``, ``1.2.xxx.xxx``,
``1.2.*.*``, the second also with a prefix length of at most 16), an IPv6 address cut to its first 48 bits
(``2001:db8:1::`` or shorter, also written in full, or with a prefix length of at most 48).
``hashed``: a value written by a known scheme made for passwords (salted, slow on purpose), told by its shape. Bare
digests, ``{SHA}``, ``{SSHA}``, ``{MD5}``, ``$1$`` and phpass (MD5) are not.
Nothing (null) and the empty text break no form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from troth.core.errors import InputError

sql_forms: frozenset[str] = frozenset({"first-half", "hashed"})
"""Forms a SQL store can measure by itself; others are tested on values read from it."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """A password hashing scheme: what its values look like, as a GLOB pattern, and the length they have at least."""

    name: str
    pattern: str
    length: int


_BCRYPT = "$2[abxy]$[0-9][0-9]$*"

SCHEMES = (
    Scheme("bcrypt", _BCRYPT, 60),
    Scheme("bcrypt (passlib, over SHA-256)", "$bcrypt-sha256$*", 60),
    Scheme("bcrypt (Django)", f"bcrypt${_BCRYPT}", 67),
    Scheme("bcrypt (Django, over SHA-256)", f"bcrypt_sha256${_BCRYPT}", 74),
    Scheme("bcrypt (Spring)", f"{{bcrypt}}{_BCRYPT}", 68),
    Scheme("bcrypt (Dovecot)", f"{{BLF-CRYPT}}{_BCRYPT}", 71),
    Scheme("bcrypt (WordPress)", f"$wp{_BCRYPT}", 63),
    Scheme("argon2", "$argon2[id]*$*$*", 50),
    Scheme("argon2 (Django)", "argon2$argon2[id]*$*$*", 56),
    Scheme("argon2 (Spring)", "{argon2*}$argon2[id]*$*$*", 58),
    Scheme("argon2 (OpenLDAP, Dovecot)", "{ARGON2*}$argon2[id]*$*$*", 58),
    Scheme("scrypt (passlib)", "$scrypt$*$*$*", 50),
    Scheme("scrypt (libxcrypt)", "$7$*$*", 50),
    Scheme("scrypt (Werkzeug)", "scrypt:[0-9]*:[0-9]*:[0-9]*$*$*", 60),
    Scheme("scrypt (Django)", "scrypt$*$[0-9]*$[0-9]*$[0-9]*$*", 60),
    Scheme("PBKDF2 (Django)", "pbkdf2_sha*$[0-9]*$*$*", 40),
    Scheme("PBKDF2 (passlib)", "$pbkdf2*$[0-9]*$*$*", 40),
    Scheme("PBKDF2 (Werkzeug)", "pbkdf2:sha*$*$*", 50),
    Scheme("PBKDF2 (LDAP)", "{PBKDF2*}*", 40),
    Scheme("PBKDF2 (ASP.NET Identity)", "AQAAAA[EI]AA*", 84),
    Scheme("PBKDF2 (SCRAM, PostgreSQL)", "SCRAM-SHA-256$[0-9]*:*$*:*", 100),
    Scheme("SHA-512 crypt", "$6$*$*", 90),
    Scheme("SHA-256 crypt", "$5$*$*", 47),
    Scheme("SHA-512 crypt (LDAP)", "{CRYPT}$6$*$*", 97),
    Scheme("SHA-256 crypt (LDAP)", "{CRYPT}$5$*$*", 54),
    Scheme("bcrypt (LDAP)", f"{{CRYPT}}{_BCRYPT}", 67),
    Scheme("SHA-512 crypt (Dovecot)", "{SHA512-CRYPT}$6$*$*", 104),
    Scheme("SHA-256 crypt (Dovecot)", "{SHA256-CRYPT}$5$*$*", 61),
    Scheme("yescrypt", "$y$*$*$*", 60),
    Scheme("gost-yescrypt", "$gy$*$*$*", 60),
    Scheme("SHA-512 (Drupal)", "$S$*", 55),
    Scheme("salted SHA-256 (LDAP)", "{SSHA256}*", 55),
    Scheme("salted SHA-384 (LDAP)", "{SSHA384}*", 77),
    Scheme("salted SHA-512 (LDAP)", "{SSHA512}*", 99),
)

_BYTE = r"(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_HEX = "[0-9a-f]{1,4}"

FIRST_HALF_V4 = rf"{_BYTE}\.{_BYTE}(\.0\.0(/([0-9]|1[0-6]))?|\.x\.x|\.xxx\.xxx|\.\*\.\*)?"
FIRST_HALF_V6 = (
    rf"({_HEX}(:{_HEX}){{0,2}})?::(/([0-9]|[1-3][0-9]|4[0-8]))?"
    rf"|{_HEX}(:{_HEX}){{2}}(:0:0:0:0:0|:0000:0000:0000:0000:0000)"
)
FIRST_HALF = rf"^({FIRST_HALF_V4}|::ffff:{FIRST_HALF_V4}|{FIRST_HALF_V6})$"
"""Of a text in lower case."""


def known(form: str) -> None:
    """Raise ``InputError`` for a form that no query can tell."""
    if form not in sql_forms:
        hint = f"forms a SQL store measures: {', '.join(sorted(sql_forms))}; others are tested on values read from it"
        raise InputError(f"a SQL store cannot tell the form {form}", hint=hint, code="STORE-FORM")


def _as_regex(scheme: Scheme) -> str:
    """The pattern as a regular expression, its length looked at first."""
    out = [f"(?=.{{{scheme.length},}}$)"]
    for part in re.split(r"(\*|\[[^\]]*\])", scheme.pattern):
        if part == "*":
            out.append(".*")
        else:
            out.append(part if part.startswith("[") else re.escape(part))
    return "".join(out)


HASHED = f"^({'|'.join(map(_as_regex, SCHEMES))})$"
"""All schemes as one regular expression."""
