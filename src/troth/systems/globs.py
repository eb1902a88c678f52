"""Name patterns: ``*`` any run of characters, ``?`` one, ``[a-c]`` one of these, ``{a,b}`` one of these texts.

Letters count as they are written. Braces may hold patterns and nest; a brace that nothing closes is itself.
"""

from __future__ import annotations

import re
from functools import lru_cache


def is_pattern(text: str) -> bool:
    """Whether the text can name more than itself."""
    return any(mark in text for mark in "*?[{")


def matches(pattern: str, name: str) -> bool:
    """Whether ``name``, all of it, is one that ``pattern`` names."""
    return _compiled(pattern).fullmatch(name) is not None


def alternatives(pattern: str) -> tuple[str, ...]:
    """What its first braces stand for, each with what is around them: the pattern itself where it has none."""
    opening = pattern.find("{")
    end = _closing(pattern, opening) if opening >= 0 else -1
    if end < 0:
        return (pattern,)
    return tuple(f"{pattern[:opening]}{part}{pattern[end + 1 :]}" for part in _parts(pattern[opening + 1 : end]))


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_translate(pattern), re.DOTALL)


def _translate(pattern: str) -> str:
    out: list[str] = []
    position = 0
    while position < len(pattern):
        mark = pattern[position]
        if mark == "*":
            out.append(".*")
        elif mark == "?":
            out.append(".")
        elif mark == "[" and (end := pattern.find("]", position + 2)) > 0:
            out.append(_one_of(pattern[position + 1 : end]))
            position = end
        elif mark == "{" and (end := _closing(pattern, position)) > 0:
            out.append(f"(?:{'|'.join(_translate(part) for part in _parts(pattern[position + 1 : end]))})")
            position = end
        else:
            out.append(re.escape(mark))
        position += 1
    return "".join(out)


def _one_of(inside: str) -> str:
    negated = inside.startswith("!")
    body = inside[1:] if negated else inside
    escaped = re.sub(r"([\\\]\[^&~|])", r"\\\1", body)
    try:
        re.compile(f"[{escaped}]")
    except re.error:  # a range that runs backwards names nothing but its letters
        escaped = re.escape(body)
    return f"[{'^' if negated else ''}{escaped}]"


def _closing(pattern: str, opening: int) -> int:
    depth = 0
    for position in range(opening, len(pattern)):
        depth += {"{": 1, "}": -1}.get(pattern[position], 0)
        if depth == 0:
            return position
    return -1


def _parts(inside: str) -> list[str]:
    parts, depth = [""], 0
    for mark in inside:
        depth += {"{": 1, "}": -1}.get(mark, 0)
        if mark == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += mark
    return parts
