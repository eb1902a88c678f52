"""The how-to pages run, each from where the tutorial has written its two files and changed nothing yet."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tests.unit import guide

DOCS = Path(__file__).parents[2] / "docs"
PAGES = (
    "accept-a-known-breach",
    "answer-an-erasure-request",
    "done-by-hand",
    "hand-evidence-to-an-auditor",
    "place-a-hold",
    "read-the-check-as-a-page",
    "run-in-ci",
)

pytestmark = pytest.mark.xdist_group("docs")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("begun")
    tutorial, _, _ = (DOCS / "tutorial.md").read_text().partition("## Are the promises kept?")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("COLUMNS", "100")
        guide.walk(tutorial, patch)
    shutil.copy(folder / "keys/evidence.pub", folder / "shop.pub")
    (folder / "names.txt").write_text("dan@shop.example\n")
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    subprocess.run(["git", "-C", folder, "add", "policy.yaml"], check=True)
    return folder


@pytest.mark.parametrize("page", PAGES)
def test_the_page_runs_and_prints_what_it_shows(
    begun: Path, page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(begun, tmp_path / "shop")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("SHOP_READ_URL", "sqlite:///shop.sqlite")
    monkeypatch.setenv("SHOP_WRITE_URL", "sqlite:///shop.sqlite")
    guide.walk((DOCS / f"how-to/{page}.md").read_text(), monkeypatch, fine=frozenset({0, 1}))
