"""What one line says for all declared tables at once: items by pattern, and names that hold nothing personal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from troth.discover.columns import ColumnGuess
from troth.discover.words import PolicyWords
from troth.discover.writing import Line, braced, shortened
from troth.systems.globs import matches

Wanted = Mapping[str, Mapping[str, ColumnGuess]]
"""Table → column → what a line has to say of it."""

PLAINLY = frozenset({"not_personal", "reference"})
"""Guesses that need a line under ``not_personal``."""
_PERSONAL = frozenset({"item", "free_text", "undecided"})


def item_lines(wanted: Wanted, words: PolicyWords, *, open_patterns: bool) -> list[Line]:
    """A pattern of the vocabulary where all columns that it names hold the item; else the names themselves.

    Without ``open_patterns`` names only: other lines are there, and a pattern could take what they say.
    """
    by_item: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for guesses in wanted.values():
        for name, each in guesses.items():
            if (item := words.rule(each)) and each.strong:
                by_item[item][name].append(each.pattern)
    lines: list[Line] = []
    for item, names in by_item.items():
        everywhere = [name for name in names if _is_always(wanted, words, name, item)]
        patterns = {each for name in everywhere for each in names[name] if each and "{" not in each and open_patterns}
        globs = sorted(each for each in patterns if _names_only(wanted, words, each, item))
        globs = [each for each in globs if any(matches(each, name) for name in everywhere)]
        rest = sorted(name for name in everywhere if not any(matches(each, name) for each in globs))
        for key in braced([*globs, *rest]):
            columns = sum(len(found) for name, found in names.items() if name in everywhere and matches(key, name))
            many = "1 column" if columns == 1 else f"{columns} columns"
            lines.append(Line("items", key, item, f"by name; {many}", "likely"))
    return lines


def _is_always(wanted: Wanted, words: PolicyWords, name: str, item: str) -> bool:
    """Whether a name holds the item wherever it stands, with the same blank."""
    found = [guesses[name] for guesses in wanted.values() if name in guesses]
    return all(words.rule(each) == item for each in found)


def _names_only(wanted: Wanted, words: PolicyWords, pattern: str, item: str) -> bool:
    """Whether a pattern names nothing else than columns that hold the item."""
    found = [each for guesses in wanted.values() for name, each in guesses.items() if matches(pattern, name)]
    return all(words.rule(each) == item for each in found)


def not_personal_lines(wanted: Wanted, not_here: Mapping[tuple[str, str], str]) -> list[Line]:
    """Names that hold nothing personal in any declared table, by reason; then single columns.

    ``not_here``: columns for which another line says something else → why they hold nothing.
    """
    reasons: dict[str, str] = {}
    mixed: set[str] = set()
    for guesses in wanted.values():
        for name, each in guesses.items():
            if each.holds in PLAINLY:
                reasons.setdefault(name, _short(each.reason))
            elif each.holds != "convention":
                mixed.add(name)
    by_reason: dict[str, list[str]] = defaultdict(list)
    for name, reason in reasons.items():
        if name not in mixed:
            by_reason[reason].append(name)
    single: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (table, name), reason in not_here.items():
        if name in mixed or name not in reasons:
            single[name, _short(reason)].append(table)
    personal = {name for guesses in wanted.values() for name, each in guesses.items() if each.holds in _PERSONAL}
    everywhere = [
        Line("not_personal", "", f"*.{group}", reason, "likely")
        for reason, names in by_reason.items()
        for group in braced(shortened(names, personal | mixed))
    ]
    return everywhere + [
        Line("not_personal", "", f"{group}.{name}", reason, "likely")
        for (name, reason), tables in sorted(single.items())
        for group in braced(sorted(tables))
    ]


def _short(reason: str) -> str:
    """Reasons that differ only in their numbers are one."""
    return "few different words in the sample" if "different words" in reason else reason
