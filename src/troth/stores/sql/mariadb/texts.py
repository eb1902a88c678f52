"""Texts in MariaDB, compared byte for byte.

A column's own collation mostly tells neither case nor accents apart, and fills up with spaces: ``'Ada' = 'ÀDA '``. A
condition means what it says, on every store, so texts are compared in a collation that changes nothing. Where the
column's own way of comparing is only less exact, it is asked first, since an index serves that one alone.
"""

from __future__ import annotations

import sqlalchemy as sa

from troth.stores.sql.catalog import Column
from troth.stores.sql.expressions import Cell, Expr, Test

EXACT = "utf8mb4_nopad_bin"

_WIDE = ("utf8mb4", "utf8mb3", "utf8")


def exact(expr: Expr) -> Expr:
    """A text of any character set, as it is."""
    return sa.collate(_Utf8(expr), EXACT)


def as_text(cell: Cell) -> Expr:
    """What a column holds, as text: bytes as their ASCII, where they are that."""
    element, column = cell.element, cell.column
    if column.collation is not None:
        return exact(element)
    if column.kind == "bytes":
        return exact(_Latin(element))
    if column.base in _SHAPES:
        return exact(sa.func.hex(element))
    return exact(sa.cast(element, sa.CHAR()))


def rough(cell: Cell) -> Expr | None:
    """The column itself, where whatever is equal exactly is equal in its own collation too, and a given text needs no
    other character set than the column's."""
    column = cell.column
    wide = column.collation is not None and column.collation.split("_")[0] in _WIDE
    return cell.element if wide and column.kind == "text" else None


def holds(column: Column, text: str) -> bool:
    """Whether a text can be in the column at all: three bytes a character are not enough for every one."""
    narrow = (column.collation or "").split("_")[0] in ("utf8", "utf8mb3")
    return not narrow or all(ord(char) < 0x10000 for char in text)


def equal(here: Cell, there: Cell) -> Test:
    """Two texts are the same, by an index where they have one collation."""
    same = as_text(there) == as_text(here)
    near, far = rough(here), rough(there)
    if near is None or far is None or here.column.collation != there.column.collation:
        return same
    return sa.and_(far == near, same)


_SHAPES = frozenset(
    {
        "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
        "geometrycollection",
    }
)  # fmt: skip


def _Utf8(expr: Expr) -> Expr:  # noqa: N802 — reads as what it makes
    return _converted(expr, "utf8mb4")


def _Latin(expr: Expr) -> Expr:  # noqa: N802
    return _converted(expr, "latin1")


def _converted(expr: Expr, charset: str) -> Expr:
    """CONVERT(… USING charset)."""
    inside = expr.op("USING", precedence=0)(sa.literal_column(charset))
    return sa.func.convert(inside, type_=sa.Text())
