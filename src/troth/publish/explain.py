"""``troth help``: what a code or a word means, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from troth.core.errors import InputError
from troth.core.explained import Explanation, InBoth, codes, terms
from troth.law.read import reasons
from troth.publish.language import Language, Tongue, spaced, tongue
from troth.publish.text import plain

SAID = "said"
"""The group of the law's own words for the person; its codes are reasons."""


@dataclass(frozen=True, slots=True)
class Help:
    """One meaning of a code or word. ``title``: what kind of thing it is, with what belongs to it (a verdict)."""

    name: str
    title: str
    means: str
    do: str


def known_words() -> dict[str, tuple[str, ...]]:
    """Every code and word that can be asked for, by group, in the order of the docs."""
    found: dict[str, tuple[str, ...]] = {}
    for each in _entries():
        found[each.group] = (*found.get(each.group, ()), *each.names)
    return found


def explain(word: str, language: Language) -> tuple[Help, ...]:
    """Every meaning of a code, or of a word in either language; case does not matter.

    Raises ``InputError`` (``NO-WORD``) that names the nearest.
    """
    spoken = tongue(language, "help")
    wanted = " ".join(word.casefold().split())
    found = tuple(_help(spoken, each) for each in _entries() if wanted in map(str.casefold, _words(each)))
    if not found:
        known = {name.casefold(): name for each in _entries() for name in _words(each)}
        near = get_close_matches(wanted, known, n=1)
        hint = f"did you mean '{known[near[0]]}'?" if near else "troth help lists every code and word"
        raise InputError(f"nothing is known of '{word}'", hint=hint, code="NO-WORD")
    return found


def _entries() -> Iterator[Explanation]:
    yield from codes()
    for code, reason in reasons().items():
        yield Explanation(SAID, (code,), {"article": reason.article}, InBoth(reason.words.en, reason.words.fr))
    yield from terms()


def _words(each: Explanation) -> tuple[str, ...]:
    return (*each.names, *filter(None, (each.facts.get("french"),)))


def _help(spoken: Tongue, each: Explanation) -> Help:
    return Help(
        _name(spoken, each),
        ", ".join(filter(None, (spoken.say(f"group.{each.group}"), *_facts(spoken, each)))),
        spaced(plain(each.means.of(spoken.language)), spoken.language),
        spaced(plain(each.do.of(spoken.language)), spoken.language),
    )


def _name(spoken: Tongue, each: Explanation) -> str:
    french, english = each.facts.get("french"), ", ".join(each.names)
    if french is None or french == english:
        return english
    first, second = (french, english) if spoken.language is Language.FRENCH else (english, french)
    return f"{first} ({second})"


def _facts(spoken: Tongue, each: Explanation) -> Iterator[str]:
    if verdict := each.facts.get("verdict"):
        yield f"{spoken.say('verdict')}{spoken.say('colon')}{spoken.say(f'verdicts.{verdict}')}"
    if article := each.facts.get("article"):
        yield spoken.say("article", article=article)
    if status := each.facts.get("status"):
        yield spoken.say("status", status=status)
