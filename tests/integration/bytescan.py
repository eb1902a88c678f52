"""Canaries in a store's real files: planted as rows, then looked for as bytes, file by file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from uuid import uuid4

COUNT = 1_000

_WIDE = 7_000
"""Characters of the note that every tenth canary writes: enough for TOAST and for overflow pages."""


class Canaries:
    """A thousand people: an e-mail each that stands in an index, and a note, long for every tenth."""

    def __init__(self) -> None:
        self._mark = f"zq{uuid4().hex[:10]}"
        self.names = [f"{self._mark}-{number:04}-canary" for number in range(COUNT)]

    def email(self, name: str) -> str:
        return f"{name}@nowhere.example"

    def note(self, number: int, name: str) -> str:
        """Random where it is long, so that no store makes it shorter than its page."""
        filler = "".join(uuid4().hex for _ in range(_WIDE // 32)) if number % 10 == 0 else "short"
        return f"{filler} {name}"

    def found(self, files: Iterable[Path], group: Callable[[Path], str]) -> dict[str, int]:
        """How many of them are in the files of each group."""
        seen: dict[str, set[bytes]] = {}
        for file in files:
            try:
                content = file.read_bytes()
            except FileNotFoundError:
                continue
            within = seen.setdefault(group(file), set())
            within.update(self._in(content))
        return {name: len(found) for name, found in sorted(seen.items())}

    def _in(self, content: bytes) -> set[bytes]:
        """Each canary has a number of four digits after the mark, so one pass over the marks finds all of them."""
        mark, found, at = f"{self._mark}-".encode(), set[bytes](), 0
        while (at := content.find(mark, at)) >= 0:
            found.add(content[at : at + len(mark) + 11])
            at += len(mark)
        return found & {name.encode() for name in self.names}


def total(found: dict[str, int]) -> int:
    return sum(Counter(found).values())
