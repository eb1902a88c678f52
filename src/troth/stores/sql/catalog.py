"""What a SQL store knows about its own tables beyond the contract: how a column is compared, cast and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import sqlalchemy as sa

from troth.stores.contract import ChangeRefused, CollectionInfo, FieldInfo, Schema

Kind: TypeAlias = Literal[
    "integer", "decimal", "float", "text", "boolean", "date", "datetime", "datetime_tz", "json", "uuid", "bytes",
    "network", "other",
]  # fmt: skip

COARSE: Mapping[Kind, Literal["text", "number", "boolean", "date", "datetime", "datetime_tz", "json", "uuid", "bytes",
                              "network", "other"]] = {
    "integer": "number", "decimal": "number", "float": "number", "text": "text", "boolean": "boolean", "date": "date",
    "datetime": "datetime", "datetime_tz": "datetime_tz", "json": "json", "uuid": "uuid", "bytes": "bytes",
    "network": "network", "other": "other",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``base`` is the type a value is cast to, without length (PostgreSQL: ``bpchar``, never ``char``, which
    would cut; SQLite: the affinity; MariaDB: the type as it is declared). ``collation`` is how SQLite and MariaDB
    compare its texts, ``None`` where nobody says."""

    info: FieldInfo
    kind: Kind
    base: str
    collation: str | None = None

    @property
    def name(self) -> str:
        return self.info.name


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view. ``row_id`` names what finds a row again inside one transaction (``ctid``, ``rowid``); ``parts``
    tells that other tables' rows are shown by it, so that ``row_id`` alone does not say which row."""

    info: CollectionInfo
    relation: str
    columns: Mapping[str, Column]
    schema: str | None = None
    row_id: str | None = None
    parts: bool = False
    concurrent: bool = False
    """A materialised view that can be refreshed without keeping readers out."""
    no_receipts: str = ""
    """Why a change and its receipt cannot be committed together; empty where they can."""
    kept: frozenset[str] = frozenset()
    """Columns that the store would set anew on any change of a row, unless told not to."""

    @property
    def name(self) -> str:
        return self.info.name

    def clause(self) -> sa.TableClause:
        """The table in a statement, with what finds a row again beside its columns."""
        hidden = {None: (), "ctid": ("ctid", "tableoid")}.get(self.row_id, (self.row_id,))
        names = (*self.columns, *(name for name in hidden if name))
        return sa.table(self.relation, *(sa.column(name) for name in names), schema=self.schema)

    def column(self, name: str) -> Column:
        try:
            return self.columns[name]
        except KeyError:
            hint = "describe the store again and make a new plan" if self.columns else ""
            raise ChangeRefused(f"{self.name} has no field {name}", hint=hint, code="STORE-FIELD") from None

    def runs_on(self, event: str) -> bool:
        """Something of the store's own runs when rows change: a trigger or a rule."""
        return any(event in trigger.events for trigger in self.info.triggers)


@dataclass(frozen=True, slots=True)
class Catalog:
    """The tables of one store, by collection name, as they were when it was described."""

    tables: Mapping[str, Table]
    elsewhere: tuple[str, ...] = ()
    receipts: bool = False
    """The receipt table is there."""
    limits: tuple[str, ...] = field(default=())

    @property
    def schema(self) -> Schema:
        return Schema(tuple(table.info for table in self.tables.values()), self.elsewhere)
