"""Lines as YAML text, each marked as a guess with its reason; long names go on in a further line, never wrapped."""

from __future__ import annotations

import json
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from troth.discover.columns import Certainty
from troth.systems.edit import Entry
from troth.systems.globs import matches

WIDTH = 118
_FIRST = frozenset(
    ["is", "has", "show", "hide", "allow", "enable", "require", "can", "should", "use", "calculate", "convert"]
)
_LAST = frozenset(["amount", "balance", "rate", "price", "percentage", "enabled", "total", "width", "height", "count"])
_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset(["null", "true", "false", "yes", "no", "on", "off", "y", "n"])


@dataclass(frozen=True, slots=True)
class Line:
    """One line under ``section``. For ``not_personal`` the value is the pattern and there is no key."""

    section: str
    key: str
    value: str
    reason: str
    certainty: Certainty


def key_of(text: str) -> str:
    """A name as YAML writes it: with quotes where it could be read as something else."""
    if _BARE.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    return json.dumps(text, ensure_ascii=False)


def shortened(names: list[str], others: set[str], least: int = 3) -> list[str]:
    """The names, where at least so many begin or end with the same word as ``is_*`` or ``*_rate``.

    Only words under which nobody keeps anything personal, since a pattern also names the columns of tomorrow; and none
    that would name one of ``others``."""
    left = sorted(names)
    found: list[str] = []
    while True:
        counts = Counter(pattern for name in left for pattern in _ends(name))
        fitting = [
            each for each, count in counts.items() if count >= least and not any(matches(each, o) for o in others)
        ]
        if not fitting:
            return [*sorted(found), *left]
        best = max(fitting, key=lambda each: (counts[each], each))
        found.append(best)
        left = [name for name in left if not matches(best, name)]


def _ends(name: str) -> tuple[str, ...]:
    """The patterns of harmless words that name it."""
    first, _, rest = name.partition("_")
    last = name.rpartition("_")[2]
    return (*([f"{first}_*"] if rest and first in _FIRST else []), *([f"*_{last}"] if last in _LAST else []))


def braced(names: list[str], width: int = 88) -> Iterator[str]:
    """``{a,b,c}``, cut where a line would become too long; one name stands alone."""
    group: list[str] = []
    for name in names:
        if group and sum(map(len, group)) + len(group) + len(name) > width:
            yield _group(group)
            group = []
        group.append(name)
    if group:
        yield _group(group)


def _group(names: list[str]) -> str:
    return names[0] if len(names) == 1 else "{" + ",".join(names) + "}"


HEAD = """\
# Where the data is. Drafted from the live schema: every line marked "guess" is one, with its reason; delete the mark
# when you have looked. Reference: docs/reference/systems.md. Check it with: troth validate, then troth check
troth: 1
"""


def written(
    system: str,
    store: str,
    read: str,
    schemas: Iterable[str],
    lines: Iterable[Line],
    open_: Iterable[str] = (),
    origin: str = "",
) -> str:
    """The whole file with one system. ``open_``: what nothing is written for, as comments."""
    evidence = f"evidence: {{origin: {json.dumps(origin)}}}\n" if origin else ""
    return (
        f"{HEAD}{evidence}systems:\n" + system_text(system, store, read, tuple(schemas), tuple(lines)) + comments(open_)
    )


def indented_less(text: str) -> list[str]:
    """The one system of a whole file, as it is put into another file."""
    return [line.removeprefix("  ") for line in text.partition("systems:\n")[2].splitlines()]


def comments(open_: Iterable[str]) -> str:
    """What is still to be decided, at the end of the system."""
    out = [
        line
        for text in open_
        for line in textwrap.wrap(
            text, WIDTH, initial_indent="    #  ", subsequent_indent="    #    ", break_long_words=False
        )
    ]
    head = (
        "    # to decide: nothing is written for these, so the closed list is broken until somebody says what they hold"
    )
    return "\n".join([head, *out]) + "\n" if out else ""


def system_text(system: str, store: str, read: str, schemas: tuple[str, ...], lines: tuple[Line, ...]) -> str:
    out = [f"  {system}:", f"    store: {store}", f"    read: {_reference(read)} # cannot write: look, check, plan"]
    out.append("    # write: ${TROTH_WRITE_URL} # apply needs it; the role it names may delete and mask")
    if schemas:
        out.append(f"    schemas: [{', '.join(map(key_of, schemas))}]")
    return "\n".join([*out, *sections(lines)]) + "\n"


def sections(lines: tuple[Line, ...]) -> Iterator[str]:
    """The lines under their sections, in the order of the reference."""
    for section in ("events", "items", "people", "tables", "not_personal"):
        own = [line for line in lines if line.section == section]
        if own:
            yield f"    {section}:"
        for line in own:
            *comments, text = entry_of(line).block
            yield from (f"      {comment}" for comment in comments)
            yield f"      - {text}" if section == "not_personal" else f"      {text}"


def entries(lines: Iterable[Line]) -> dict[str, list[Entry]]:
    """The lines by section, as they are put into a file that is there."""
    found: dict[str, list[Entry]] = {}
    for line in lines:
        found.setdefault(line.section, []).append(entry_of(line))
    return found


def entry_of(line: Line) -> Entry:
    """The line with its mark and reason: beside it, or above it where it would become too long."""
    words = key_of(line.value) if line.section == "not_personal" else f"{key_of(line.key)}: {line.value}"
    mark = "guess" if line.certainty != "weak" else "guess, weak"
    comment = f"# {mark}: {' '.join(line.reason.split())}"
    if len(words) + len(comment) > WIDTH + 26:
        return Entry(words, (comment, words))
    return Entry(words, (f"{words} {comment}",))


def _reference(text: str) -> str:
    return text if re.fullmatch(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}", text) else json.dumps(text, ensure_ascii=False)
