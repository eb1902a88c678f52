"""Random small worlds, each planned and carried out, and every row of each held against the naive model.

A world is one seed. ``TROTH_WORLDS=5000`` tries more of them, ``TROTH_WORLDS_FROM=90000`` others; a world that fails is
made smaller, and printed as tables, rows and lines that can be read.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.model.drive import in_files, in_memory
from tests.model.generate import make_case
from tests.model.meanwhile import hold_in_the_middle
from tests.model.shrink import smaller
from tests.model.spec import Case
from tests.model.verify import troubles

WORLDS = int(os.environ.get("TROTH_WORLDS", "400"))
FROM = int(os.environ.get("TROTH_WORLDS_FROM", "0"))
PARTS = 4
IN_FILES = 30
"""One of so many worlds is tried in SQLite's files, which takes thirty times as long."""

KINDS = pytest.mark.parametrize("erasure", [False, True], ids=["retention", "erasure"])


def seeds(part: int, every: int = 1) -> range:
    return range(FROM + part, FROM + WORLDS, PARTS * every)


def must_be_fine(seed: int, *, erasure: bool, ask: Callable[[Case], list[str]]) -> None:
    case = make_case(seed, erasure=erasure)
    found = ask(case)
    if found:
        kinds = {_kind(trouble) for trouble in found}
        small = smaller(case, lambda other: bool({_kind(trouble) for trouble in ask(other)} & kinds), 400)
        pytest.fail("\n".join([f"world {seed}:", str(small), *ask(small)]))


def _kind(trouble: str) -> str:
    """The first two words: in which run, and what is wrong."""
    return " ".join(trouble.split()[:2])


def _in_files(case: Case) -> list[str]:
    with tempfile.TemporaryDirectory() as folder, in_files(case, Path(folder)) as bench:
        return troubles(bench)


@KINDS
@pytest.mark.parametrize("part", range(PARTS))
def test_what_must_go_goes_and_nothing_else(part: int, *, erasure: bool) -> None:
    for seed in seeds(part):
        must_be_fine(seed, erasure=erasure, ask=lambda case: troubles(in_memory(case)))


@KINDS
@pytest.mark.parametrize("part", range(PARTS))
def test_a_hold_placed_in_the_middle_of_a_run_keeps_what_is_left(part: int, *, erasure: bool) -> None:
    for seed in seeds(part, 2):
        must_be_fine(seed, erasure=erasure, ask=lambda case: hold_in_the_middle(in_memory(case)))


@KINDS
@pytest.mark.parametrize("part", range(PARTS))
def test_the_same_in_files(part: int, *, erasure: bool) -> None:
    for seed in seeds(part, IN_FILES):
        must_be_fine(seed, erasure=erasure, ask=_in_files)
