"""A language for pages: words from data, dates, numbers and periods as its readers write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from babel.core import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from troth.core.diagnostics import Diagnostics
from troth.core.errors import InputError
from troth.core.periods import Period
from troth.core.yamlfile import parse_document
from troth.policy.model import Text

NBSP, NARROW = "\u00a0", "\u202f"


class Language(StrEnum):
    """A language that pages are written in."""

    ENGLISH = "en"
    FRENCH = "fr"


def language(name: str) -> Language:
    """The language of that name. Raises ``InputError`` (``LANGUAGE``) for one that nothing is written in."""
    try:
        return Language(name)
    except ValueError:
        hint = f"known: {', '.join(Language)}"
        raise InputError(f"there is nothing in '{name}'", hint=hint, code="LANGUAGE") from None


@dataclass(frozen=True, slots=True)
class Said:
    """Words of somebody else, and the language they are in where it is not the page's (HTML's ``lang``)."""

    words: str
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language at work. ``words``: the texts of one page by dotted name, each in this language."""

    language: Language
    words: Mapping[str, str]

    @property
    def locale(self) -> Locale:
        return Locale("en", "GB") if self.language is Language.ENGLISH else Locale("fr", "FR")

    def has(self, name: str) -> bool:
        return name in self.words

    def say(self, name: str, /, **values: object) -> str:
        """The text of this name, ``{values}`` filled in. A count ``n`` chooses between ``NAME.one`` and ``NAME.many``.

        Raises ``KeyError`` for a name that the page's words do not have, which a test makes sure of.
        """
        count = values.get("n")
        if isinstance(count, int) and not isinstance(count, bool):
            name = f"{name}.{'one' if self._single(count) else 'many'}"
            values["n"] = self.number(count)
        return spaced(self.words[name].format(**values), self.language)

    def _single(self, count: int) -> bool:
        """English says one for 1 alone; French for 0 and 1."""
        return bool(self.locale.plural_form(count) == "one")

    def number(self, value: float) -> str:
        return str(format_decimal(value, locale=self.locale))

    def percent(self, value: float) -> str:
        return str(format_percent(value, locale=self.locale))

    def day(self, value: date | datetime) -> str:
        """``1 August 2026``; French says the first of a month as *1er*."""
        words = str(format_date(value, "long", locale=self.locale))
        return f"1er{words.removeprefix('1')}" if self.language is Language.FRENCH and value.day == 1 else words

    def month(self, value: date) -> str:
        return str(format_date(value, "MMM yyyy", locale=self.locale))

    def listed(self, parts: list[str]) -> str:
        return str(format_list(parts, locale=self.locale))

    def quoted(self, words: str) -> str:
        """Somebody else's words, in this language's marks."""
        return f"“{words}”" if self.language is Language.ENGLISH else f"«{NBSP}{words}{NBSP}»"

    def period(self, period: Period) -> str:
        """``1 year and 6 months``; ``1 an et 6 mois``."""
        years, months = divmod(period.months, 12)
        named = ((years, "year"), (months, "month"), (period.days, "day"))
        return self.listed([self.unit(number, unit) for number, unit in named if number]) or self.unit(0, "day")

    def unit(self, value: float, unit: str) -> str:
        return str(format_unit(value, f"duration-{unit}", locale=self.locale))

    def pick(self, text: Text, otherwise: str = "") -> Said:
        """A text of the policy in this language; in the other one, and said to be, where it has no words in this."""
        here, there = (text.en, text.fr) if self.language is Language.ENGLISH else (text.fr, text.en)
        if here or not there:
            return Said(here or otherwise.replace("_", " "))
        return Said(there, "fr" if self.language is Language.ENGLISH else "en")


def spaced(text: str, language: Language) -> str:
    """French keeps a space that does not break before ``: ; ! ?`` and inside guillemets."""
    if language is not Language.FRENCH:
        return text
    for mark in ";!?":
        text = text.replace(f" {mark}", f"{NARROW}{mark}")
    return text.replace(" :", f"{NBSP}:").replace("« ", f"«{NBSP}").replace(" »", f"{NBSP}»")


def tongue(language: Language, *pages: str) -> Tongue:
    """The words of ``pages`` (files under ``words/``) in one language; a later one's replace an earlier one's."""
    return Tongue(language, {name: text for page in pages for name, text in _words(page)[language].items()})


@cache
def _words(page: str) -> Mapping[Language, Mapping[str, str]]:
    text = resources.files("troth.publish").joinpath("words", f"{page}.yaml").read_text(encoding="utf-8")
    found = Diagnostics()
    document = parse_document(text, page, found)
    if document is None or found.items:
        raise ValueError(f"the words of {page} are malformed: {found.items}")
    return {language: dict(_flat(document.tree, language)) for language in Language}


def _flat(tree: Any, language: Language, before: str = "") -> list[tuple[str, str]]:
    if set(tree) == set(Language):
        return [(before, tree[language])]
    return [pair for key, each in tree.items() for pair in _flat(each, language, f"{before}.{key}".lstrip("."))]
