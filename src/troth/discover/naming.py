"""Names in one plain form, whatever a schema's habits: small letters, ``_`` between words, each word for one."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from troth.systems.globs import matches

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@lru_cache(maxsize=16_384)
def plain(name: str) -> str:
    """A name as the patterns spell it: small letters, ``_`` between words, no accents."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() or name
    return re.sub(r"[\s-]+", "_", _CAMEL.sub("_", bare)).lower()


def fits(patterns: tuple[str, ...], name: str) -> str | None:
    """The first pattern that names the plain ``name``."""
    return next((pattern for pattern in patterns if matches(pattern, name)), None)


def one(word: str) -> str:
    """The word for one: ``companies`` → ``company``, ``addresses`` → ``address``, ``people`` → ``person``."""
    if word in {"people", "persons"}:
        return "person"
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def words_of(table: str) -> tuple[str, ...]:
    """A table's words, each for one, without the name of its schema."""
    return tuple(one(word) for word in plain(table.rpartition(".")[2]).split("_") if word)


def stem(column: str) -> str:
    """What a reference's name points at, or nothing: ``user`` for ``user_id``, ``userId``, ``id_user``, ``fk_user``."""
    name = plain(column)
    for ending in ("_id", "_uuid", "_fk", "_ref"):
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending)
    for beginning in ("id_", "fk_", "ref_"):
        if name.startswith(beginning) and len(name) > len(beginning):
            return name.removeprefix(beginning)
    return ""
