"""What must become of each row, decided row by row in plain Python from the rules of the domain (1.3, 7.1–7.3).

Slow, small, and written without a look at how planning does it: the measure planning is held against.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, TypeAlias

from tests.model.days import day_of, last_day
from tests.model.links import Links, is_blank, meets
from tests.model.spec import Row

from troth.core.periods import Period
from troth.policy.model import Basis, Purpose, Rule
from troth.systems.model import (
    BelongsTo,
    Collection,
    InRow,
    Latest,
    MappedField,
    SharedThrough,
    StateOnly,
    Through,
    Use,
)

Start: TypeAlias = date | Literal["some day"] | None
"""When a clock started; "some day": it has, nobody knows when; ``None``: not known to have."""


class CannotTellError(Exception):
    """The files leave something open; nothing that needs it may be deleted."""


class Naive(Links):
    """One moment of a small world: whose rows they are, and what has ended for each."""

    # when clocks started

    def starts(self, collection: Collection, row: Row, event: str, seen: tuple[str, ...] = ()) -> list[Start]:
        """Every start that has to be past for ``event`` to be past; empty when there is none."""
        if collection.id in seen:
            raise CannotTellError
        seen = (*seen, collection.id)
        match collection.events.get(event):
            case InRow(field=name, unit=unit, where=where):
                zones = self.case.data_map.systems[collection.system].zone, self.case.policy.controller.zone
                return [day_of(row[name], unit, *zones) if meets(row, where) else None]
            case StateOnly(where=where):
                return ["some day" if meets(row, where) else None]
            case Latest(collection=name, there=there, here=here, field=at, unit=unit):
                other = self.collection(name)
                if other is None or other.system != collection.system:
                    raise CannotTellError
                zones = self.case.data_map.systems[other.system].zone, self.case.policy.controller.zone
                found = [each for each in self.rows(other) if row[here] is not None and each[there] == row[here]]
                return [day_of(each[at], unit, *zones) for each in found]
            case Through(collection=name, here=here, there=there, event=other_event):
                target = self.collection(name)
                if target is None:
                    raise CannotTellError
                self.findable(target, other_event, seen)
                linked = [each for each in self.rows(target) if row[here] is not None and each[there] == row[here]]
                return [start for each in linked for start in self.starts(target, each, other_event, seen)]
            case None:
                return self._inherited(collection, row, event, seen)

    def _inherited(self, collection: Collection, row: Row, event: str, seen: tuple[str, ...]) -> list[Start]:
        """Of the row it belongs to; a shared row, of the last of its owners."""
        belongs = [link for link in collection.links if isinstance(link, BelongsTo) and self._gives(link, event, seen)]
        if belongs:
            led = next((link for link in belongs if meets(row, link.when)), None)
            target = self.collection(led.target) if led else None
            if led is None or target is None:
                return []
            return [start for each in self.led(led, row) for start in self.starts(target, each, event, seen)]
        for link in collection.links:
            through = self.collection(link.through) if isinstance(link, SharedThrough) else None
            if isinstance(link, SharedThrough) and through is not None:
                if through.system != collection.system:
                    raise CannotTellError
                self.findable(through, event, seen)
                owners = [] if self.used_elsewhere(collection, row) else self.owners(collection, link, row)
                found = [self.starts(through, each, event, seen) or [None] for each in owners]
                return [start for starts in found for start in starts]
        raise CannotTellError

    def _gives(self, link: BelongsTo, event: str, seen: tuple[str, ...]) -> bool:
        target = self.collection(link.target)
        if target is None or (link.there is None and len(target.key) != 1):
            return False
        try:
            self.findable(target, event, seen)
        except CannotTellError:
            return False
        return True

    def findable(self, collection: Collection, event: str, seen: tuple[str, ...] = ()) -> None:
        """Raises when the files don't say where ``event`` is found for such rows, whichever row it is."""
        self.starts(collection, self._blank_row(collection), event, seen)

    def _blank_row(self, collection: Collection) -> Row:
        return {column.name: None for column in self.case.table(collection.table).columns}

    # which purposes have ended

    def purpose(self, use: Use) -> Purpose:
        return self.case.policy.processings[use.processing].purposes[use.purpose or ""]

    def uses(self, serves: tuple[Use, ...]) -> list[Use]:
        found: list[Use] = []
        for use in serves:
            processing = self.case.policy.processings[use.processing]
            found += [Use(use.processing, name) for name in processing.purposes if use.purpose in (None, name)]
        return list(dict.fromkeys(found))

    def field_uses(self, collection: Collection, mapped: MappedField) -> list[Use]:
        uses = self.uses(mapped.rule.serves if mapped.rule.serves is not None else collection.serves)
        return [use for use in uses if mapped.rule.item in self.purpose(use).items] or uses

    def inside_uses(self, collection: Collection) -> list[Use]:
        """Purposes of single fields beside those of the row."""
        return [use for mapped in collection.fields for use in self.field_uses(collection, mapped)]

    def row_ends(self, collection: Collection, row: Row) -> bool:
        """A row is stored for as long as the last purpose of the row, or of anything that it holds."""
        if not self.all_released(collection, row, self.uses(collection.serves)):
            return False
        held = [mapped for mapped in collection.fields if not is_blank(row[mapped.name])]
        own = {use for mapped in held for use in self.field_uses(collection, mapped)} - {*self.uses(collection.serves)}
        first = {
            use: next(each for each in collection.fields if use in self.field_uses(collection, each)) for use in own
        }
        return all(self.all_released(collection, row, [use], first[use]) for use in own)

    def governing(self, use: Use) -> list[Rule]:
        rules = self.purpose(use).rules
        return [rule for rule in rules if rule.phase == "archive"] or list(rules)

    def over(self, collection: Collection, row: Row, use: Use) -> bool:
        """The purpose has ended by its own rules: the shortest maximum has passed, and the longest minimum."""
        rules = self.governing(use)
        if not rules or any(rule.event is None or rule.period is None for rule in rules):
            raise CannotTellError
        caps = [rule for rule in rules if rule.bound in ("max", "both")]
        floors = [rule for rule in rules if rule.bound in ("min", "both")]
        if any(self._longer(floor, cap) for cap in caps for floor in floors if cap.bound == "max"):
            raise CannotTellError
        for rule in rules:
            self.findable(collection, rule.event or "")
        passed = [self._passed(collection, row, cap) for cap in caps]
        return (any(passed) or not caps) and all(self._passed(collection, row, floor) for floor in floors)

    def _longer(self, floor: Rule, cap: Rule) -> bool:
        some_day, year_end = date(2021, 6, 15), self.case.policy.controller.year_end
        return floor.event == cap.event and last_day(floor, some_day, year_end) > last_day(cap, some_day, year_end)

    def _passed(self, collection: Collection, row: Row, rule: Rule) -> bool:
        starts = self.starts(collection, row, rule.event or "")
        return bool(starts) and all(self._past(rule, start) for start in starts)

    def _past(self, rule: Rule, start: Start) -> bool:
        match start:
            case None:
                return False
            case date():
                return last_day(rule, start, self.case.policy.controller.year_end) < self.case.today
            case _:
                # It has happened, nobody knows when: "due now" for a maximum; a minimum cannot be shown to have passed.
                return rule.bound == "max" or rule.period == Period()

    def released(self, collection: Collection, row: Row, use: Use, mapped: MappedField | None) -> bool:
        """The purpose lets the row (or one field of it) go: by its rules, or because its person asked (1.3)."""
        if self.case.people is None:
            return self.over(collection, row, use)
        processing, purpose = self.case.policy.processings[use.processing], self.purpose(use)
        item = processing.items.get(mapped.rule.item) if mapped else None
        optional = item is not None and item.required is False
        if processing.role == "processor" or purpose.basis is None:
            return False
        match purpose.basis:
            case Basis.CONSENT:
                return True
            case Basis.CONTRACT if purpose.precontract or optional:
                return True
            case Basis.LEGITIMATE_INTERESTS if not str(purpose.compelling):
                return True
            case _:
                try:
                    return self.over(collection, row, use)
                except CannotTellError:
                    return False

    def all_released(
        self, collection: Collection, row: Row, uses: list[Use], mapped: MappedField | None = None
    ) -> bool:
        """Every one of ``uses`` lets go; false when it cannot be told of one."""
        if not uses or not self.in_scope(collection, row) or self.on_hold(collection, row):
            return False
        try:
            answers = [self.released(collection, row, use, mapped) for use in uses]
        except CannotTellError:
            return False
        return all(answers)
