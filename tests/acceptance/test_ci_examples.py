"""The ready files for CI systems: their own commands are run, and leave the files that their next steps take."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tests.acceptance.sakila.club import Club, Rows, sqlite_club

EXAMPLES = Path(__file__).parents[2] / "examples/ci"
EMPTY: Rows = {table: [] for table in ("members", "teams", "team_members", "messages", "orders", "visits", "prices")}
FILES = sorted(EXAMPLES.glob("*.yml"))


def texts(tree: object) -> Iterator[str]:
    match tree:
        case dict():
            for each in tree.values():
                yield from texts(each)
        case list():
            for each in tree:
                yield from texts(each)
        case str():
            yield tree
        case _:
            pass


def commands(file: Path) -> list[list[str]]:
    """Every line of the file that runs troth, as words."""
    found = [line for text in texts(YAML(typ="safe").load(file)) for line in text.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in found if line.startswith("troth ")]


@pytest.fixture
def club(tmp_path: Path) -> Club:
    return sqlite_club(tmp_path, EMPTY)


def run(club: Club, file: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    monkeypatch.chdir(club.project.folder)
    return [club.project.run(*words).status for words in commands(file)]


def test_there_are_the_common_systems() -> None:
    assert {file.stem for file in FILES} == {"azure-pipelines", "github-actions", "gitlab-ci"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_passes_and_leaves_what_its_next_steps_take(club: Club, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(run(club, file, monkeypatch)) == {0}
    taken = {
        word for text in texts(YAML(typ="safe").load(file)) for word in text.split() if word.startswith("promises.")
    }
    assert len(taken) >= 3
    for name in taken:
        assert (club.project.folder / name).stat().st_size > 0, name


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_new_column_fails_it(club: Club, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with club.connect() as connection:
        connection.execute("alter table visits add column shoe_size integer")
    checks = [words for words in commands(file) if words[0] == "check"]
    assert checks
    assert run(club, file, monkeypatch).count(1) == len(checks)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_secret_is_in_it(file: Path) -> None:
    for text in texts(YAML(typ="safe").load(file)):
        assert "://" not in text or "only-here@" in text
