"""Conditions in MariaDB."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Literal, assert_never

import sqlalchemy as sa

from troth.stores.conditions import Blank, Condition, Unit
from troth.stores.contract import Rule
from troth.stores.sql import forms, values
from troth.stores.sql.blanks import constant, unique_text
from troth.stores.sql.catalog import Column, Table
from troth.stores.sql.expressions import Cell, Expr, Extreme, Extremes, Operand, Test
from troth.stores.sql.mariadb import moments
from troth.stores.sql.mariadb.documents import json_path, json_text, readable
from troth.stores.sql.mariadb.keys import Bytes, Unsigned
from troth.stores.sql.mariadb.rules import holds_with
from troth.stores.sql.mariadb.texts import EXACT, as_text, equal, holds, rough
from troth.stores.sql.mariadb.types import FLAGS
from troth.stores.sql.moments import Cutoff

_BITS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}


class MariadbExpressions:
    room: int | None = None

    def operand(self, cell: Cell) -> Operand:
        if cell.path:
            return Operand(json_text(cell), values.as_text, sa.Text())
        column, element = cell.column, cell.element
        match column.kind:
            case "integer":
                return _integer(cell)
            case "decimal":
                return Operand(element, _decimal, sa.Numeric())
            case "float":
                return Operand(element, _single if column.base == "float" else values.as_float, sa.Double())
            case "text":
                return Operand(as_text(cell), partial(_text, column), sa.Text(), near=rough(cell))
            case "date":
                return Operand(element, values.as_date, sa.Date())
            case "datetime":
                return Operand(element, partial(values.as_datetime, aware=False), sa.DateTime())
            case "datetime_tz":
                return Operand(element, _utc, sa.DateTime())
            case "uuid":
                return Operand(element, _uuid, sa.Text())
            case "bytes":
                return Operand(element, values.as_bytes, Bytes())
            case _:
                return Operand(as_text(cell), values.as_text, sa.Text())

    def truth(self, cell: Cell, value: bool) -> Test:
        operand = self.operand(cell)
        if not cell.path and cell.column.kind in ("integer", "decimal", "float"):
            return operand.expr == sa.literal(int(value), sa.Integer())
        words = values.YES if value else values.NO
        return sa.func.lower(as_text(cell) if not cell.path else operand.expr).in_(
            [sa.literal(word, sa.Text()) for word in words]
        )

    def before(self, cell: Cell, cutoff: Cutoff, unit: Unit) -> Test:
        if cell.path or cell.column.kind == "text":
            text = self._text_of(cell)
            return (
                moments.before(text, cutoff)
                if unit == "native"
                else moments.counted(moments.number(text), cutoff, unit)
            )
        element = cell.element
        match cell.column.kind:
            case "integer" | "decimal" | "float" if unit != "native" and cell.column.base not in FLAGS:
                return moments.counted(element, cutoff, unit)
            case _ if unit != "native":
                return sa.false()
            case "date":
                return sa.and_(element < sa.literal(cutoff.day, sa.Date()), moments.known(element, "date"))
            case "datetime":
                return sa.and_(element < sa.literal(cutoff.local, sa.DateTime()), moments.known(element, "datetime"))
            case "datetime_tz":
                instant = sa.literal(cutoff.utc.replace(tzinfo=None), sa.DateTime())
                return sa.and_(element < instant, moments.known(element, "datetime"))
            case _:
                return sa.false()

    def extremes(self, cell: Cell, unit: Unit) -> Extremes:
        reads: Literal["seconds", "milliseconds"] = "milliseconds" if unit == "epoch_ms" else "seconds"
        if cell.path or cell.column.kind == "text":
            text = self._text_of(cell)
            if unit != "native":
                return Extremes([Extreme(moments.within(moments.number(text), unit), reads)])
            return Extremes(
                [
                    Extreme(moments.day_of(text), "utc_us"),
                    Extreme(moments.time_of(text), "local_us"),
                    Extreme(moments.offset_of(text), "utc_us"),
                ]
            )
        element = cell.element
        match cell.column.kind:
            case "integer" | "decimal" | "float" if unit != "native" and cell.column.base not in FLAGS:
                return Extremes([Extreme(moments.within(element, unit), reads)])
            case _ if unit != "native":
                return Extremes()
            case "date" | "datetime" | "datetime_tz":
                found = sa.case((moments.known(element, cell.column.kind), element))
                on: Literal["local_us", "utc_us"] = "local_us" if cell.column.kind == "datetime" else "utc_us"
                return Extremes([Extreme(found, on, moments.microseconds)])
            case _:
                return Extremes()

    def held(self, cell: Cell, blank: Blank) -> Test:
        found: Test = self.operand(cell).expr.is_not(None)
        if blank.kind != "null":
            found = sa.and_(found, self._is_blank(cell, blank).is_not(sa.true()))
        if cell.path:
            found = sa.or_(found, sa.and_(cell.element.is_not(None), sa.not_(readable(cell))))
        return found

    def blanked(self, cell: Cell, blanks: Sequence[tuple[tuple[str, ...], Blank]]) -> Expr:
        value = cell.element
        for path, blank in blanks:
            value = self._blanked(Cell(value, cell.column, path), cell, blank)
        return value

    def malformed(self, cell: Cell, form: str) -> Test:
        forms.known(form)
        text = self._text_of(cell)
        if form == "first-half":
            fits = moments.matches(sa.func.lower(text), forms.FIRST_HALF)
        else:
            fits = moments.matches(text, forms.HASHED)
        return sa.and_(text != sa.literal("", sa.Text()), sa.not_(fits))

    def broken(self, table: Table, rows: sa.FromClause, rule: Rule, written: Mapping[str, Expr]) -> Test:
        row = {name: written.get(name, rows.c[name]) for name in table.columns}
        # Null breaks nothing.
        return sa.func.coalesce(sa.not_(holds_with(rule.text, row)), sa.false())

    def same(self, here: Cell, there: Cell) -> Test:
        one, other = here.column, there.column
        numbers, days = {"integer", "decimal", "float"}, {"datetime", "datetime_tz", "date"}
        pair = {one.kind, other.kind}
        if pair == {"text"}:
            return equal(here, there)
        if pair in ({"bytes"}, {"uuid"}) or pair <= numbers or pair <= days:
            return there.element == here.element
        return as_text(there) == as_text(here)

    def levels(self, condition: Condition) -> int:
        return 0

    def gathers(self, column: Column) -> bool:
        """Texts are gathered each once as their collation tells them apart, and that must be exactly."""
        return column.collation == EXACT or column.kind not in ("text", "json", "other", "network")

    def among(self, here: Sequence[Cell], there: Sequence[Cell], part: sa.CTE, *, repeated: bool) -> Test:
        pairs = [
            (one.element, other.element) if _alike(one.column, other.column) else (as_text(one), as_text(other))
            for one, other in zip(here, there, strict=True)
        ]
        found = sa.select(*(other for _, other in pairs)).select_from(part).correlate(None)
        given = [one for one, _ in pairs]
        one_of = given[0].in_(found) if len(given) == 1 else sa.tuple_(*given).in_(found)
        return sa.and_(*(cell.element.is_not(None) for cell in here), one_of)

    # blanks

    def _is_blank(self, cell: Cell, blank: Blank) -> Test:
        operand = self.operand(cell)
        if blank.kind == "unique":
            before, random, after = unique_text(cell, blank)
            pattern = f"{re.escape(before)}[0-9a-f]{{{random}}}{re.escape(after)}"
            return moments.matches(operand.expr, pattern)
        if cell.path:
            word = str(blank.value).lower() if isinstance(blank.value, bool) else str(blank.value)
            return operand.expr == sa.literal(word, sa.Text())
        return operand.expr == operand.value(constant(cell, blank, operand.fit))

    def _blanked(self, cell: Cell, before: Cell, blank: Blank) -> Expr:
        """``cell``, whose element may have other blanks written already, with one more; nothing stays nothing."""
        where = json_path(cell) if cell.path else None
        after: Expr
        match blank.kind:
            case "null" if where is None:
                return sa.null()
            case "null":
                after = sa.func.json_remove(cell.element, where)
            case "constant" if where is None:
                operand = self.operand(before)
                after = operand.value(constant(cell, blank, operand.fit))
            case "constant" if isinstance(blank.value, bool):
                word = sa.func.json_compact(sa.literal(str(blank.value).lower(), sa.Text()))
                after = sa.func.json_replace(cell.element, where, word)
            case "constant":
                kind = sa.Text() if isinstance(blank.value, str) else sa.BigInteger()
                after = sa.func.json_replace(cell.element, where, sa.literal(blank.value, kind))
            case "unique":
                fresh = _fresh(cell, blank)
                after = fresh if where is None else sa.func.json_replace(cell.element, where, fresh)
            case _:
                assert_never(blank.kind)
        return sa.case((self.held(Cell(before.element, cell.column, cell.path), blank), after), else_=cell.element)

    def _text_of(self, cell: Cell) -> Expr:
        return json_text(cell) if cell.path else as_text(cell)


def _alike(one: Column, other: Column) -> bool:
    numbers = {"integer", "decimal", "float"}
    return one.kind == other.kind or {one.kind, other.kind} <= numbers


def _integer(cell: Cell) -> Operand:
    column, element = cell.column, cell.element
    name, _, rest = column.base.partition("(")
    if name == "bit":
        element = sa.cast(element, Unsigned()) + sa.literal(0, sa.Integer())
    if column.base in FLAGS:
        return Operand(element, _flag, sa.BigInteger())
    if name == "bit" or "unsigned" in rest or column.base.endswith("unsigned"):
        return Operand(element, _unsigned, Unsigned())
    return Operand(element, partial(values.as_integer, bits=_BITS.get(name, 64)), sa.BigInteger())


def _flag(value: str | int) -> int | None:
    said = values.as_boolean(value)
    return values.as_integer(value, bits=8) if said is None else int(said)


def _unsigned(value: str | int) -> int | None:
    number = values.as_integer(value, bits=65)
    return None if number is None or number < 0 else number


def _decimal(value: str | int) -> Decimal | None:
    """Written out, as many digits as a column may have; more are held by none."""
    number = values.as_decimal(value)
    if number is None:
        return None
    text = format(number, "f")
    whole, _, fraction = text.lstrip("+-").partition(".")
    return Decimal(text) if len(whole) <= 35 and len(fraction) <= 30 else None


def _single(value: str | int) -> float | None:
    """As a FLOAT column holds it, in four bytes."""
    number = values.as_float(value)
    try:
        return None if number is None else float(struct.unpack("f", struct.pack("f", number))[0])
    except OverflowError:
        return None


def _text(column: Column, value: str | int) -> str | None:
    text = values.as_text(value)
    return text if text is not None and holds(column, text) else None


def _utc(value: str | int) -> datetime | None:
    found = values.as_datetime(value, aware=True)
    return None if found is None else found.astimezone(UTC).replace(tzinfo=None)


def _uuid(value: str | int) -> str | None:
    found = values.as_uuid(value)
    return None if found is None else str(found)


def _fresh(cell: Cell, blank: Blank) -> Expr:
    before, random, after = unique_text(cell, blank)
    noise = sa.func.lower(sa.func.hex(sa.func.random_bytes(sa.literal(16, sa.Integer()))))
    part = sa.func.left(noise, sa.literal(random, sa.Integer()))
    return sa.func.concat(sa.literal(before, sa.Text()), part, sa.literal(after, sa.Text()))
