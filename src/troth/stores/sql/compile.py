"""Conditions as SQL. Null is false: positions that are not negated leave it to SQL, which treats null so by itself;
negation is pushed inwards and each atom that may be null is negated with IS NOT TRUE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol, assert_never
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.sql.elements import False_

from troth.core.errors import InputError
from troth.stores.conditions import (
    All,
    AnyOf,
    Before,
    Blank,
    Breaks,
    Condition,
    Everything,
    Field,
    Held,
    InKeys,
    Key,
    Malformed,
    Matches,
    Not,
    Related,
)
from troth.stores.contract import ChangeRefused
from troth.stores.sql.catalog import Catalog, Table
from troth.stores.sql.expressions import Cell, Expressions, Operand, Test
from troth.stores.sql.moments import Cutoff
from troth.stores.sql.parts import Part, Parts
from troth.stores.sql.values import as_boolean, as_text, folded


class KeySource(Protocol):
    """How key sets reach the statement: bound, in a temporary table, or written out for people."""

    def member(self, name: str, operands: Sequence[Operand], rows: Sequence[tuple[object, ...]]) -> Test:
        """The operands equal one of ``rows``, which are fitted to them and not empty."""
        ...


@dataclass(slots=True)
class Compiler:
    """Compiles for one statement. ``keys`` are the key sets of the selection, ``source`` how they travel."""

    catalog: Catalog
    expressions: Expressions
    zone: ZoneInfo
    keys: Mapping[str, tuple[Key, ...]]
    source: KeySource
    _aliases: count[int] = field(default_factory=lambda: count(1))
    _parts: Parts = field(init=False)
    _written: dict[Part, sa.CTE | None] = field(default_factory=dict)
    _repeated: set[sa.FromClause] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._parts = Parts(self.expressions.room, self.expressions.levels)

    @property
    def gathers(self) -> bool:
        """The statement gathers rows of other tables before it looks at its own."""
        return any(part is not None for part in self._written.values())

    def cell(self, table: Table, rows: sa.FromClause, name: Field) -> Cell:
        return Cell(rows.c[table.column(name.column).name], table.columns[name.column], name.path)

    def test(self, table: Table, rows: sa.FromClause, condition: Condition) -> Test:
        """``condition`` of a row of the statement's own table."""
        self._parts.choose(condition)
        return self._test(table, rows, condition)

    def _test(self, table: Table, rows: sa.FromClause, condition: Condition) -> Test:
        match condition:
            case Everything():
                return sa.true()
            case All(conditions=parts):
                return sa.and_(sa.true(), *(self._test(table, rows, part) for part in parts))
            case AnyOf(conditions=parts):
                return sa.or_(sa.false(), *(self._test(table, rows, part) for part in parts))
            case Not(condition=inner):
                return self._negated(table, rows, inner)
            case Before():
                cutoff = Cutoff.of(condition, self.zone)
                return self.expressions.before(self.cell(table, rows, condition.field), cutoff, condition.unit)
            case Matches():
                return self._matches(self.cell(table, rows, condition.field), condition.values)
            case Held():
                return self.expressions.held(self.cell(table, rows, condition.field), condition.blank)
            case InKeys():
                return self._in_keys([self.cell(table, rows, name) for name in condition.fields], condition)
            case Related():
                return self._related(table, rows, condition)
            case Malformed():
                return self.expressions.malformed(self.cell(table, rows, condition.field), condition.form)
            case Breaks():
                return self._breaks(table, rows, condition)
            case _:
                assert_never(condition)

    def _negated(self, table: Table, rows: sa.FromClause, condition: Condition) -> Test:
        match condition:
            case Everything():
                return sa.false()
            case All(conditions=parts):
                return sa.or_(sa.false(), *(self._negated(table, rows, part) for part in parts))
            case AnyOf(conditions=parts):
                return sa.and_(sa.true(), *(self._negated(table, rows, part) for part in parts))
            case Not(condition=inner):
                return self._test(table, rows, inner)
            case Related() | Breaks() | Held():
                # These are never null, and a plain NOT EXISTS is what planners turn into an anti-join.
                return sa.not_(self._test(table, rows, condition))
            case _:
                return self._test(table, rows, condition).is_not(sa.true())

    def _matches(self, cell: Cell, values: tuple[str | int | bool | None, ...]) -> Test:
        operand = self.expressions.operand(cell)
        tests: list[Test] = []
        plain: list[object] = []
        for value in dict.fromkeys((type(value), value) for value in values):
            match value[1]:
                case None:
                    tests.append(operand.expr.is_(None))
                case bool() as truth:
                    tests.append(self.expressions.truth(cell, truth))
                case given if cell.column.kind == "boolean" and not cell.path:
                    said = as_boolean(given)
                    tests.extend([] if said is None else [self.expressions.truth(cell, said)])
                case given:
                    fitted = operand.fit(given)
                    plain.extend([] if fitted is None else [fitted])
        if plain:
            tests.append(operand.one_of(plain))
        return sa.or_(sa.false(), *tests)

    def _in_keys(self, cells: Sequence[Cell], condition: InKeys) -> Test:
        try:
            keys = self.keys[condition.keys]
        except KeyError:
            raise InputError(f"the selection gives no key set {condition.keys}", code="STORE-KEYS") from None
        operands = [self.expressions.operand(cell) for cell in cells]
        if condition.fold and len(cells) == 1 and (cells[0].column.kind == "text" or cells[0].path):
            lower = sa.func.lower(operands[0].expr)
            operands = [Operand(lower, as_text, sa.Text())]
            keys = tuple((variant,) for key in keys for variant in folded(str(key[0])))
        rows: list[tuple[object, ...]] = []
        for key in keys:
            if len(key) != len(operands):
                raise InputError(
                    f"a key of {condition.keys} has {len(key)} parts, not {len(operands)}", code="STORE-KEYS"
                )
            fitted = tuple(operand.fit(part) for operand, part in zip(operands, key, strict=True))
            if None not in fitted:
                rows.append(fitted)
        return self.source.member(condition.keys, operands, rows) if rows else sa.false()

    def _related(self, table: Table, rows: sa.FromClause, condition: Related) -> Test:
        other = table_of(self.catalog, condition.collection)
        here = [self.cell(table, rows, Field(name)) for name, _ in condition.on]
        part = self._parts.part(condition)
        if part is not None and all(self.expressions.gathers(other.column(far)) for far in part.columns):
            return self._among(here, rows, other, part, condition.where)
        there = self._alias(other)
        self._repeated.add(there)
        on = (
            self.expressions.same(cell, self.cell(other, there, Field(far)))
            for cell, (_, far) in zip(here, condition.on, strict=True)
        )
        test = self._test(other, there, condition.where)
        if self._parts.chosen and isinstance(test, False_):
            return sa.false()
        query: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(there)
        return sa.exists(query.where(*on, test).correlate_except(there))

    def _among(self, here: Sequence[Cell], rows: sa.FromClause, other: Table, part: Part, where: Condition) -> Test:
        """A row of ``part`` has the values ``here``."""
        if part not in self._written:
            self._written[part] = self._gathered(other, part, where)
        found = self._written[part]
        if found is None:
            return sa.false()
        there = [Cell(column, other.column(far)) for column, far in zip(found.c, part.columns, strict=True)]
        return self.expressions.among(here, there, found, repeated=rows in self._repeated)

    def _gathered(self, table: Table, part: Part, where: Condition) -> sa.CTE | None:
        """What rows of ``table`` that meet ``where`` have in the columns of the link, each once; nothing is equal to
        null. None when no row can meet it."""
        rows = self._alias(table)
        test = self._test(table, rows, where)
        if isinstance(test, False_):
            return None
        columns = [rows.c[table.column(name).name] for name in part.columns]
        query = sa.select(*(column.label(f"k{at}") for at, column in enumerate(columns))).select_from(rows)
        query = query.where(*(column.is_not(None) for column in columns), test).distinct().correlate(None)
        return query.cte(self._name())

    def _alias(self, table: Table) -> sa.FromClause:
        return table.clause().alias(f"r{next(self._aliases)}")

    def _name(self) -> str:
        """A name that no table bears: inside the statement it would stand in that one's place."""
        taken = {table.relation.lower() for table in self.catalog.tables.values()}
        taken |= {cte.name for cte in self._written.values() if cte is not None}
        return next(name for at in count(1) if (name := f"part_{at}") not in taken)

    def _breaks(self, table: Table, rows: sa.FromClause, condition: Breaks) -> Test:
        rule = next((rule for rule in table.info.rules if rule.name == condition.rule), None)
        if rule is None:
            hint = "describe the store again and make a new plan"
            raise ChangeRefused(f"{table.name} has no rule {condition.rule}", hint=hint, code="STORE-RULE")
        written = {
            name: self.expressions.blanked(self.cell(table, rows, Field(name)), blanks)
            for name, blanks in by_column(condition.blanks).items()
        }
        return self.expressions.broken(table, rows, rule, written)


def table_of(catalog: Catalog, name: str) -> Table:
    try:
        return catalog.tables[name]
    except KeyError:
        hint = "it may have been dropped or renamed; look at the store and make a new plan"
        raise ChangeRefused(
            f"there is no collection {name} in this store", hint=hint, code="STORE-COLLECTION"
        ) from None


def by_column(blanks: Sequence[tuple[Field, Blank]]) -> dict[str, list[tuple[tuple[str, ...], Blank]]]:
    """Blanks by column, a whole column's last, so that nothing written into it survives."""
    found: dict[str, list[tuple[tuple[str, ...], Blank]]] = {}
    for name, blank in sorted(blanks, key=lambda pair: not pair[0].path):
        found.setdefault(name.column, []).append((name.path, blank))
    return found
