"""The two reference pages: every key is there, and every example in them is read without a diagnostic."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from troth.core.diagnostics import Diagnostics
from troth.core.fileform import FileModel
from troth.core.yamlfile import parse_document
from troth.policy import files as policy_files
from troth.policy.load import read_policy
from troth.systems import files as systems_files
from troth.systems.load import read_systems
from troth.systems.parts import read_with_parts

REFERENCE = Path(__file__).parents[2] / "docs/reference"
FENCE = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[str]:
    return FENCE.findall((REFERENCE / page).read_text())


@pytest.mark.parametrize("page, module", [("policy.md", policy_files), ("systems.md", systems_files)])
def test_every_key_is_in_the_reference(page: str, module: object) -> None:
    text = FENCE.sub("", (REFERENCE / page).read_text())
    shown = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]+)`", text))))
    models = [
        each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, BaseModel) and each is not FileModel
    ]
    assert len(models) > 8
    for model in models:
        assert issubclass(model, FileModel)
        assert set(model.keys()) - {"en", "fr", "column", "to"} <= shown, model.__name__


@pytest.mark.parametrize("text", blocks("policy.md"))
def test_the_examples_of_the_policy_page(text: str) -> None:
    found = Diagnostics()
    document = parse_document(text if text.startswith("troth") else f"troth: 1\n{text}", "policy.md", found)
    assert document is not None
    read_policy(document, found)
    warnings = {"P301"} if "15 years" in text else set()
    assert {each.code for each in found.items} <= warnings, "\n".join(map(str, found.items))


WHOLE, PART = (
    [each for each in blocks("systems.md") if each.startswith("# systems/") is part] for part in (False, True)
)


@pytest.mark.parametrize("text", WHOLE)
def test_the_examples_of_the_systems_page(text: str) -> None:
    found = Diagnostics()
    document = parse_document(text if text.startswith("troth") else f"troth: 1\n{text}", "systems.md", found)
    assert document is not None
    read_systems(document, found)
    assert not found.items, "\n".join(map(str, found.items))


def test_the_part_on_the_systems_page_fits_its_first_example(tmp_path: Path) -> None:
    (tmp_path / "systems").mkdir()
    (tmp_path / "systems.yaml").write_text(WHOLE[0])
    for text in PART:
        (tmp_path / text.splitlines()[0].removeprefix("# ")).write_text(text)
    found = Diagnostics()
    document = read_with_parts(tmp_path / "systems.yaml", found)
    assert document is not None
    system = read_systems(document, found).systems["db"]
    assert not found.items, "\n".join(map(str, found.items))
    assert "invoices" in {line.pattern for line in system.lines}


def test_there_are_examples() -> None:
    assert len(blocks("policy.md")) >= 4
    assert len(blocks("systems.md")) >= 3
