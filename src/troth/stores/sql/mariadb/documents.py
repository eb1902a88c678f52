"""Values inside JSON documents in MariaDB, whose JSON is text with a rule.

``JSON_EXTRACT`` compares a key as it stands in the document, where writers may escape letters beyond ASCII; so such a
key is looked for in each way that they write it, and then by functions that read escapes but tell ``true`` as ``1``.
"""

from __future__ import annotations

import json
import re

import sqlalchemy as sa

from troth.core.errors import InputError
from troth.stores.sql.expressions import Cell, Expr, Test
from troth.stores.sql.mariadb.texts import exact

_PLAIN = re.compile(r"[A-Za-z0-9_ .,:;@#$*()\[\]{}|~!?^-]+")


def readable(cell: Cell) -> Test:
    return sa.func.json_valid(cell.element) == sa.literal(1, sa.Integer())


def json_text(cell: Cell) -> Expr:
    """The value at the path as text; null where there is none, or JSON's null, or a document that cannot be read."""
    if cell.column.kind not in ("text", "json"):
        message = f"{cell.column.name} holds {cell.column.info.declared}, no JSON to look into"
        raise InputError(message, hint=f"name the whole column instead of {cell.name}", code="STORE-PATH")
    found: list[Expr] = []
    for path in _ways(cell.path):
        value = sa.func.json_extract(cell.element, path)
        found.append(sa.case((sa.func.json_type(value) != sa.literal("NULL", sa.Text()), sa.func.json_unquote(value))))
    if len(found) > 1:
        where = json_path(cell)
        found += [sa.func.json_value(cell.element, where), sa.func.json_query(cell.element, where)]
    text = sa.func.coalesce(*found) if len(found) > 1 else found[0]
    return exact(sa.case((readable(cell), text)))


def json_path(cell: Cell) -> Expr:
    """The path for functions that read escapes."""
    return _ways(cell.path)[0]


def _ways(path: tuple[str, ...]) -> list[Expr]:
    parts = [json.dumps(part, ensure_ascii=False) for part in path]
    ways = [parts]
    if not all(map(_PLAIN.fullmatch, path)):
        escaped = [json.dumps(part) for part in path]
        ways += [escaped, [part.replace("/", "\\/") for part in escaped], [part.replace("/", "\\/") for part in parts]]
    return [sa.literal(text, sa.Text()) for text in dict.fromkeys(".".join(("$", *way)) for way in ways)]
