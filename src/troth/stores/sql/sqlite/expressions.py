"""Conditions in SQLite, whose columns hold whatever was written into them: what a value is, is asked of the value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal, assert_never

import sqlalchemy as sa

from troth.core.errors import InputError
from troth.stores.conditions import Blank, Unit
from troth.stores.sql import forms, values
from troth.stores.sql.blanks import constant, unique_text
from troth.stores.sql.expressions import Cell, Expr, Extreme, Operand, Test, let
from troth.stores.sql.moments import Cutoff, last_number

LAST_DAY = date(9999, 12, 29)

Fit = Callable[[str | int], object | None]


class SqliteExpressions:
    def operand(self, cell: Cell) -> Operand:
        if cell.path:
            return Operand(_json_text(cell), values.as_text, sa.Text())
        fits: dict[str, Fit] = {
            "integer": _number,
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
            number = _counted(value)
            return sa.and_(number < cutoff.number(unit), number > 0)
        tests: list[Test] = []
        if cutoff.day < LAST_DAY:
            # Plain text comparison, two days on the safe side of every zone: what an index on the column is used for.
            tests.append(value < (cutoff.day + timedelta(days=2)).isoformat())
        local, utc = cutoff.local.isoformat(" "), cutoff.utc.replace(tzinfo=None).isoformat(" ")

        def exactly(moment: Expr) -> Expr:
            day = _day(moment) < cutoff.day.isoformat()
            slow = _moment_case(moment, day, _naive(moment) < local, lambda shifted: shifted < utc)
            return sa.case((_usual(moment), moment < local), else_=slow)

        exact = let(lambda it: exactly(it["moment"]), moment=value) if cell.path else exactly(value)
        return sa.and_(*tests, exact)

    def regular(self, cell: Cell, unit: Unit) -> tuple[Expr, Test] | None:
        if cell.path or unit != "native":
            return None
        return cell.element, _usual(cell.element)

    def extremes(self, cell: Cell, unit: Unit) -> Sequence[Extreme]:
        if not cell.path and cell.column.kind == "boolean":
            return []
        value = _raw(cell)
        if unit != "native":
            number = _counted(value)
            counted: Literal["seconds", "milliseconds"] = "milliseconds" if unit == "epoch_ms" else "seconds"
            return [Extreme(sa.case((sa.and_(number > 0, number <= last_number(unit)), number)), counted)]
        none = sa.null()
        fraction = sa.func.substr(value, 20)
        return [
            Extreme(_moment_case(value, _day(value), none, lambda _: none), "text"),
            Extreme(_moment_case(value, none, _naive(value).concat(fraction), lambda _: none), "text"),
            Extreme(_moment_case(value, none, none, lambda shifted: shifted.concat("Z")), "text"),
        ]

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
        fits = _first_half if form == "first-half" else _hashed
        return let(lambda it: sa.and_(it["text"] != "", fits(it["text"]).is_not(sa.true())), text=text)

    def same(self, here: Cell, there: Cell) -> Test:
        return there.element == here.element

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
                sa.not_(_glob(inside, "*[^0-9a-f]*")),
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


def _raw(cell: Cell) -> Expr:
    """The value as SQLite has it: a number stays a number. Null where the document cannot be read."""
    if not cell.path:
        return cell.element
    readable = sa.func.json_valid(cell.element) == 1
    return sa.case((readable, sa.func.json_extract(cell.element, json_path(cell))))


def _json_text(cell: Cell) -> Expr:
    """The value as text, booleans as JSON writes them."""
    path = json_path(cell)
    kind = sa.func.json_type(cell.element, path)
    value = sa.cast(sa.func.json_extract(cell.element, path), sa.Text())
    text = sa.case((kind == "true", "true"), (kind == "false", "false"), else_=value)
    return sa.case((sa.func.json_valid(cell.element) == 1, text))


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


def _glob(text: Expr, pattern: str) -> Test:
    return text.bool_op("GLOB", precedence=5)(sa.literal(pattern, sa.Text()))


# moments


def _counted(value: Expr) -> Expr:
    """A number, or the number that a text of digits says."""
    wrong = ("*[^0-9.]*", "*.*.*", ".*", "*.")
    digits = sa.and_(
        sa.func.typeof(value) == "text",
        value != "",
        *(sa.not_(_glob(value, pattern)) for pattern in wrong),
        sa.func.instr(value.concat("."), ".") <= 16,
        sa.func.length(value) <= 25,
    )
    return sa.case(
        (sa.func.typeof(value).in_(["integer", "real"]), value),
        (digits, sa.cast(value, sa.Numeric())),
    )


def _moment_case(value: Expr, day: Expr, naive: Expr, offset: Callable[[Expr], Expr]) -> Expr:
    """One of three by the form of the text, null for anything else. ``offset`` is given the whole seconds in UTC."""
    shifted = let(
        lambda it: sa.case((_is_time(it["base"]), offset(sa.func.datetime(_naive(it["base"]).concat(it["shift"]))))),
        base=_without_offset(value),
        shift=_offset(value),
    )
    return sa.case(
        (sa.or_(sa.func.typeof(value) != "text", _no_day(value)), sa.null()),
        (sa.func.length(value) == 10, day),
        (_is_time(value), naive),
        else_=shifted,
    )


def _usual(value: Expr) -> Test:
    """A naive time as most applications write it, in whole seconds: SQLite counts it and writes it the same again. Such
    texts sort as the moments do."""
    return sa.and_(value >= "0001-01-01", sa.func.datetime(value, "+0 days") == value)


def _real_day(value: Expr) -> Expr:
    """The day as SQLite counts it: 30 February becomes 1 March. A day that comes back as another one is none."""
    return sa.func.date(sa.func.substr(value, 1, 10), "+0 days")


def _no_day(value: Expr) -> Test:
    digits = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*"
    first, real = sa.func.substr(value, 1, 10), _real_day(value)
    return sa.or_(sa.not_(_glob(value, digits)), value < "0001-01-01", real.is_(None), real != first)


def _is_time(value: Expr) -> Test:
    seconds = sa.and_(
        _glob(sa.func.substr(value, 17, 3), ":[0-5][0-9]"), sa.or_(sa.func.length(value) == 19, _has_fraction(value))
    )
    return sa.and_(
        sa.func.substr(value, 11, 1).in_([" ", "T"]),
        _glob(sa.func.substr(value, 12, 5), "[0-2][0-9]:[0-5][0-9]"),
        sa.func.substr(value, 12, 2) < "24",
        sa.or_(sa.func.length(value) == 16, seconds),
    )


def _has_fraction(value: Expr) -> Test:
    return sa.and_(
        sa.func.substr(value, 20, 1) == ".",
        sa.func.length(value).between(21, 29),
        sa.not_(_glob(sa.func.substr(value, 21), "*[^0-9]*")),
    )


def _without_offset(value: Expr) -> Expr:
    """The text before its offset and the one space that may stand there; null when there is no offset."""
    length = sa.func.length(value)
    cut = sa.case(
        (_glob(value, "*Z"), length - 1),
        (_glob(value, "*[+-][01][0-9]:[0-5][0-9]"), length - 6),
        (_glob(value, "*[+-][01][0-9][0-5][0-9]"), length - 5),
        (_glob(value, "*[+-][01][0-9]"), length - 3),
    )
    return let(
        lambda it: sa.func.substr(value, 1, it["cut"] - (sa.func.substr(value, it["cut"], 1) == " ")),
        cut=cut,
    )


def _offset(value: Expr) -> Expr:
    """The offset as SQLite reads one."""
    return sa.case(
        (_glob(value, "*[+-][01][0-9]:[0-5][0-9]"), sa.func.substr(value, -6)),
        (
            _glob(value, "*[+-][01][0-9][0-5][0-9]"),
            sa.func.substr(value, -5, 3).concat(":").concat(sa.func.substr(value, -2)),
        ),
        (_glob(value, "*[+-][01][0-9]"), sa.func.substr(value, -3).concat(":00")),
        else_="",
    )


def _day(value: Expr) -> Expr:
    return sa.func.substr(value, 1, 10)


def _naive(value: Expr) -> Expr:
    """Whole seconds, in one way of writing them."""
    return sa.func.substr(sa.func.replace(value, "T", " ").concat(":00"), 1, 19)


# forms


def _hashed(text: Expr) -> Test:
    length = sa.func.length(text)
    return sa.or_(*(sa.and_(_glob(text, found.pattern), length >= found.length) for found in forms.SCHEMES))


def _first_half(text: Expr) -> Test:
    text = sa.func.lower(text)
    plain = sa.case((_glob(text, "::ffff:*.*"), sa.func.substr(text, 8)), else_=text)
    return sa.or_(let(lambda it: _first_half_v4(it["ip"]), ip=_unprefixed(plain, "*.0.0", 16)),
                  let(lambda it: _first_half_v6(it["ip"]), ip=_unprefixed(text, "*::", 48)))  # fmt: skip


def _unprefixed(text: Expr, pattern: str, longest: int) -> Expr:
    """The address without a prefix length of at most ``longest``, where it has the form that may bear one."""
    slash = sa.func.instr(text, "/")
    prefixes = [f"/{bits}" for bits in range(longest + 1)]
    short = sa.and_(_glob(text, f"{pattern}/*"), sa.func.substr(text, slash).in_(prefixes))
    return sa.case((short, sa.func.substr(text, 1, slash - 1)), else_=text)


def _first_half_v4(text: Expr) -> Test:
    length = sa.func.length(text)
    head = sa.case(
        (
            sa.or_(_glob(text, "*.*.0.0"), _glob(text, "*.*.x.x"), _glob(text, "*.*.[*].[*]")),
            sa.func.substr(text, 1, length - 4),
        ),
        (_glob(text, "*.*.xxx.xxx"), sa.func.substr(text, 1, length - 8)),
        else_=text,
    )

    def halves(it: Mapping[str, Expr]) -> Test:
        dot = sa.func.instr(it["head"], ".")
        first, second = sa.func.substr(it["head"], 1, dot - 1), sa.func.substr(it["head"], dot + 1)
        return sa.and_(dot > 1, _is_byte(first), _is_byte(second))

    return let(halves, head=head)


def _is_byte(text: Expr) -> Test:
    return sa.and_(
        sa.func.length(text).between(1, 3),
        sa.not_(_glob(text, "*[^0-9]*")),
        sa.or_(sa.func.length(text) == 1, sa.func.substr(text, 1, 1) != "0"),
        sa.cast(text, sa.Integer()) <= 255,
    )


def _first_half_v6(text: Expr) -> Test:
    length = sa.func.length(text)
    head = sa.case(
        (_glob(text, "*::"), sa.func.substr(text, 1, length - 2)),
        (_glob(text, "*:*:*:0:0:0:0:0"), sa.func.substr(text, 1, length - 10)),
        (_glob(text, "*:*:*:0000:0000:0000:0000:0000"), sa.func.substr(text, 1, length - 25)),
    )
    return let(
        lambda it: sa.and_(
            sa.or_(text == "::", _groups(it["head"])), sa.or_(_glob(text, "*::"), _glob(it["head"], "*:*:*"))
        ),
        head=head,
    )


def _groups(head: Expr) -> Test:
    """One to three groups of one to four hexadecimal digits."""
    wrong = ("*[^0-9a-f:]*", "*:*:*:*", "*::*", ":*", "*:", f"*{'[0-9a-f]' * 5}*")
    return sa.and_(head != "", *(sa.not_(_glob(head, pattern)) for pattern in wrong))
