"""Conditions in SQLite, whose columns hold whatever was written into them: what a value is, is asked of the value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal, assert_never

import sqlalchemy as sa

from troth.core.errors import InputError
from troth.stores.conditions import Before, Blank, Breaks, Condition, Field, Held, InKeys, Malformed, Matches, Unit
from troth.stores.contract import Rule
from troth.stores.sql import forms, values
from troth.stores.sql.blanks import constant, unique_text
from troth.stores.sql.catalog import Column, Table
from troth.stores.sql.expressions import Cell, Expr, Extreme, Extremes, Operand, Test, broken_as_a_row, let
from troth.stores.sql.moments import Cutoff, last_number
from troth.stores.sql.sqlite import moments
from troth.stores.sql.sqlite.forms import first_half, hashed
from troth.stores.sql.sqlite.moments import counted, glob, usual

LAST_DAY = date(9999, 12, 29)

Fit = Callable[[str | int], object | None]


class SqliteExpressions:
    room: int | None = 75
    """Before 3.46 the parser has a hundred levels; a batch takes up to 21 of them around its condition."""

    def levels(self, condition: Condition) -> int:
        match condition:
            case Before(field=Field(path=path)) | Held(field=Field(path=path)) | Matches(field=Field(path=path)):
                least = 30 if isinstance(condition, Before) else 12
            case Malformed(field=Field(path=path)):
                least = 48
            case InKeys(fields=fields):
                path = max((name.path for name in fields), key=_path_levels)
                least = 12
            case Breaks():
                return 48
            case _:
                return 12
        return max(least, _path_levels(path))

    def operand(self, cell: Cell) -> Operand:
        if cell.path:
            return Operand(_json_text(cell), values.as_text, sa.Text())
        fits: dict[str, Fit] = {
            "integer": _integer,
            "decimal": _number,
            "float": _number,
            "boolean": _number,
            "bytes": _bytes,
        }
        return Operand(cell.element, fits.get(cell.column.kind, _as_stored), AnyValue())

    def truth(self, cell: Cell, value: bool) -> Test:
        operand = self.operand(cell)
        number = operand.expr == sa.literal(int(value), sa.Integer())
        if not cell.path and cell.column.kind in ("integer", "decimal", "float"):
            return number
        words = values.YES if value else values.NO
        said = sa.func.lower(operand.expr).in_([sa.literal(word, sa.Text()) for word in words])
        return said if cell.path else sa.or_(number, said)

    def before(self, cell: Cell, cutoff: Cutoff, unit: Unit) -> Test:
        if not cell.path and cell.column.kind == "boolean":
            return sa.false()
        value = _raw(cell)
        if unit != "native":
            number = counted(_number_at(cell))
            return sa.and_(number < cutoff.number(unit), number > 0)
        tests: list[Test] = []
        if cutoff.day < LAST_DAY:
            # Plain text comparison, two days on the safe side of every zone: what an index on the column is used for.
            tests.append(value < (cutoff.day + timedelta(days=2)).isoformat())
        local, utc = cutoff.local.isoformat(" "), cutoff.utc.replace(tzinfo=None).isoformat(" ")

        exact = moments.before(value, cutoff.day.isoformat(), local, utc)
        return sa.and_(*tests, exact)

    def extremes(self, cell: Cell, unit: Unit) -> Extremes:
        if not cell.path and cell.column.kind == "boolean":
            return Extremes()
        value = _raw(cell)
        if unit != "native":
            number = counted(_number_at(cell))
            reads: Literal["seconds", "milliseconds"] = "milliseconds" if unit == "epoch_ms" else "seconds"
            return Extremes([Extreme(sa.case((sa.and_(number > 0, number <= last_number(unit)), number)), reads)])
        each = [Extreme(kind(value), "text") for kind in (moments.day_of, moments.time_of, moments.offset_of)]
        return Extremes(each, None if cell.path else (cell.element, usual(cell.element)))

    def held(self, cell: Cell, blank: Blank) -> Test:
        found: Test = self.operand(cell).expr.is_not(None)
        if blank.kind != "null":
            found = sa.and_(found, self._is_blank(cell, blank).is_not(sa.true()))
        if cell.path:
            broken = sa.and_(cell.element.is_not(None), sa.func.json_valid(cell.element) == 0)
            found = sa.or_(found, broken)
        return found

    def blanked(self, cell: Cell, blanks: Sequence[tuple[tuple[str, ...], Blank]]) -> Expr:
        value = cell.element
        for path, blank in blanks:
            value = self._blanked(Cell(cell.element, cell.column, path), value, blank)
        return value

    def _blanked(self, cell: Cell, value: Expr, blank: Blank) -> Expr:
        """``value``, which is the column of ``cell`` with some blanks written, with one more; nothing stays nothing."""
        match blank.kind:
            case "null" if not cell.path:
                return sa.null()
            case "null":
                after: Expr = sa.func.json_remove(value, json_path(cell))
            case "constant" if not cell.path:
                after = self._constant(cell, blank)
            case "constant" if isinstance(blank.value, bool):
                after = sa.func.json_replace(value, json_path(cell), sa.func.json(str(blank.value).lower()))
            case "constant":
                after = sa.func.json_replace(value, json_path(cell), sa.literal(blank.value, AnyValue()))
            case "unique":
                fresh = _fresh(cell, blank)
                after = sa.func.json_replace(value, json_path(cell), fresh) if cell.path else fresh
            case _:
                assert_never(blank.kind)
        return sa.case((self.held(cell, blank), after), else_=value)

    def malformed(self, cell: Cell, form: str) -> Test:
        forms.known(form)
        text = _json_text(cell) if cell.path else sa.cast(cell.element, sa.Text())
        fits = first_half if form == "first-half" else hashed
        return let(lambda it: sa.and_(it["text"] != "", fits(it["text"]).is_not(sa.true())), text=text)

    def broken(self, table: Table, rows: sa.FromClause, rule: Rule, written: Mapping[str, Expr]) -> Test:
        return broken_as_a_row(table, rows, rule, written)

    def same(self, here: Cell, there: Cell) -> Test:
        return there.element == here.element

    def gathers(self, column: Column) -> bool:
        return column.collation is not None

    def among(self, here: Sequence[Cell], there: Sequence[Cell], part: sa.CTE, *, repeated: bool) -> Test:
        """IN, for which SQLite makes an index; it would read the whole part again for each row of an EXISTS. How
        texts are compared the column there decides in ``same``, and in an IN the one here. Inside an EXISTS the IN is
        kept from leading the way to the rows: all of the part would be gone through for each row outside."""
        values = [
            one.element
            if one.column.collation == other.column.collation
            else sa.collate(one.element, str(other.column.collation))
            for one, other in zip(here, there, strict=True)
        ]
        found = sa.select(*(cell.element for cell in there)).correlate(None)
        one_of = values[0].in_(found) if len(values) == 1 else sa.tuple_(*values).in_(found)
        known = sa.and_(*(cell.element.is_not(None) for cell in here))
        return sa.case((known, one_of), else_=sa.false()) if repeated else sa.and_(known, one_of)

    def _constant(self, cell: Cell, blank: Blank) -> Expr:
        if isinstance(blank.value, bool):
            return sa.literal(int(blank.value), sa.Integer())
        operand = self.operand(cell)
        return operand.value(constant(cell, blank, operand.fit))

    def _is_blank(self, cell: Cell, blank: Blank) -> Test:
        expr = self.operand(cell).expr
        if blank.kind == "unique":
            before, random, after = unique_text(cell, blank)
            inside = sa.func.substr(expr, len(before) + 1, random)
            return sa.and_(
                sa.func.length(expr) == len(before) + random + len(after),
                sa.func.substr(expr, 1, len(before)) == before,
                sa.func.substr(expr, len(before) + random + 1) == after,
                sa.not_(glob(inside, "*[^0-9a-f]*")),
            )
        if not cell.path:
            return expr == self._constant(cell, blank)
        word = str(blank.value).lower() if isinstance(blank.value, bool) else str(blank.value)
        return expr == sa.literal(word, sa.Text())


class AnyValue(sa.types.TypeDecorator[object]):
    """A value bound as what it is; bytes are written out for people as SQLite reads them."""

    impl = sa.types.NullType
    cache_ok = True

    def process_literal_param(self, value: object, dialect: sa.Dialect) -> str:
        match value:
            case bytes():
                return f"X'{value.hex()}'"
            case int() | float():
                return repr(value)
            case _:
                return "'" + str(value).replace("'", "''") + "'"

    def literal_processor(self, dialect: sa.Dialect) -> Callable[..., str]:
        def written(value: object) -> str:
            return self.process_literal_param(value, dialect)

        return written


_UNREADABLE = frozenset('"\\')
_PLAIN = re.compile(r"[A-Za-z0-9_ .,:;@#$*()\[\]{}|~!?^`-]+")


def json_path(cell: Cell) -> Expr:
    """The path in SQLite's own writing, null where a key of the unusual sort is missing.

    Before 3.45 SQLite compares a key as it stands in the document, where writers may escape whatever they like; keys
    that no writer escapes are named as they are, others are looked for among the keys that are there.
    """
    if not all(part.isprintable() and not _UNREADABLE & set(part) for part in cell.path):
        message = f"SQLite cannot look for a JSON key with such characters in {cell.column.name}"
        raise InputError(message, hint="name the whole column instead", code="STORE-PATH")
    where: Expr = sa.literal("$", sa.Text())
    known = "$"
    for part in cell.path:
        if isinstance(where, sa.BindParameter) and _PLAIN.fullmatch(part):
            known = f'{known}."{part}"'
            where = sa.literal(known, sa.Text())
            continue
        keys = sa.func.json_each(cell.element, where).table_valued("key", "fullkey", "atom").alias()
        found = sa.select(keys.c.fullkey).where(keys.c.key == sa.literal(part, sa.Text()))
        inside = sa.func.json_type(cell.element, where) == "object"
        where = sa.case((inside, found.correlate_except(keys).scalar_subquery()))
    return where


def _path_levels(path: tuple[str, ...]) -> int:
    """What reading at a path takes of the parser's levels at most; more for keys that are looked for."""
    if not path:
        return 0
    return 40 if all(map(_PLAIN.fullmatch, path)) else 28 + 16 * len(path)


def _raw(cell: Cell) -> Expr:
    """The value as SQLite has it: a number stays a number. Null where the document cannot be read."""
    if not cell.path:
        return cell.element
    readable = sa.func.json_valid(cell.element) == 1
    return sa.case((readable, sa.func.json_extract(cell.element, json_path(cell))))


def _number_at(cell: Cell) -> Expr:
    """The value where it may be a number: SQLite gives the true and false of a document as 1 and 0."""
    if not cell.path:
        return cell.element
    path = json_path(cell)
    truth = sa.func.json_type(cell.element, path).in_(["true", "false"])
    value = sa.case((truth, sa.null()), else_=sa.func.json_extract(cell.element, path))
    return sa.case((sa.func.json_valid(cell.element) == 1, value))


def _json_text(cell: Cell) -> Expr:
    """The value as text, booleans as JSON writes them."""
    path = json_path(cell)
    kind = sa.func.json_type(cell.element, path)
    value = sa.cast(sa.func.json_extract(cell.element, path), sa.Text())
    text = sa.case((kind == "true", "true"), (kind == "false", "false"), else_=value)
    return sa.case((sa.func.json_valid(cell.element) == 1, text))


def _integer(value: str | int) -> object | None:
    """A whole number is written as one: ``7.0`` and ``1e1`` are keys of nothing, as on every other store."""
    found = values.as_decimal(value)
    if found is not None and values.as_integer(value) is None and found == found.to_integral_value():
        return None
    return _number(value)


def _number(value: str | int) -> object | None:
    """A number as SQLite compares it; a text that is none stays text, since such a column may hold it all the same."""
    whole = values.as_integer(value)
    if whole is not None:
        return whole
    number = values.as_float(value)
    if number is not None:
        return number
    return values.as_text(value)


def _bytes(value: str | int) -> object | None:
    found = values.as_bytes(value)
    return _as_stored(value) if found is None else found


def _as_stored(value: str | int) -> object | None:
    if isinstance(value, int):
        return values.as_integer(value)
    return values.as_text(value)


def _fresh(cell: Cell, blank: Blank) -> Expr:
    before, random, after = unique_text(cell, blank)
    part = sa.func.substr(sa.func.lower(sa.func.hex(sa.func.randomblob(16))), 1, random)
    return sa.literal(before, sa.Text()).concat(part).concat(sa.literal(after, sa.Text()))
