"""Pages held against the rules of accessibility: both pages, in both languages, on a desk and on a telephone."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.acceptance.sakila.club import Club
from tests.acceptance.test_check_page import AT, club_with_all_verdicts
from tests.web.browser import judged


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Club:
    return club_with_all_verdicts(tmp_path_factory.mktemp("club"))


@pytest.fixture(params=["check", "look"])
def words(request: pytest.FixtureRequest, club: Club) -> tuple[str, ...]:
    """The command that writes the page, but for the file."""
    if request.param == "check":
        return "check", "--at", AT
    return "look", "CLUB_READ"


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_page_is_clean_and_no_wider_than_it_may_be(
    club: Club, words: tuple[str, ...], lang: str, width: int, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    said = club.project(*words, "--html", str(file), "--lang", lang)
    assert file.exists(), said
    found = judged(file.read_text(encoding="utf-8"), width, tmp_path)
    assert found.violations == []
    # Whether the sign of a badge, one character, can be read cannot be told: its colours have a test of their own.
    assert {rule for rule, _ in found.incomplete} <= {"color-contrast"}
    assert found.passes > 30
    assert found.width == width
    assert found.wanted <= width


@pytest.mark.slow
def test_what_is_wrong_is_found(tmp_path: Path) -> None:
    """The judge judges: a page without a language, with an image without words and one too wide."""
    policy = """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">"""
    head = f"<head>{policy}<title>x</title></head>"
    wide = '<img src=""><div style="width: 500px">x</div>'
    page = f"<!doctype html><html>{head}<body><main><h1>x</h1>{wide}</main></body></html>"
    found = judged(page, 320, tmp_path)
    assert {rule for rule, _ in found.violations} == {"html-has-lang", "image-alt"}
    assert found.wanted > 320
