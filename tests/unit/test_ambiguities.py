"""What the hosting company's example chose where its text is silent is marked in the file and said in the docs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from troth.policy.load import load_policy

ROOT = Path(__file__).parents[2]
WHOLE = ROOT / "examples/clever-cloud/policy.yaml"
LITERAL = ROOT / "examples/clever-cloud-literal/policy.yaml"
PAGE = ROOT / "docs/explanation/ambiguities.md"
NUMBERS = [f"A-{number:02}" for number in range(1, 46)]
ROW = re.compile(r"^\| (A-\d\d) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def test_each_ambiguity_is_marked_where_it_was_decided() -> None:
    marked = re.findall(r"# (A-\d\d) to confirm", WHOLE.read_text(encoding="utf-8"))
    assert sorted(set(marked)) == NUMBERS
    assert re.findall(r"A-\d\d", LITERAL.read_text(encoding="utf-8")) == []


def test_the_page_says_each_ambiguity_and_where_it_is() -> None:
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    assert [number for number, *_ in rows] == NUMBERS
    tree = YAML(typ="safe").load(WHOLE.read_text(encoding="utf-8"))
    for number, said, chosen, where in rows:
        assert said.strip(), number
        assert chosen.strip(), number
        for place in re.findall(r"`([^`]+)`", where):
            node: Any = tree
            for key in place.split("."):
                assert key in node, f"{number}: policy.yaml has no {place}"
                node = node[key]
        assert "`" in where or where == "head of the file", number


def test_the_whole_decides_all_that_it_measures() -> None:
    for processing in load_policy(WHOLE)[0].processings.values():
        for purpose in processing.purposes.values():
            assert purpose.rules, processing.id
            assert all(rule.decidable for rule in purpose.rules), processing.id
            assert purpose.basis or processing.role == "processor", processing.id
