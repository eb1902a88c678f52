"""A CHECK constraint over a row as it would be: its own text, with other values where the columns' names stand.

A subquery in FROM cannot see the row outside here, so the row that would be cannot be put under the table's name, as
other dialects do. The server prints every name of a rule in backticks, and texts in quotes with backslashes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from troth.stores.sql.expressions import Expr, Test

_NAME = re.compile(r"'(?:[^'\\]|\\.|'')*'|`((?:[^`]|``)*)`", re.DOTALL)


def holds_with(text: str, values: Mapping[str, Expr]) -> Test:
    """The rule's ``text`` of a row whose columns have these values; names are told without case."""
    known = {name.lower(): value for name, value in values.items()}
    used: list[Expr] = []
    parts: list[str] = []
    last = 0
    for found in _NAME.finditer(text):
        value = known.get(found[1].replace("``", "`").lower()) if found[1] is not None else None
        if value is not None:
            parts.append(text[last : found.start()])
            used.append(value)
            last = found.end()
    return _Rule((*parts, text[last:]), used)


class _Rule(FunctionElement[bool]):
    """Texts with an expression between each two."""

    inherit_cache = False
    type = sa.Boolean()

    def __init__(self, texts: tuple[str, ...], values: list[Expr]) -> None:
        super().__init__(*values)
        self.texts = texts


@compiles(_Rule, "mariadb")
def _written(element: _Rule, compiler: SQLCompiler, **how: Any) -> str:
    # As a piece of text would be written: with percent signs doubled where the driver asks for that.
    texts: list[str] = [compiler.process(sa.literal_column(text)) if text else "" for text in element.texts]
    values: list[str] = [f"({compiler.process(value, **how)})" for value in element.clauses]
    return "(" + texts[0] + "".join(value + text for value, text in zip(values, texts[1:], strict=True)) + ")"
