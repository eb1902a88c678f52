"""Runs a page of the documentation as a reader would: each command, and whether it prints what the page shows.

``<!-- not run -->`` before a block leaves it out; ``<!-- types: ada@shop.example -->`` is what is typed when a command
asks (``ID``: the id of the plan that is named). Ids, keys and days may differ from those that are shown.
"""

from __future__ import annotations

import io
import re
import shlex
import subprocess
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from troth.cli.main import main

BLOCK = re.compile(
    r"(?:^ *<!-- (?P<note>.*?) -->\n)?^(?P<indent> *)```(?P<kind>sh|text|yaml)\n(?P<body>.*?)^ *```$", re.M | re.S
)
TROTH = re.compile(r'troth (?P<words>.*?)(?: \|\| echo "(?P<otherwise>.*)")?')
ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{12}\b")

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


def walk(page: str, patch: pytest.MonkeyPatch, *, fine: frozenset[int] = frozenset({0})) -> None:
    """Run the blocks of ``page`` in the present folder, in their order. ``fine``: the exit statuses that may come."""
    printed, typed = "", ""
    here: dict[str, str] = {}
    for block in BLOCK.finditer(page):
        note, body = block["note"] or "", textwrap.dedent(block["body"])
        if note == "not run":
            continue
        if block["kind"] == "text":
            compare(body, printed, typed)
            here |= zip(ID.findall(body), ID.findall(printed), strict=False)
        elif block["kind"] == "sh":
            typed = what_is_typed(note, body)
            printed = "".join(run(as_here(line, here), typed, patch, fine) for line in commands(body))
        elif note.startswith("into "):
            write_into(Path(note.removeprefix("into ")), body)


def as_here(line: str, here: Mapping[str, str]) -> str:
    """``line`` with the ids that the page shows, or parts of them, as they were printed here."""

    def real(word: re.Match[str]) -> str:
        part = word[0]
        return next((to[shown.index(part) :][: len(part)] for shown, to in here.items() if part in shown), part)

    return re.sub(r"\b[0-9a-f]{6,}\b", real, line)


def write_into(file: Path, lines: str) -> None:
    """Lines of a page go under the key they begin with, or to the end of the file."""
    text = file.read_text()
    key, inner = lines.split("\n", 1)
    found = re.search(rf"^( *){re.escape(key)}\n", text, re.M)
    under = found and text[: found.end()] + textwrap.indent(inner, found[1]) + text[found.end() :]
    file.write_text(under or f"{text}{lines}")


def commands(body: str) -> Iterator[str]:
    """A block's lines, a here-document as one."""
    lines = iter(body.splitlines())
    for line in lines:
        if "<<'EOF'" in line:
            while not line.endswith("\nEOF"):
                line += f"\n{next(lines)}"
        if line := line.partition(" # ")[0].strip() if line.startswith("troth") else line:
            yield line


def what_is_typed(note: str, body: str) -> str:
    typed = note.removeprefix("types: ") if note else ""
    if typed == "ID":
        ((file,),) = [expanded(pattern) for pattern in re.findall(r"plans/\S+", body)]
        return Path(file).stem.partition("-")[2]
    return typed


def expanded(word: str) -> list[str]:
    return sorted(map(str, Path().glob(word))) if "*" in word else [word]


def run(line: str, typed: str, patch: pytest.MonkeyPatch, fine: frozenset[int] = frozenset({0})) -> str:
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
    words = [name for word in shlex.split(command["words"]) for name in expanded(word)]
    printed = io.StringIO()
    patch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
    with redirect_stdout(printed), redirect_stderr(printed):
        status = main(words)
    if status and command["otherwise"]:
        printed.write(command["otherwise"].replace("$?", str(status)))
    else:
        assert status in fine, f"{line}: exit status {status}\n{printed.getvalue()}"
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
