"""Where our own database may be: in a file, or on a PostgreSQL server."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote

from troth.core.errors import InputError


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL database by its address, which may hold a password and is shown nowhere."""

    url: str = field(repr=False)


Place: TypeAlias = Path | Server


def place_of(text: str, base: Path) -> Place:
    """The place that a resolved ``state:`` names. A path is relative to ``base``. Raises ``InputError``
    (``STATE-URL``), which does not repeat the text."""
    scheme, colon, rest = text.partition(":")
    if not colon or not rest.startswith("//"):
        return base / text
    match scheme.partition("+")[0]:
        case "postgresql" | "postgres":
            return Server(text)
        case "sqlite" if rest.startswith("///"):
            return base / unquote(rest.removeprefix("///").partition("?")[0])
        case _:
            raise InputError(
                "the address of our own database is of no kind that it can have",
                hint="a file (.troth/state.db), or postgresql://user@host/database, as a reference",
                code="STATE-URL",
            )
