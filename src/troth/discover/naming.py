"""Names in one plain form, whatever a schema's habits: small letters, ``_`` between words, each word for one."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
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


def bare_names(names: tuple[str, ...]) -> dict[str, str]:
    """Each column's plain name without the word that most columns of its table begin or end with (``email_adh``)."""
    split = {name: plain(name).split("_") for name in names}
    many = [words for words in split.values() if len(words) > 1]
    for at in (0, -1):
        word, count = Counter(words[at] for words in many).most_common(1)[0] if many else ("", 0)
        if count >= 5 and count * 10 >= len(names) * 6 and word not in {"id", "at", "is"}:
            cut = {name: words for name, words in split.items() if len(words) > 1 and words[at] == word}
            split |= {name: words[1:] if at == 0 else words[:-1] for name, words in cut.items()}
            break
    return {name: "_".join(words) for name, words in split.items()}


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
