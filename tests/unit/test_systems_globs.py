"""Name patterns against an independent reading of them: expand the braces, then compare as shells do."""

from __future__ import annotations

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from troth.systems.globs import is_pattern, matches

LETTERS = st.text("ab_", min_size=0, max_size=4)
PLAIN = st.lists(st.one_of(LETTERS, st.sampled_from(["*", "?", "[ab]", "[!a]"])), max_size=4).map("".join)
PATTERNS = st.recursive(
    PLAIN,
    lambda inner: st.tuples(PLAIN, st.lists(inner, min_size=1, max_size=3), PLAIN).map(
        lambda parts: f"{parts[0]}{{{','.join(parts[1])}}}{parts[2]}"
    ),
    max_leaves=4,
)


def expand(pattern: str) -> list[str]:
    opening = pattern.find("{")
    if opening < 0:
        return [pattern]
    depth, parts, start = 0, [], opening + 1
    for position in range(opening, len(pattern)):
        mark = pattern[position]
        depth += {"{": 1, "}": -1}.get(mark, 0)
        if (mark == "," and depth == 1) or depth == 0:
            parts.append(pattern[start:position])
            start = position + 1
        if depth == 0:
            return [
                whole
                for part in parts
                for inside in expand(part)
                for whole in expand(pattern[:opening] + inside + pattern[position + 1 :])
            ]
    raise AssertionError(pattern)


@given(PATTERNS, st.text("ab_", max_size=8))
def test_a_pattern_names_what_its_expansions_name(pattern: str, name: str) -> None:
    assert matches(pattern, name) == any(fnmatchcase(name, plain) for plain in expand(pattern))


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_text_is_a_pattern_and_compiles(pattern: str, name: str) -> None:
    matches(pattern, name)


@given(st.text(st.characters(exclude_characters="*?[{"), max_size=20))
def test_a_text_without_marks_names_itself_alone(name: str) -> None:
    assert not is_pattern(name)
    assert matches(name, name)
    assert not matches(name, f"{name}x")


def test_examples() -> None:
    assert matches("{first,last}_name", "last_name")
    assert not matches("{first,last}_name", "full_name")
    assert matches("*_ip", "last_login_ip")
    assert not matches("*_ip", "last_login_IP")
    assert matches("{invoices,credit_*}", "credit_notes")
    assert matches("a[", "a[")
    assert matches("a{b", "a{b")
