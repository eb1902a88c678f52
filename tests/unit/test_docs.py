"""The documentation cannot drift: whatever a user can meet is in it, its links lead somewhere, its tutorial runs."""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import chdir
from dataclasses import fields
from pathlib import Path
from typing import Any, cast, get_args

import pytest
from grimp import build_graph
from tests.unit import guide
from typer.main import get_command

from troth.cli.app import app
from troth.cli.main import main
from troth.core.fileform import FileModel
from troth.evidence import entries, values
from troth.law.read import reasons
from troth.planning import access_plan, plan
from troth.policy.files import PolicyFile
from troth.stores import conditions, gone
from troth.systems.files import SystemsFile

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"

pytestmark = pytest.mark.xdist_group("docs")  # the tutorial is run once


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that the tutorial leaves behind; every output it shows was printed on the way."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("shop")
        patch.chdir(folder)
        patch.setenv("COLUMNS", "100")
        patch.delenv("TROTH_ACTOR", raising=False)
        guide.walk((DOCS / "tutorial.md").read_text(), patch)
        (folder / "names.txt").write_text("dan@shop.example\n")
        guide.run("troth hold place --reason request --review 2099-01-01 --people names.txt", "", patch)
        yield folder


def test_the_tutorial_runs_and_prints_what_it_shows(shop: Path) -> None:
    assert (shop / "evidence.jsonl").exists()


def test_the_verifier_of_the_reference_agrees(shop: Path) -> None:
    text = (REFERENCE / "evidence-file.md").read_text()
    (program,) = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {"__name__": "example"}
    exec(program, names)
    verify = cast("Callable[[str, str], int]", names["verify"])
    key = (shop / "keys/evidence.pub").read_text()
    assert verify(str(shop / "evidence.jsonl"), key) > 20
    with pytest.raises(AssertionError, match="not the entries that were signed"):
        verify(str(shop / "forged.jsonl"), key)


def documented(page: str) -> set[str]:
    """Every word in code letters on a page of the reference."""
    text = without_code((REFERENCE / page).read_text())
    return set(re.findall(r"[A-Za-z0-9_-]+", " ".join(re.findall(r"`([^`]+)`", text))))


PRINTED = {
    "validate": "json.md",
    "check": "json.md",
    "plan retention": "plan-file.md",
    "plan access --people names.txt": "plan-file.md",
    "apply plans/nothing.json": "json.md",
    "package plans/nothing.json --out elsewhere": "json.md",
    "status --all": "json.md",
    "drop 000000": "json.md",
    "init": "json.md",
    "hold place --reason request --review 2099-01-01 --people names.txt": "json.md",
    "hold list": "json.md",
    "approve retention --max-rows 9 --max-share 1% --until 2099-01-01": "json.md",
    "approve list": "json.md",
    "run --for 1s": "json.md",
    "evidence export again.jsonl": "json.md",
    "evidence verify evidence.jsonl --key keys/evidence.pub": "json.md",
    "systems show visits": "json.md",
    "systems draft": "json.md",
    "systems check": "json.md",
    "look SHOP_READ_URL": "json.md",
}
FREE = {"databases", "items", "unreached", "kinds", "verdicts", "past", "changed"}
"""Keys whose value is a mapping by names of systems or kinds."""


@pytest.mark.parametrize("line", PRINTED)
def test_what_json_prints_is_in_the_reference(shop: Path, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with chdir(shop):
        main([*shlex.split(line), "--json"])
    assert set(keys(json.loads(capsys.readouterr().out))) - documented(PRINTED[line]) == set()


def keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            if key not in FREE:
                yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def test_every_command_and_option_is_in_the_reference() -> None:
    sections = dict(re.findall(r"^###? (troth.*?)\n(.*?)(?=^##|\Z)", (REFERENCE / "command.md").read_text(), SECTIONS))
    seen = set()
    for name, command in commands_of("troth", get_command(app)):
        assert name in sections, f"docs/reference/command.md has no section {name}"
        seen.add(name)
        for parameter in command.params:
            for option in parameter.opts if parameter.param_type_name == "option" else ():
                assert option in ("-h", "--help") or f"`{option}" in sections[name], f"{name}: {option}"
    assert set(sections) == seen


SECTIONS = re.MULTILINE | re.DOTALL


def commands_of(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield name, command
    for inner in getattr(command, "commands", {}).values():
        yield from commands_of(f"{name} {inner.name}", inner)


CODE = re.compile(r"[A-Z]+(?:-[A-Z0-9]+)*")
CARRIERS = {
    "Measure",
    "Finding",
    "Blocked",
    "DraftBlocked",
    "DraftRetained",
    "Retained",
    "Suspicion",
    "Verdict",
    "made",
}
"""What is called with a code among its plain arguments."""


def codes_in_the_program() -> Iterator[str]:
    for path in (ROOT / "src/troth").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=func, args=arguments, keywords=keywords):
                    yield from (text for each in keywords if each.arg == "code" for text in texts(each.value))
                    if getattr(func, "id", getattr(func, "attr", "")) in CARRIERS:
                        yield from (text for each in arguments for text in texts(each))
                case ast.Assign(targets=[ast.Name(id="code")], value=value):
                    yield from texts(value)
                case _:
                    pass
    yield from REASONS


REASONS = reasons()


def texts(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and CODE.fullmatch(each.value):
            yield each.value


def test_every_code_is_in_the_reference_and_every_code_there_is_in_use() -> None:
    text = (REFERENCE / "codes.md").read_text().partition("\n## Findings\n")[2]
    shown = {code for code in re.findall(r"`([A-Z][A-Z0-9-]+)`", text) if CODE.fullmatch(code)}
    used = set(codes_in_the_program())
    assert used - shown == set()
    assert shown - used - {"SQLITE_BUSY"} == set()


ERRORS = {"InputError", "Refused", "NotReached", "Stopped", "Interrupted", "StoreUnavailable", "ChangeRefused"}


def test_every_error_has_a_code() -> None:
    """``testing`` raises for those who develop, not for users."""
    for path in (ROOT / "src/troth").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())) if path.parent.name != "testing" else ():
            match node:
                case ast.Call(func=ast.Name(id=name), keywords=keywords) if name in ERRORS:
                    assert "code" in {each.arg for each in keywords}, f"{path}:{node.lineno}"
                case _:
                    pass


def test_every_kind_and_field_of_an_entry_is_in_the_reference() -> None:
    shown = documented("evidence-file.md")
    for kind in get_args(entries.Entry):
        assert {kind.kind, *(each.name for each in fields(kind))} - shown == set()
    for words in (
        values.Action,
        values.Established,
        values.How,
        values.Known,
        values.Level,
        values.Limit,
        values.LogicalReason,
        values.Outcome,
        values.OutsidePlace,
        values.StopReason,
    ):
        assert {str(word) for word in words} - shown == set()


def test_every_part_of_a_plan_is_in_the_reference() -> None:
    shown = documented("plan-file.md")
    changes = (
        plan.Plan,
        plan.Gone,
        gone.Outside,
        gone.Budget,
        plan.Place,
        plan.KeySet,
        plan.KeyQuestion,
        plan.Step,
        plan.Retained,
        plan.Blocked,
    )
    of_copies = (
        access_plan.AccessPlan,
        access_plan.Part,
        access_plan.Column,
        access_plan.Own,
        access_plan.Answer,
        access_plan.PartCount,
        access_plan.ByHandTask,
        access_plan.Withheld,
    )
    for part in (*changes, *of_copies):
        assert {each.name for each in fields(part)} - shown == set(), part.__name__
    union, *_ = get_args(conditions.Condition)
    for condition in get_args(union):
        assert {each.name for each in fields(condition)} - shown == set(), condition.__name__
        assert {each.default for each in fields(condition) if each.name == "kind"} - shown == set()


def test_every_key_of_the_two_files_is_in_the_reference() -> None:
    for page, model in (("policy.md", PolicyFile), ("systems.md", SystemsFile)):
        wanted = set(keys_of(model)) - {"en", "fr"}
        assert len(wanted) > 20
        assert wanted - documented(page) == set()


def keys_of(model: object) -> Iterator[str]:
    """Every key that a file may have below ``model``."""
    if isinstance(model, type) and issubclass(model, FileModel):
        yield from model.keys()
        for each in model.model_fields.values():
            yield from keys_of(each.annotation)
    for inner in get_args(model):
        yield from keys_of(inner)


def pages() -> list[Path]:
    return [*DOCS.rglob("*.md"), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"))]


@pytest.mark.parametrize("page", [str(page.relative_to(ROOT)) for page in pages()])
def test_every_relative_link_leads_somewhere(page: str) -> None:
    path = ROOT / page
    for link in re.findall(r"\]\(([^)\s]+)\)", without_code(path.read_text())):
        if "://" in link or link.startswith("mailto:"):
            continue
        target, _, anchor = link.partition("#")
        there = (path.parent / target).resolve() if target else path
        assert there.exists(), f"{page}: {link}"
        if anchor:
            assert anchor in anchors(there), f"{page}: {link}"


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=SECTIONS)


def anchors(page: Path) -> set[str]:
    """Names that headings get when the page is shown."""
    titles = re.findall(r"^#+ (.*)$", without_code(page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_page_is_reached_from_the_contents() -> None:
    contents = (DOCS / "README.md").read_text()
    for page in DOCS.rglob("*.md"):
        assert f"({page.relative_to(DOCS)})" in contents or page.name == "README.md", page


def test_every_file_that_the_architecture_names_is_there() -> None:
    named = re.findall(r"`((?:src/)?[a-z_/]+\.py)`", (DOCS / "architecture.md").read_text())
    assert len(named) > 20
    for name in named:
        assert (ROOT / "src/troth" / name).exists() or (ROOT / name).exists(), name


def test_the_drawing_of_the_rooms_is_true() -> None:
    graph = build_graph("troth", cache_dir=None)
    rooms = graph.find_children("troth")
    imports = {
        (one.partition(".")[2], other.partition(".")[2])
        for one in rooms
        for other in rooms
        if one != other and graph.direct_import_exists(importer=one, imported=other, as_packages=True)
    }
    of_services = {to for by, to in imports if by == "services"}
    assert of_services == {room.partition(".")[2] for room in rooms} - {"cli", "law", "services", "testing"}
    drawn = set(re.findall(r"^    (\w+) --> (\w+)$", (DOCS / "architecture.md").read_text(), re.MULTILINE))
    assert drawn == {(by, to) for by, to in imports if to != "core" and (by != "services")}
