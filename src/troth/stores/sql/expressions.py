"""What differs between SQL dialects inside a condition, as one small protocol, and the values it is spoken in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

import sqlalchemy as sa

from troth.stores.conditions import Blank, Condition, Unit
from troth.stores.contract import Rule
from troth.stores.sql.catalog import Column, Table
from troth.stores.sql.moments import Cutoff

Expr: TypeAlias = sa.ColumnElement[Any]
"""A SQL expression of any type."""

Test: TypeAlias = sa.ColumnElement[bool]
"""A SQL expression that is true, false or null; null counts as false wherever it stands."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of a row: the column of some table or alias, what is known of it, and the path into its JSON."""

    element: Expr
    column: Column
    path: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return ".".join((self.column.name, *self.path))


@dataclass(frozen=True, slots=True)
class Operand:
    """A cell as it is compared with given values. ``fit`` turns one into what is bound, ``None`` when no row can hold
    it; ``cast`` names the type the bound value is cast to, for types that SQLAlchemy does not know. ``near``: what an
    index serves, equal to a value wherever ``expr`` is, and maybe elsewhere."""

    expr: Expr
    fit: Callable[[str | int], object | None]
    type: sa.types.TypeEngine[Any]
    cast: str | None = None
    near: Expr | None = None

    def one_of(self, fitted: Sequence[object]) -> Test:
        """Equal to one of these values; there is at least one."""
        given = [self.value(value) for value in fitted]
        sides = [self.expr] if self.near is None else [self.near, self.expr]
        return sa.and_(*(side == given[0] if len(given) == 1 else side.in_(given) for side in sides))

    def value(self, fitted: object) -> Expr:
        literal = sa.literal(fitted, self.type)
        return literal if self.cast is None else sa.cast(literal, Named(self.cast))


@dataclass(frozen=True, slots=True)
class Extreme:
    """An expression that is a moment where it is not null, ready for ``min`` and ``max``; what is done with either;
    and how the answer reads."""

    expr: Expr
    reads: Literal["text", "local_us", "utc_us", "seconds", "milliseconds"]
    then: Callable[[Expr], Expr] = lambda expr: expr


def let(body: Callable[[Mapping[str, Expr]], Expr], **named: Expr) -> Expr:
    """``body`` over expressions that are written, and computed, once: a subquery that gives them names."""
    row = sa.select(*(expr.label(name) for name, expr in named.items())).correlate_except(None).subquery("it")
    found = body({name: row.c[name] for name in named})
    return sa.select(found).select_from(row).correlate_except(row).scalar_subquery()


@dataclass(frozen=True, slots=True)
class Extremes:
    """``each``: several expressions where a field may hold several kinds of moments. ``usual``: a value that sorts as
    its moments do in every row that meets the test, for the quick answer when all do."""

    each: Sequence[Extreme] = ()
    usual: tuple[Expr, Test] | None = None


def broken_as_a_row(table: Table, rows: sa.FromClause, rule: Rule, written: Mapping[str, Expr]) -> Test:
    """The rule's own text over the row as it would be. The inner rows bear the table's name: some rules use it."""
    values = (written.get(name, rows.c[name]).label(name) for name in table.columns)
    after = sa.select(*values).correlate(rows).subquery(table.relation)
    broken = sa.not_(sa.literal_column(f"({rule.text})", sa.Boolean()))
    return sa.exists(sa.select(sa.literal_column("1")).select_from(after).where(broken).correlate(rows))


class Named(sa.types.UserDefinedType[Any]):
    """A type by its name in the store."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: object) -> str:
        return self.name


class Expressions(Protocol):
    """How one dialect says what a condition needs. Every test may be null where it cannot tell."""

    @property
    def room(self) -> int | None:
        """How many levels a condition may take of those that the dialect's parser has; none where there is no limit."""
        ...

    def levels(self, condition: Condition) -> int:
        """How many of them a condition without others inside takes at most."""
        ...

    def operand(self, cell: Cell) -> Operand:
        """``cell`` for comparison; JSON paths are text, and null where the key is missing or JSON null."""
        ...

    def truth(self, cell: Cell, value: bool) -> Test:
        """``cell`` holds this boolean, in whatever way the column holds booleans."""
        ...

    def before(self, cell: Cell, cutoff: Cutoff, unit: Unit) -> Test:
        """``cell`` holds a moment before ``cutoff``."""
        ...

    def extremes(self, cell: Cell, unit: Unit) -> Extremes:
        """The moments that ``cell`` holds, for their oldest and latest."""
        ...

    def held(self, cell: Cell, blank: Blank) -> Test:
        """``cell`` holds something, and not what ``blank`` would have written; never null. A JSON document that cannot
        be read counts as holding."""
        ...

    def blanked(self, cell: Cell, blanks: Sequence[tuple[tuple[str, ...], Blank]]) -> Expr:
        """The column of ``cell`` with each blank written at its path; one without a path replaces the whole."""
        ...

    def malformed(self, cell: Cell, form: str) -> Test:
        """``cell`` holds something other than an empty text, and not of this form."""
        ...

    def broken(self, table: Table, rows: sa.FromClause, rule: Rule, written: Mapping[str, Expr]) -> Test:
        """The row would break ``rule``, with ``written`` in these of its columns; never null."""
        ...

    def same(self, here: Cell, there: Cell) -> Test:
        """Two columns hold equal values, also when their types differ."""
        ...

    def gathers(self, column: Column) -> bool:
        """Values of this column can be gathered, each once, and then be looked up as ``same`` compares them."""
        ...

    def among(self, here: Sequence[Cell], there: Sequence[Cell], part: sa.CTE, *, repeated: bool) -> Test:
        """The values ``here`` are those of a row of ``part``, whose columns ``there`` hold no null; never null.
        ``repeated``: rows here are looked for once for each row of another table."""
        ...
