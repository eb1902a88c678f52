"""The words of every page: both languages have all of them, and nothing that a page says is missing."""

from __future__ import annotations

import re
from importlib import resources
from itertools import product
from string import Formatter

import pytest

from troth.discover.item_words import ITEMS, WEAK
from troth.planning.verdicts import SEVERITY
from troth.publish.language import Language, tongue

PAGES = ("check", "look")


def fields_of(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_say_the_same_things(page: str) -> None:
    en, fr = (tongue(language, page).words for language in Language)
    assert len(en) > 60
    assert set(en) == set(fr)
    for name, words in en.items():
        assert words.strip(), name
        assert fr[name].strip(), name
        assert fields_of(words) == fields_of(fr[name]), name


@pytest.mark.parametrize("page", PAGES)
def test_every_name_that_the_template_says_is_there(page: str) -> None:
    template = resources.files("troth.publish").joinpath("templates", f"{page}.html.j2").read_text(encoding="utf-8")
    spoken = tongue(Language.ENGLISH, page)
    for name in re.findall(r"t\.say\('([^']+)'", template):
        if name.endswith("."):  # the rest of the name is a value
            assert any(each.startswith(name) for each in spoken.words), name
        else:
            assert spoken.has(name) or spoken.has(f"{name}.one"), name


def test_every_verdict_and_every_item_has_words() -> None:
    check, look = (tongue(Language.ENGLISH, page) for page in PAGES)
    for verdict, part in product(SEVERITY, ("verdict", "verdicts", "means")):
        assert check.has(f"{part}.{verdict}") or check.has(f"{part}.{verdict}.one")
    for item in {"free_text", *(item for item, *_ in (*ITEMS, *WEAK))}:
        assert look.has(f"item.{item}"), item
