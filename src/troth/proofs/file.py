"""The lines of an evidence file, written and read in one place. ``verify.py`` documents the whole format."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from troth.core.canonical import Json, canonical
from troth.core.errors import InputError
from troth.proofs.errors import NotVerified

FORMAT = 1
LONGEST_LINE = 1 << 20
"""Bytes; a longer line is refused before it is read whole."""


def header_line(origin: str) -> bytes:
    """The first line: the form of the file and the log it comes from."""
    return canonical({"troth_evidence": FORMAT, "origin": origin}) + b"\n"


def checkpoint_line(note: str) -> bytes:
    """A signed checkpoint, as a line."""
    return canonical({"checkpoint": note}) + b"\n"


def lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Every line with its number (from 1), without its newline. Raises ``NotVerified`` for a line that is too long
    or not ended."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if not line.endswith(b"\n"):
            what = "is too long" if len(line) == LONGEST_LINE else "has no end: the file was cut"
            raise NotVerified(f"line {number} {what}", code="EVIDENCE-LINE", line=number)
        yield number, line[:-1]


def read_object(line: bytes) -> Mapping[str, Json] | None:
    """The JSON object that ``line`` is the canonical form of, or None when it is not the canonical form of one."""
    try:
        value = json.loads(line.decode())
        if isinstance(value, dict) and canonical(value) == line:
            return value
    except (ValueError, RecursionError):
        return None
    return None


def last_checkpoint(stream: BinaryIO) -> str:
    """The note in the last line of an evidence file, unverified: what an auditor keeps of an older file.

    Raises ``NotVerified`` when there is none.
    """
    note: Json = None
    for _, line in lines(stream):
        note = (read_object(line) or {}).get("checkpoint") if line.startswith(b'{"checkpoint":') else None
    if not isinstance(note, str):
        raise NotVerified("the older file does not end with a checkpoint", code="EVIDENCE-UNSIGNED")
    return note


def read_older(file: str | Path) -> str:
    """The checkpoint an auditor kept: the text of ``file``, or the last one in it when it is an evidence file.

    Raises ``InputError`` when it cannot be read and ``NotVerified`` for an evidence file without a checkpoint.
    """
    text = read_text(file)
    if not text.startswith("{"):
        return text
    with Path(file).open("rb") as stream:
        return last_checkpoint(stream)


def read_text(file: str | Path) -> str:
    """The text of a small file. Raises ``InputError`` when it cannot be read."""
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{file} cannot be read", hint="check the path and the rights", code="EVIDENCE-READ"
        ) from error
