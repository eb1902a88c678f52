"""What planning looks at: the policy, every collection, the stores' schemas, and the legal day. Nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from datetime import time as midnight
from functools import cached_property
from zoneinfo import ZoneInfo

from troth.policy.model import Item, Policy, Processing, Purpose
from troth.stores.conditions import Condition, Everything, Field, Matches, both
from troth.stores.contract import CollectionInfo, Reference, Schema
from troth.systems.model import Collection, DataMap, MappedField, Use, Where

FAR = date(9999, 1, 1)
"""A day before which every readable moment lies."""


def field_of(name: str) -> Field:
    """``prefs.sms.number`` → the path sms.number in the column prefs."""
    column, *path = name.split(".")
    return Field(column, tuple(path))


def where_of(where: Where) -> Condition:
    return both(*(Matches(field_of(name), values) for name, values in where))


@dataclass(frozen=True, slots=True)
class Broken:
    """A collection whose lines name columns that its table does not have: nothing about it is provable, and nothing of
    it is touched."""

    collection: str
    serves: tuple[Use, ...]
    columns: tuple[str, ...]
    marks: tuple[str, ...]

    @property
    def reason(self) -> str:
        return f"{', '.join(self.marks)} names {', '.join(self.columns)}, which the table does not have"


@dataclass(frozen=True)
class World:
    """``today`` is a day in the controller's zone. ``schemas`` has one entry per system that could be looked at;
    collections of the others are absent, and said to be."""

    policy: Policy
    data_map: DataMap
    collections: Mapping[str, Collection]
    schemas: Mapping[str, Schema]
    today: date
    frozen: frozenset[str] = frozenset()
    """Collections on hold whole: nothing of them is deleted."""
    broken: tuple[Broken, ...] = ()
    """Collections that cannot be asked; they are absent from ``collections``."""

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the legal day."""
        return ZoneInfo(self.policy.controller.zone)

    def midnight(self, day: date) -> datetime:
        """The instant at which ``day`` begins in the controller's zone, in UTC."""
        if day.year >= FAR.year:
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        return datetime.combine(day, midnight(), self.zone).astimezone(UTC)

    def info(self, collection: Collection) -> CollectionInfo:
        info = self.schemas[collection.system].collection(collection.table)
        if info is None:
            raise KeyError(f"{collection.id} is not in the schema")
        return info

    def purpose(self, use: Use) -> Purpose:
        """The purpose of a use that names one (``row_purposes`` and ``field_purposes`` give no other)."""
        return self.policy.processings[use.processing].purposes[use.purpose or ""]

    def processing(self, use: Use) -> Processing:
        return self.policy.processings[use.processing]

    def item(self, use: Use, mapped: MappedField) -> Item | None:
        return self.processing(use).items.get(mapped.rule.item)

    def purposes_of(self, uses: tuple[Use, ...]) -> tuple[Use, ...]:
        """Each processing without a purpose stands for all of its purposes; in order, without repeats."""
        found: dict[Use, None] = {}
        for use in uses:
            processing = self.policy.processings.get(use.processing)
            if processing is None:
                continue
            names = [use.purpose] if use.purpose else list(processing.purposes)
            found.update({Use(use.processing, name): None for name in names if name in processing.purposes})
        return tuple(found)

    def row_purposes(self, collection: Collection) -> tuple[Use, ...]:
        return self.purposes_of(collection.serves)

    def field_purposes(self, collection: Collection, mapped: MappedField) -> tuple[Use, ...]:
        """The purposes that need this field's item; the row's own when none says so (the register warns)."""
        uses = self.purposes_of(mapped.rule.serves if mapped.rule.serves is not None else collection.serves)
        needing = tuple(use for use in uses if mapped.rule.item in self.purpose(use).items)
        return needing or uses

    def may_come(self, event: str | None) -> bool:
        """True for an event that data is kept "until" somewhere in the policy (the end of a contract): a row without it
        has not come to it yet. Any other missing moment is a start that nobody knows."""
        return event in self._awaited

    @cached_property
    def _awaited(self) -> frozenset[str | None]:
        purposes = [
            purpose for processing in self.policy.processings.values() for purpose in processing.purposes.values()
        ]
        return frozenset(rule.event for purpose in purposes for rule in purpose.rules if rule.until)

    def on_table(self, system: str, table: str) -> tuple[Collection, ...]:
        """The collections of a table; a part of a table (a partition, an heir) has those of the whole."""
        info = self.schemas[system].collection(table)
        while info is not None and info.part_of is not None and (system, table) not in self._by_table:
            table = info.part_of
            info = self.schemas[system].collection(table)
        return tuple(self._by_table.get((system, table), ()))

    @cached_property
    def _by_table(self) -> Mapping[tuple[str, str], list[Collection]]:
        tables: dict[tuple[str, str], list[Collection]] = {}
        for collection in self.collections.values():
            tables.setdefault((collection.system, collection.table), []).append(collection)
        return tables

    def references_to(self, collection: Collection) -> Iterator[tuple[CollectionInfo, Reference]]:
        """Foreign keys that point at this collection's table, from declared and undeclared tables alike."""
        for info in self.schemas[collection.system].collections:
            for reference in info.references:
                if reference.target == collection.table:
                    yield info, reference

    def referred(self, collection: Collection) -> frozenset[str]:
        """Columns that foreign keys of any table point at."""
        return frozenset(name for _, reference in self.references_to(collection) for name in reference.target_fields)

    def rows(self, collection: Collection) -> Condition:
        """The rows of the table that are this collection."""
        return where_of(collection.where) if collection.where else Everything()
