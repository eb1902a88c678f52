"""``data.json`` of a copy: one document, written as its rows come, so that its size is nobody's memory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import IO

from troth.publish.cells import for_json


class DataFile:
    """Writes to ``stream``: what is known before the rows, then each part's rows, then the end. ``open`` before the
    first row of a part, ``close`` after the last part."""

    def __init__(self, stream: IO[str], head: Mapping[str, object]) -> None:
        self._stream = stream
        self._parts = self._rows = 0
        self._columns: tuple[str, ...] = ()
        for name, value in head.items():
            stream.write(f"{'{' if name == next(iter(head)) else ','}\n{_text(name)}: {_text(value, indent=1)}")
        stream.write(',\n"data": {')

    def open(self, part: str, columns: Sequence[str]) -> None:
        self._stream.write(f"{self._end_of_part()}\n {_text(part)}: [")
        self._parts, self._rows, self._columns = self._parts + 1, 0, tuple(columns)

    def row(self, cells: Sequence[object], until: date | None) -> None:
        values = {name: for_json(cell) for name, cell in zip(self._columns, cells, strict=True)}
        if until is not None:
            values["_kept_until"] = until.isoformat()
        self._stream.write(f"{',' if self._rows else ''}\n  {_text(values)}")
        self._rows += 1

    def close(self) -> None:
        self._stream.write(f"{self._end_of_part().rstrip(',')}\n}}\n}}\n")

    def _end_of_part(self) -> str:
        if not self._parts:
            return ""
        return "\n ]," if self._rows else "],"


def _text(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False)
