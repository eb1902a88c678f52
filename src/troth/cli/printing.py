"""How things are printed: one console for results on stdout, one for progress and errors on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import date, datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text


def out() -> Console:
    return Console(highlight=False, soft_wrap=False)


def err() -> Console:
    return Console(stderr=True, highlight=False)


def print_json(value: object) -> None:
    """One object on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not JSON")


def number(value: int) -> str:
    return f"{value:,}"


def rows(value: int) -> str:
    return f"{value:,} row{'' if value == 1 else 's'}"


def size_of(value: int) -> str:
    """Bytes in the unit that people say."""
    for unit, length in (("GiB", 30), ("MiB", 20)):
        if value >= 1 << length:
            return f"{value / (1 << length):,.1f} {unit}"
    return f"{value >> 10:,} KiB"


def day(value: datetime | None) -> str:
    return value.date().isoformat() if value else "unknown"


def shortened(sentence: str, most: int = 160) -> str:
    """A long sentence cut at a word; the whole of it is in the JSON form."""
    words = " ".join(sentence.split())
    return words if len(words) <= most else f"{words[: words.rindex(' ', 0, most)]} …"


def quoted(sentence: str) -> Text:
    return Text(f"“{sentence}”", style="italic")


@contextmanager
def asking(title: str) -> Generator[Callable[[str], None]]:
    """A line on stderr that says what is being asked; nothing when stderr is no terminal."""
    console = err()
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(title) as status:
        yield lambda word: status.update(f"{title}: {word}")


@contextmanager
def progressing() -> Generator[Progress]:
    """Progress bars with honest totals, on stderr."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err(), transient=False, disable=not err().is_terminal) as progress:
        yield progress
