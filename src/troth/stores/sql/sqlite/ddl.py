"""What SQLite keeps only as the text of CREATE statements: CHECK constraints, collations, the events of triggers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from troth.stores.contract import Rule

_TOKEN = re.compile(
    r"""
      (?P<space>\s+|--[^\n]*(?:\n|\Z)|/\*.*?(?:\*/|\Z))
    | (?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
    | (?P<string>'(?:[^']|'')*')
    | (?P<word>[^\W\d][\w$]*)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """(kind, text, place) of everything that is not space."""
    for found in _TOKEN.finditer(text):
        if found.lastgroup != "space":
            yield found.lastgroup or "other", found.group(), found.start()


def checks(create_table: str) -> tuple[Rule, ...]:
    """Every CHECK of a table, its own name where it has one, ``check_1`` and so on where not."""
    found: list[Rule] = []
    tokens = list(_tokens(create_table))
    names = {name for at in range(len(tokens)) if (name := _name_before(tokens, at))}
    unnamed = 0
    for at, (kind, word, _) in enumerate(tokens):
        if kind == "word" and word.upper() == "CHECK" and at + 1 < len(tokens) and tokens[at + 1][1] == "(":
            end = _closing(tokens, at + 1)
            start = tokens[at + 1][2] + 1
            text = create_table[start : tokens[end][2]].strip()
            name = _name_before(tokens, at)
            if name is None:
                unnamed += 1
                while f"check_{unnamed}" in names:
                    unnamed += 1
                name = f"check_{unnamed}"
            found.append(Rule(name, text))
    return tuple(found)


def _name_before(tokens: Sequence[tuple[str, str, int]], at: int) -> str | None:
    """The name in CONSTRAINT name CHECK, for the CHECK at this place."""
    if (
        at < 2
        or tokens[at][1].upper() != "CHECK"
        or tokens[at - 2][0] != "word"
        or tokens[at - 2][1].upper() != "CONSTRAINT"
    ):
        return None
    return unquoted(tokens[at - 1][1])


def _closing(tokens: Sequence[tuple[str, str, int]], opening: int) -> int:
    depth = 0
    for at in range(opening, len(tokens)):
        depth += (tokens[at][1] == "(") - (tokens[at][1] == ")")
        if depth == 0:
            return at
    return len(tokens) - 1


def collations(create_table: str) -> dict[str, str]:
    """How each column that says so compares its texts, by the names as they are written there."""
    found: dict[str, str] = {}
    depth, column, tokens = 0, "", list(_tokens(create_table))
    for at, (kind, word, _) in enumerate(tokens):
        if depth == 1 and tokens[at - 1][1] in ("(", ","):
            column = unquoted(word)
        if depth == 1 and kind == "word" and word.upper() == "COLLATE" and at + 1 < len(tokens):
            found[column] = unquoted(tokens[at + 1][1]).upper()
        depth += (word == "(") - (word == ")")
    return found


def trigger_events(create_trigger: str) -> frozenset[str]:
    """The event in CREATE TRIGGER name BEFORE | AFTER | INSTEAD OF event ON …; SQLite has one per trigger."""
    for kind, word, _ in _tokens(create_trigger):
        if kind == "word" and word.upper() in ("INSERT", "UPDATE", "DELETE"):
            return frozenset({word.lower()})
    return frozenset()


def unquoted(name: str) -> str:
    if len(name) >= 2 and name[0] in "\"`'" and name[-1] == name[0]:
        return name[1:-1].replace(name[0] * 2, name[0])
    return name[1:-1] if name.startswith("[") else name
