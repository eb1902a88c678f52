"""The page's words and looks: rules, numbers and days as their readers write them, and every colour can be read."""

from __future__ import annotations

import re
from datetime import date
from importlib import resources

import pytest

from troth.core.diagnostics import Diagnostics, Mark
from troth.core.periods import Period
from troth.core.yamlfile import parse_document
from troth.planning.verdicts import SEVERITY, Finding, PromiseResult
from troth.policy.load import read_policy
from troth.policy.model import Controller, Policy, Rule, Text
from troth.publish.check_page import check_page
from troth.publish.check_rules import rule_words
from troth.publish.language import Language, Said, Tongue, spaced, tongue
from troth.publish.report import CheckReport
from troth.register.promises import Promise
from troth.systems.model import DataMap

EN, FR = tongue(Language.ENGLISH, "check"), tongue(Language.FRENCH, "check")
CSS = resources.files("troth.publish").joinpath("templates", "page.css").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "rule, en, fr",
    [
        (Rule("recorded", Period(days=180)), "180 days from “recorded”", "180 jours à compter de « recorded »"),
        (Rule("contract_end", Period()), "until “contract end”", "jusqu'à « contract end »"),
        (Rule("paid", Period(months=18)), "1 year and 6 months from “paid”", "1 an et 6 mois à compter de « paid »"),
        (
            Rule("paid", Period(months=120), "financial", bound="min"),
            "at least 10 years from the end of the financial year of “paid”",
            "au moins 10 ans à compter de la clôture de l'exercice de « paid »",
        ),
        (
            Rule("seen", Period(months=12), bound="both", phase="archive", action="anonymise"),
            "exactly 1 year from “seen”, in an archive, then anonymised",
            "exactement 1 an à compter de « seen », en archive, puis anonymisées",
        ),
        (Rule(None, None), "to confirm", "à confirmer"),
    ],
)
def test_rules_in_words(rule: Rule, en: str, fr: str) -> None:
    assert rule_words(EN, rule) == en
    assert rule_words(FR, rule).replace("\u00a0", " ") == fr


def test_numbers_days_and_counts() -> None:
    assert (EN.number(1234567), FR.number(1234567)) == ("1,234,567", "1\u202f234\u202f567")
    assert (EN.day(date(2026, 8, 1)), FR.day(date(2026, 8, 1))) == ("1 August 2026", "1er août 2026")
    assert [EN.say("found.rows", n=n) for n in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
    assert [FR.say("found.rows", n=n) for n in (0, 1, 2)] == ["0 ligne", "1 ligne", "2 lignes"]


def test_titles_in_the_other_language_are_said_to_be() -> None:
    assert FR.pick(Text("Visits", "Visites"), "visits") == Said("Visites")
    assert FR.pick(Text("Visits"), "visits") == Said("Visits", "en")
    assert EN.pick(Text(fr="Visites"), "visits") == Said("Visites", "fr")
    assert EN.pick(Text(), "page_views") == Said("page views")


def test_french_spaces() -> None:
    assert spaced("Quoi ? « Rien » : non ; oui !", Language.FRENCH) == (
        "Quoi\u202f? «\u00a0Rien\u00a0»\u00a0: non\u202f; oui\u202f!"
    )
    assert spaced("What ? no", Language.ENGLISH) == "What ? no"


def test_an_unknown_word_is_an_error_not_an_empty_text() -> None:
    with pytest.raises(KeyError):
        Tongue(Language.ENGLISH, {}).say("nothing")


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_colour_of_text_can_be_read() -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1 for text; 1.4.11: 3 to 1 for bars, except those that repeat a number beside them."""
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", CSS))
    for name in ("ink", "soft", "link", *SEVERITY):
        for ground in (colours["paper"], colours["wash"], "#fafbfc"):
            assert contrast(colours[name], ground) >= 4.5, (name, ground)
    assert contrast("#fff", colours["broken"]) >= 4.5
    assert contrast(colours["bar"], colours["paper"]) >= 3


def test_a_text_over_several_lines_has_no_mark_where_they_were_joined() -> None:
    found = Diagnostics()
    text = "troth: 1\ntitle: >-\n  We keep\n  our word\nprocessings: {}\n"
    document = parse_document(text, "policy.yaml", found)
    assert document is not None
    policy: Policy = read_policy(document, found)
    assert policy.title.en == "We keep our word"


def test_a_finding_that_the_page_has_no_words_for_says_its_own() -> None:
    """A code of a kind of promise that is new: its own message is shown, as a detail for engineers."""
    promise = Promise("access.need", "access", None, None, None, "Few have access.", Mark("policy.yaml", 3))
    finding = Finding("access.need", "broken", "STAYS-NEW", "db.users", (), 2, None, "two roles too many", "", None)
    result = PromiseResult(promise, "broken", (finding,))
    policy = Policy(Controller("Acme"), {})
    report = CheckReport(policy, DataMap({}), (result,), date(2026, 1, 1), "1", {}, {}, (), (), 0, (), {})
    page = check_page(report, Language.FRENCH)
    assert "two roles too many" in page
    assert "2 lignes" in page
    assert "Few have access." in page
