"""What codes and words mean is data in one place: the docs are made of it, and nothing is left unexplained."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from troth.cli.main import main
from troth.core.errors import InputError
from troth.core.explained import DIAGNOSTICS, Explanation, codes, explained, terms
from troth.law.read import reasons
from troth.publish.explain import explain, known_words
from troth.publish.language import Language, tongue

DOCS = Path(__file__).parents[2] / "docs"
CODES, GLOSSARY = DOCS / "reference/codes.md", DOCS / "glossary.md"

HEADINGS = {
    "yaml": "### Y: YAML itself",
    "policy": "### P: policy.yaml",
    "systems": "### S: systems.yaml",
    "register": "### R: the two files together",
    "findings": "## Findings",
    "look": "## First look",
    "connections": "## Connections",
    "blocked": "## What a plan cannot do",
    "reasons": "## Reasons to retain",
    "command": "### The command",
    "people": "### Finding people",
    "plans": "### Plans and runs",
    "holds": "### Holds",
    "stores": "### Secrets and connections",
    "state": "### Our own database",
    "evidence": "### Evidence",
}
PARTS = {"law": "## From data protection law", "program": "## From this program"}

BOTH = [*codes(), *terms()]


def row(each: Explanation) -> str:
    if each.group in DIAGNOSTICS:
        return f"| {each.names[0]} | {each.means.en} |"
    names = ", ".join(f"`{name}`" for name in each.names)
    facts = [each.facts[fact] for fact in ("verdict", "article", "status") if fact in each.facts]
    wide = each.group not in ("reasons", "evidence")
    cells = [names, *facts, each.means.en, *([each.do.en] if wide else [])]
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def paragraph(each: Explanation) -> str:
    return f"{', '.join(f'**{name}**' for name in each.names)} (*{each.facts['french']}*) {each.means.en}"


def of(entries: Sequence[Explanation], group: str) -> list[Explanation]:
    return [each for each in entries if each.group == group]


def section(text: str, heading: str) -> str:
    assert f"\n{heading}\n" in text, heading
    return re.split(r"^##", text.partition(f"\n{heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def test_the_tables_of_codes_are_made_of_the_data() -> None:
    """``TROTH_WRITE_DOCS=1`` writes them again."""
    text = CODES.read_text()
    assert {each.group for each in codes()} == set(HEADINGS)
    for group, heading in HEADINGS.items():
        part = section(text, heading)
        rows = "".join(f"{row(each)}\n" for each in of(codes(), group))
        if os.environ.get("TROTH_WRITE_DOCS"):
            (old, *_) = re.findall(r"(?<=-\|\n)(?:\|.*\n)*", part)
            written = part.replace(old, rows)
            text = text.replace(part, written)
            CODES.write_text(text)
            part = written
        assert "".join(re.findall(r"(?<=-\|\n)(?:\|.*\n)*", part)) == rows, f"{heading}: TROTH_WRITE_DOCS=1 pytest"


def test_the_glossary_is_made_of_the_data() -> None:
    text = GLOSSARY.read_text()
    assert {each.group for each in terms()} == set(PARTS)
    for group, heading in PARTS.items():
        part = section(text, heading)
        words = "\n" + "\n".join(f"{paragraph(each)}\n" for each in of(terms(), group))
        if os.environ.get("TROTH_WRITE_DOCS"):
            written = f"{words}\n" if group == "law" else words
            text = text.replace(part, written)
            GLOSSARY.write_text(text)
            part = written
        assert part.rstrip("\n") == words.rstrip("\n"), f"{heading}: TROTH_WRITE_DOCS=1 pytest"


@pytest.mark.parametrize("each", BOTH, ids=lambda each: f"{each.group}-{each.names[0]}")
def test_everything_is_said_in_both_languages(each: Explanation) -> None:
    assert each.means.en.strip()
    assert each.means.fr.strip()
    assert bool(each.do.en) == bool(each.do.fr)
    assert each.means.en != each.means.fr or each.means.en in ("Ctrl-C.",)
    for english, french in ((each.means.en, each.means.fr), (each.do.en, each.do.fr)):
        assert english.count("`") == french.count("`"), "the same words in code letters"
        assert french.count("«") == french.count("»")
    assert each.group not in ("law", "program") or each.facts["french"]


def test_every_code_of_the_reference_can_be_asked_for() -> None:
    text = CODES.read_text()
    shown = set(re.findall(r"^\| ([YPSR]\d{3}) \|", text, re.MULTILINE))
    shown |= {code for code in re.findall(r"`([A-Z]+(?:-[A-Z0-9]+)*)`", text) if code != "SQLITE_BUSY"}
    assert len(shown) > 150
    for code in shown | set(reasons()):
        for language in Language:
            assert explain(code, language)


def test_every_word_of_the_glossary_can_be_asked_for() -> None:
    words = re.findall(r"\*\*([^*]+)\*\*", GLOSSARY.read_text())
    assert len(words) > 70
    for word in words:
        assert {each.means for each in explain(word, Language.ENGLISH)}
    for each in terms():
        assert explain(each.facts["french"], Language.FRENCH)


def test_no_name_is_given_twice_in_one_group() -> None:
    for group, names in known_words().items():
        assert len(names) == len(set(names)), group


def test_every_group_has_a_name_in_both_languages() -> None:
    for language in Language:
        spoken = tongue(language, "help")
        for group in known_words():
            assert spoken.has(f"group.{group}")


def test_a_code_that_is_met_in_several_places_has_several_meanings() -> None:
    found = explain("not-reached", Language.ENGLISH)
    assert [each.title.partition(",")[0] for each in found] == [
        "Finding of a check",
        "What a plan cannot do",
        "Error of plans and runs",
    ]
    assert len(explained("NOT-REACHED")) == 3


def test_marks_of_the_docs_are_not_shown() -> None:
    (found,) = explain("STAYS", Language.FRENCH)
    assert "`" not in found.do
    assert "](" not in found.do
    assert "(comment)" in found.do


@pytest.mark.parametrize(
    "word, near", [("RET-PAS", "RET-PAST"), ("promisse", "promise"), ("finalite", "finalité"), ("xyzzy", "troth help")]
)
def test_what_is_not_known_names_the_nearest(word: str, near: str) -> None:
    with pytest.raises(InputError) as refusal:
        explain(word, Language.ENGLISH)
    assert near in refusal.value.hint


def test_the_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # no project is needed
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["help", "plan", "--lang", "fr"]) == 0
    said = capsys.readouterr().out
    assert "Tout ce qui serait fait" in said
    assert "troth plan --help" in said
    assert main(["help", "key", "set"]) == 0
    assert "key set (jeu de clés)" in capsys.readouterr().out
    assert main(["help"]) == 0
    assert "RET-PAST" in capsys.readouterr().out
    assert main(["help", "nothing at all"]) == 2
    assert max(map(len, said.splitlines())) <= 80
