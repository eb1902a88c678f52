"""The law's data: complete, in both languages, with a source and days in force."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from troth import law
from troth.core.errors import InputError
from troth.core.periods import Period

TODAY = date(2026, 11, 23)
DOMAIN = Path(__file__).parents[3] / "shared/domain/rights_matrix.yaml"


def test_the_six_bases() -> None:
    assert list(law.bases(TODAY)) == ["6.1.a", "6.1.b", "6.1.c", "6.1.d", "6.1.e", "6.1.f"]
    assert not law.bases(date(2018, 5, 24))


def test_the_erasure_rules_are_tried_in_order_and_say_why() -> None:
    rules = law.erasure_rules(TODAY)
    assert [rule.order for rule in rules] == sorted({rule.order for rule in rules})
    codes = [rule.code for rule in rules]
    nine = ["processor", "hold", "statute", "contract", "precontract", "legitimate_interests", "consent", "no_basis"]
    assert [code for code in codes if code in nine] == nine
    assert codes[-1] == "shared"
    for rule in rules:
        assert rule.words.en
        assert rule.words.fr
        assert rule.article
        if rule.outcome in {"refuse", "defer", "forward"}:
            assert rule.reason in law.reasons()


def test_a_reason_has_the_same_placeholders_in_both_languages() -> None:
    for code, reason in law.reasons().items():
        assert reason.words.en != reason.words.fr
        fills = {name: f"<{name}>" for name in reason.fills}
        for text in (reason.words.en.format(**fills), reason.words.fr.format(**fills)):
            assert all(value in text for value in fills.values()), code
            assert "{" not in text


@pytest.mark.skipif(not DOMAIN.exists(), reason="../shared/domain is not beside this repository")
def test_every_reason_code_of_the_domain_rules_is_here() -> None:
    named = set(re.findall(r"^  (R-[A-Z0-9-]+):", DOMAIN.read_text(), re.MULTILINE))
    assert named == set(law.reasons())


def test_periods_that_a_text_imposes() -> None:
    statutes = law.statutes(TODAY)
    assert statutes["accounting"].period == Period.parse("10 years")
    assert statutes["accounting"].of_year == "financial"
    assert statutes["host-connection"].source.confidence == "S"
    assert statutes["host-identity"].source.confidence == "S2"


def test_a_text_that_is_no_longer_in_force_is_left_out() -> None:
    assert "host-traffic" in law.statutes(date(2026, 1, 1))
    assert "host-traffic" not in law.statutes(TODAY)
    assert "host-identity" not in law.statutes(date(2021, 10, 19))


def test_authorities() -> None:
    assert law.authority("cnil").url == "https://www.cnil.fr/"
    assert len({each.country for each in law.authorities().values()}) == len(law.authorities()) == 30
    with pytest.raises(InputError, match="did you mean 'cnil'"):
        law.authority("cnll")
    with pytest.raises(InputError):
        law.reason("R-0")


@pytest.mark.skipif(not DOMAIN.exists(), reason="../shared/domain is not beside this repository")
def test_the_rights_are_those_of_the_domain_rules() -> None:
    text = DOMAIN.read_text()
    named = {
        "A16_rectification": "rectification",
        "A17_erasure": "erasure",
        "A18_restriction": "restriction",
        "A20_portability": "portability",
        "A21_1_object": "objection",
        "A21_2_marketing": "marketing",
        "A22_no_solely_automated": "automated",
        "A7_3_withdraw": "withdrawal",
        "LIL85_directives": "directives",
    }
    rights = {right.id: right for right in law.rights(TODAY)}
    assert set(rights) == set(named.values())
    for there, here in named.items():
        (line,) = re.findall(
            rf"^  {there}: +\{{(.*?)[,}}] *(?:\S*_cond|limits|grounds|requires|applies_to|note|a_cond|$|\n)", text, re.M
        )
        wanted = dict(re.findall(r"\b([a-f]): (yes|no|cond)", line))
        assert dict(rights[here].bases) == wanted, here
        assert set(rights[here].conditions) == {basis for basis, answer in wanted.items() if answer == "cond"}
