"""The documentation cannot drift: whatever a user can meet is in it, its links lead somewhere, its tutorial runs."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from glob import glob
from pathlib import Path

import pytest

from troth.cli.main import main

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"

BLOCK = re.compile(r"(?:^<!-- (?P<note>.*?) -->\n)?^```(?P<kind>sh|text)\n(?P<body>.*?)^```$", re.M | re.S)
TROTH = re.compile(r'troth (?P<words>.*?)(?: \|\| echo "(?P<otherwise>.*)")?')
VARYING = (
    (re.compile(r"[\w.-]+(?:/[\w.-]+)*\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{44}"), "KEY"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "UUID"),
    (re.compile(r"\b[0-9a-f]{12,64}\b"), "ID"),
    (re.compile(r"\b\d{4}-\d\d-\d\d\b"), "DAY"),
    (re.compile(r"\s+"), " "),
)


def stable(text: str) -> str:
    """``text`` without what differs from run to run: ids, keys, days, the width of the terminal."""
    for pattern, word in VARYING:
        text = pattern.sub(word, text)
    return text.strip()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder that the tutorial leaves behind; every output it shows was printed on the way."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("shop")
        patch.chdir(folder)
        patch.setenv("COLUMNS", "100")
        patch.delenv("TROTH_ACTOR", raising=False)
        printed, typed = "", ""
        for block in BLOCK.finditer((DOCS / "tutorial.md").read_text()):
            note, body = block["note"] or "", block["body"]
            if block["kind"] == "text":
                compare(body, printed, typed)
            elif note != "not run":
                typed = what_is_typed(note, body)
                printed = "".join(run(line, typed, patch) for line in commands(body))
        yield folder


def commands(body: str) -> Iterator[str]:
    """A block's lines, a here-document as one."""
    lines = iter(body.splitlines())
    for line in lines:
        if "<<'EOF'" in line:
            while not line.endswith("\nEOF"):
                line += f"\n{next(lines)}"
        yield line


def what_is_typed(note: str, body: str) -> str:
    typed = note.removeprefix("types: ") if note else ""
    if typed == "ID":
        ((plan,),) = [glob(pattern) for pattern in re.findall(r"plans/\S+", body)]
        return Path(plan).stem.partition("-")[2]
    return typed


def run(line: str, typed: str, patch: pytest.MonkeyPatch) -> str:
    """What one line prints. The command itself is run here, which is faster than one process each; the rest by a
    shell."""
    if line.startswith("export "):
        for pair in shlex.split(line)[1:]:
            patch.setenv(*pair.split("=", 1))
        return ""
    command = TROTH.fullmatch(line)
    if command is None:
        done = subprocess.run(["/bin/bash", "-euc", line], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout
    words = [name for word in shlex.split(command["words"]) for name in (sorted(glob(word)) or [word])]
    printed = io.StringIO()
    patch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
    with redirect_stdout(printed), redirect_stderr(printed):
        status = main(words)
    if status and command["otherwise"]:
        printed.write(command["otherwise"].replace("$?", str(status)))
    else:
        assert status == 0, f"{line}: exit status {status}\n{printed.getvalue()}"
    return f"{printed.getvalue()}\n"


def compare(shown: str, printed: str, typed: str) -> None:
    """Every part of ``shown`` between two lines of … is in ``printed``, in that order."""
    if typed:
        answer = r"[0-9a-f]{12}" if re.fullmatch(r"[0-9a-f]{12}", typed) else re.escape(typed)
        shown = re.sub(rf"^(.*: ){answer}$", r"\1", shown, count=1, flags=re.MULTILINE)
    rest = stable(printed)
    for part in filter(str.strip, re.split(r"^…$", shown, flags=re.MULTILINE)):
        wanted = stable(part)
        assert wanted in rest, f"not printed (any more):\n{part}\nbut:\n{printed}"
        rest = rest.partition(wanted)[2]


def test_the_tutorial_runs_and_prints_what_it_shows(shop: Path) -> None:
    assert (shop / "evidence.jsonl").exists()
