"""The how-to pages run, each from where the tutorial has written its two files and changed nothing yet."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from tests.unit import guide
from tests.unit.test_docs import documented, keys

from troth.testing.postgresql import Database

DOCS = Path(__file__).parents[2] / "docs"
PAGES = (
    "accept-a-known-breach",
    "answer-an-access-request",
    "answer-an-erasure-request",
    "back-up-the-state",
    "done-by-hand",
    "hand-evidence-to-an-auditor",
    "make-it-physically-gone",
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


def test_the_state_moves_to_postgresql_as_the_page_says(
    begun: Path, pg_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The role's statements first, as the server's own client would run them; then the page, on their database."""
    page = (DOCS / "how-to/state-on-postgresql.md").read_text()
    (statements,) = re.findall(r"^```sql\n(.*?)^```$", page, re.M | re.S)
    role = f"troth_{uuid4().hex}"
    before, _, after = statements.partition("\\c troth_state\n")
    own = re.sub(r"\bDATABASE troth_state", f"DATABASE {pg_database.name}", before.split("CREATE DATABASE")[0] + after)
    with pg_database.connect() as connection:
        connection.execute(re.sub(r"\btroth_state\b", role, own).replace("…", "made-up").encode())
    folder = shutil.copytree(begun, tmp_path / "shop")
    monkeypatch.chdir(folder)
    for name in ("SHOP_READ_URL", "SHOP_WRITE_URL"):
        monkeypatch.setenv(name, "sqlite:///shop.sqlite")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TROTH_STATE_URL", replace(pg_database, user=role).uri)
    try:
        guide.run("troth plan retention", "", monkeypatch)
        guide.walk(page, monkeypatch)
        shutil.rmtree("plans")
        guide.run("troth plan retention", "", monkeypatch)
        assert "schema troth" in guide.run("troth state show", "", monkeypatch)
        (plan,) = (folder / "plans").iterdir()
        plan_id = plan.stem.partition("-")[2]
        guide.run(f"troth apply plans/{plan.name} --approve {plan_id}", "", monkeypatch)
    finally:
        with pg_database.connect() as connection:
            connection.execute(f"DROP OWNED BY {role} CASCADE; DROP ROLE {role}".encode())


def test_every_key_of_a_copy_is_in_the_reference(begun: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test_the_page_runs_and_prints_what_it_shows(begun, "answer-an-access-request", tmp_path, monkeypatch)
    (copy,) = Path("copies").iterdir()
    data = json.loads((copy / "data.json").read_text(encoding="utf-8"))
    assert data["about"]["language"] == "fr"
    assert "dan@shop.example" in json.dumps(data["data"])
    fields = [each for part in data["dictionary"].values() for each in part]
    told = [{**each, "rights": list(each["rights"].values())} for each in data["processings"]]
    plain = {name: value for name, value in data.items() if name not in ("data", "dictionary", "processings")}
    assert {*keys([plain, told, fields]), *data} - {*documented("json.md"), *documented("plan-file.md")} == set()
