"""Conditions in PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal, assert_never

import sqlalchemy as sa

from troth.core.errors import InputError
from troth.stores.conditions import Blank, Condition, Unit
from troth.stores.contract import Rule
from troth.stores.sql import forms, values
from troth.stores.sql.blanks import constant, unique_text
from troth.stores.sql.catalog import Column, Table
from troth.stores.sql.expressions import Cell, Expr, Extreme, Extremes, Named, Operand, Test, broken_as_a_row
from troth.stores.sql.moments import Cutoff
from troth.stores.sql.postgresql.moments import counted, finite, microseconds, moment_case, number, within

_BITS = {"smallint": 16, "integer": 32, "bigint": 64, "oid": 32}


class PostgresqlExpressions:
    """``version`` is the server's, as a number (150004): some functions are newer than the oldest server we know."""

    room: int | None = None

    def __init__(self, version: int) -> None:
        self._version = version

    def operand(self, cell: Cell) -> Operand:
        if cell.path:
            return Operand(self._json_text(cell), values.as_text, sa.Text())
        column, element = cell.column, cell.element
        match column.kind:
            case "integer":
                fit = partial(values.as_integer, bits=_BITS.get(column.base, 64))
                return Operand(element, fit, sa.BigInteger())
            case "decimal":
                return Operand(element, values.as_decimal, sa.Numeric())
            case "float":
                single = column.base == "real"
                return Operand(element, values.as_float, sa.REAL() if single else sa.DOUBLE_PRECISION())
            case "text":
                cast = None if column.base in ("text", "character varying") else column.base
                return Operand(element, values.as_text, sa.Text(), cast)
            case "boolean":
                return Operand(element, values.as_boolean, sa.Boolean())
            case "date":
                return Operand(element, values.as_date, sa.Date())
            case "datetime":
                return Operand(element, partial(values.as_datetime, aware=False), sa.DateTime())
            case "datetime_tz":
                return Operand(element, partial(values.as_datetime, aware=True), sa.DateTime(timezone=True))
            case "uuid":
                return Operand(element, values.as_uuid, sa.Uuid())
            case "bytes":
                return Operand(element, values.as_bytes, Bytea())
            case "network" if column.base in ("inet", "cidr"):
                return Operand(element, values.as_network, sa.Text(), "inet")
            case _:
                return Operand(_text(element), values.as_text, sa.Text())

    def truth(self, cell: Cell, value: bool) -> Test:
        if not cell.path and cell.column.kind == "boolean":
            return cell.element.is_(sa.true() if value else sa.false())
        if not cell.path and cell.column.kind in ("integer", "decimal", "float"):
            return cell.element == sa.literal(int(value), sa.Integer())
        words = values.YES if value else values.NO
        return sa.func.lower(_text(self.operand(cell).expr)).in_([sa.literal(word, sa.Text()) for word in words])

    def before(self, cell: Cell, cutoff: Cutoff, unit: Unit) -> Test:
        if cell.path or cell.column.kind == "text":
            text = self._text_of(cell)
            if unit != "native":
                return counted(number(text), cutoff, unit)
            return moment_case(
                text,
                sa.cast(text, sa.Date()) < sa.literal(cutoff.day, sa.Date()),
                sa.cast(text, sa.DateTime()) < sa.literal(cutoff.local, sa.DateTime()),
                sa.cast(text, sa.DateTime(timezone=True)) < sa.literal(cutoff.utc, sa.DateTime(timezone=True)),
            )
        element = cell.element
        match cell.column.kind:
            case "integer" | "decimal" | "float" if unit != "native":
                return counted(element, cutoff, unit)
            case _ if unit != "native":
                return sa.false()
            case "date":
                return sa.and_(element < sa.literal(cutoff.day, sa.Date()), sa.func.isfinite(element))
            case "datetime":
                return sa.and_(element < sa.literal(cutoff.local, sa.DateTime()), sa.func.isfinite(element))
            case "datetime_tz":
                instant = sa.literal(cutoff.utc, sa.DateTime(timezone=True))
                return sa.and_(element < instant, sa.func.isfinite(element))
            case _:
                return sa.false()

    def extremes(self, cell: Cell, unit: Unit) -> Extremes:
        reads: Literal["seconds", "milliseconds"] = "milliseconds" if unit == "epoch_ms" else "seconds"
        if cell.path or cell.column.kind == "text":
            text = self._text_of(cell)
            if unit != "native":
                return Extremes([Extreme(within(number(text), unit), reads)])
            none = sa.null()
            aware = sa.cast(text, sa.DateTime(timezone=True))
            each = [
                Extreme(moment_case(text, sa.cast(text, sa.Date()), none, none), "utc_us", microseconds),
                Extreme(moment_case(text, none, sa.cast(text, sa.DateTime()), none), "local_us", microseconds),
                Extreme(moment_case(text, none, none, aware), "utc_us", microseconds),
            ]
            return Extremes(each)
        element = cell.element
        match cell.column.kind:
            case "integer" | "decimal" | "float" if unit != "native":
                return Extremes([Extreme(within(element, unit), reads)])
            case _ if unit != "native":
                return Extremes()
            case "date" | "datetime_tz":
                return Extremes([Extreme(finite(element), "utc_us", microseconds)])
            case "datetime":
                return Extremes([Extreme(finite(element), "local_us", microseconds)])
            case _:
                return Extremes()

    def held(self, cell: Cell, blank: Blank) -> Test:
        found: Test = self.operand(cell).expr.is_not(None)
        if blank.kind != "null":
            found = sa.and_(found, self._is_blank(cell, blank).is_not(sa.true()))
        if cell.path and cell.column.kind == "text" and self._version >= 160000:
            unreadable = sa.and_(cell.element.is_not(None), self._document(cell).is_(None))
            found = sa.or_(found, unreadable)
        return found

    def blanked(self, cell: Cell, blanks: Sequence[tuple[tuple[str, ...], Blank]]) -> Expr:
        value = cell.element
        for path, blank in blanks:
            part = Cell(value, cell.column, path)
            if path:
                value = self._path_blanked(part, blank)
            elif blank.kind == "null":
                value = sa.cast(sa.null(), Named(cell.column.base))
            else:
                # Nothing stays nothing, and what a mask wrote before is left alone.
                value = sa.case((self.held(cell, blank), self._column_blanked(part, blank)), else_=value)
        return value

    def malformed(self, cell: Cell, form: str) -> Test:
        forms.known(form)
        if form == "first-half" and not cell.path and cell.column.base in ("inet", "cidr"):
            return sa.not_(_first_half_inet(cell.element))
        text = self._readable(cell)
        if form == "first-half":
            fits = sa.func.lower(text).regexp_match(sa.literal(forms.FIRST_HALF, sa.Text()))
        else:
            fits = text.regexp_match(sa.literal(forms.HASHED, sa.Text()))
        return sa.and_(text != sa.literal("", sa.Text()), sa.not_(fits))

    def broken(self, table: Table, rows: sa.FromClause, rule: Rule, written: Mapping[str, Expr]) -> Test:
        return broken_as_a_row(table, rows, rule, written)

    def same(self, here: Cell, there: Cell) -> Test:
        one, other = _comparable(here, there)
        return other == one

    def levels(self, condition: Condition) -> int:
        return 0

    def gathers(self, column: Column) -> bool:
        """Some types know no equality; their values are compared as text."""
        return column.kind not in ("json", "other")

    def among(self, here: Sequence[Cell], there: Sequence[Cell], part: sa.CTE, *, repeated: bool) -> Test:
        """IN, which is hashed wherever it stands; of an EXISTS beside an OR the planner, who knows nothing of the part,
        may think that it will be asked for rarely."""
        pairs = [_comparable(one, other) for one, other in zip(here, there, strict=True)]
        found = sa.select(*(other for _, other in pairs)).select_from(part).correlate(None)
        values = [one for one, _ in pairs]
        one_of = values[0].in_(found) if len(values) == 1 else sa.tuple_(*values).in_(found)
        return sa.and_(*(cell.element.is_not(None) for cell in here), one_of)

    # blanks

    def _is_blank(self, cell: Cell, blank: Blank) -> Test:
        if blank.kind == "unique":
            before, random, after = unique_text(cell, blank)
            pattern = f"^{re.escape(before)}[0-9a-f]{{{random}}}{re.escape(after)}$"
            return _text(self.operand(cell).expr).regexp_match(sa.literal(pattern, sa.Text()))
        if isinstance(blank.value, bool) and not cell.path and cell.column.kind == "boolean":
            return cell.element.is_(sa.true() if blank.value else sa.false())
        if cell.path:
            word = str(blank.value).lower() if isinstance(blank.value, bool) else str(blank.value)
            return self.operand(cell).expr == sa.literal(word, sa.Text())
        if cell.column.kind in ("json", "other", "network"):
            written = sa.cast(sa.literal(str(blank.value), sa.Text()), Named(cell.column.base))
            if cell.column.kind == "json":
                return _jsonb(cell.element) == _jsonb(written)
            return _text(cell.element) == _text(written)
        operand = self.operand(cell)
        return operand.expr == operand.value(constant(cell, blank, operand.fit))

    # text and JSON

    def _text_of(self, cell: Cell) -> Expr:
        return self._json_text(cell) if cell.path else _text(cell.element)

    def _readable(self, cell: Cell) -> Expr:
        """Bytes as text where they are ASCII: some applications keep password hashes so."""
        if not cell.path and cell.column.kind == "bytes":
            return sa.func.encode(cell.element, sa.literal("escape", sa.Text()))
        return self._text_of(cell)

    def _document(self, cell: Cell) -> Expr:
        """The column as ``jsonb``. A text that is no JSON is null where the server can tell, an error before 16."""
        match cell.column.kind:
            case "json":
                return _jsonb(cell.element) if cell.column.base != "jsonb" else cell.element
            case "text" if self._version >= 160000:
                good = sa.func.pg_input_is_valid(_text(cell.element), sa.literal("jsonb", sa.Text()))
                return sa.case((good, _jsonb(cell.element)))
            case "text":
                return _jsonb(cell.element)
            case _:
                message = f"{cell.column.name} holds {cell.column.info.declared}, no JSON to look into"
                raise InputError(message, hint=f"name the whole column instead of {cell.name}", code="STORE-PATH")

    def _json_text(self, cell: Cell) -> Expr:
        document = self._document(cell)
        found = document.op("#>>", return_type=sa.Text())(_path(cell.path))
        guards = _objects_only(document, cell.path)
        return found if not guards else sa.case((sa.and_(*guards), found))

    def _path_blanked(self, cell: Cell, blank: Blank) -> Expr:
        document = cell.element if cell.column.base == "jsonb" else _jsonb(cell.element)
        path = _path(cell.path)
        leads = document.op("#>", return_type=sa.JSON())(path).is_not(None)
        after: Expr
        match blank.kind:
            case "null":
                after = document.op("#-")(path)
            case "constant":
                given = sa.Boolean() if isinstance(blank.value, bool) else sa.BigInteger()
                kind = sa.Text() if isinstance(blank.value, str) else given
                after = sa.func.jsonb_set(document, path, sa.func.to_jsonb(sa.literal(blank.value, kind)), sa.false())
            case "unique":
                after = sa.func.jsonb_set(document, path, sa.func.to_jsonb(_fresh(cell, blank)), sa.false())
            case _:
                assert_never(blank.kind)
        changed = after if cell.column.base == "jsonb" else sa.cast(after, Named(cell.column.base))
        return sa.case((sa.and_(leads, *_objects_only(document, cell.path)), changed), else_=cell.element)

    def _column_blanked(self, cell: Cell, blank: Blank) -> Expr:
        if blank.kind == "unique":
            return _fresh(cell, blank)
        if cell.column.kind in ("json", "other", "network"):
            return sa.cast(sa.literal(str(blank.value), sa.Text()), Named(cell.column.base))
        operand = self.operand(cell)
        return operand.value(constant(cell, blank, operand.fit))


class Bytea(sa.LargeBinary):
    """Bytes; written out for people as hexadecimal."""

    def literal_processor(self, dialect: sa.Dialect) -> Callable[..., str]:
        def written(value: bytes) -> str:
            return f"'\\x{value.hex()}'::bytea"

        return written


def _comparable(here: Cell, there: Cell) -> tuple[Expr, Expr]:
    one, other = here.column, there.column
    numbers = {"integer", "decimal", "float"}
    alike = one.kind == other.kind if one.kind != "other" else one.base == other.base
    if alike or {one.kind, other.kind} <= numbers or {one.kind, other.kind} <= {"datetime", "datetime_tz", "date"}:
        return here.element, there.element
    return _text(here.element), _text(there.element)


def _text(expr: Expr) -> Expr:
    return expr if isinstance(expr.type, sa.Text) else sa.cast(expr, sa.Text())


def _jsonb(expr: Expr) -> Expr:
    return sa.cast(expr, Named("jsonb"))


def _path(path: Sequence[str]) -> Expr:
    return sa.literal(list(path), sa.ARRAY(sa.Text()))


def _objects_only(document: Expr, path: tuple[str, ...]) -> list[Test]:
    """PostgreSQL takes a number in a path for a place in a list. Ours lead through objects alone: what has been taken
    out of a list would let its neighbour move up and be taken out next."""
    at = [place for place, part in enumerate(path) if re.fullmatch(r"-?[0-9]+", part)]
    inner = (document.op("#>", return_type=sa.JSON())(_path(path[:place])) if place else document for place in at)
    return [sa.func.jsonb_typeof(part) == sa.literal("object", sa.Text()) for part in inner]


def _fresh(cell: Cell, blank: Blank) -> Expr:
    before, random, after = unique_text(cell, blank)
    noise = sa.func.replace(_text(sa.func.gen_random_uuid()), sa.literal("-", sa.Text()), sa.literal("", sa.Text()))
    part = sa.func.left(noise, sa.literal(random, sa.Integer()))
    return sa.func.concat(sa.literal(before, sa.Text()), part, sa.literal(after, sa.Text()))


def _first_half_inet(address: Expr) -> Test:
    """Nothing but zeros after the half that may stay, and no prefix length that tells more of them."""
    four = sa.func.family(address) == sa.literal(4, sa.Integer())
    kept = sa.case((four, 16), else_=48)
    cut = sa.func.host(sa.func.network(sa.func.set_masklen(sa.cast(address, Named("inet")), kept)))
    length = sa.func.masklen(address)
    return sa.and_(cut == sa.func.host(address), sa.or_(length <= kept, length == sa.case((four, 32), else_=128)))
