"""A plan before its numbers are known: steps in order, each with the question whose answer is its row count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from troth.planning import names
from troth.planning.asks import Ask
from troth.planning.blanks import blank_for, masking
from troth.planning.ends import Verdict, released
from troth.planning.events import ALWAYS, Timed, Unprovable
from troth.planning.guards import Guard, guard
from troth.planning.order import Order, order
from troth.planning.plan import Action, KeyQuestion
from troth.planning.reading import Erasure, Group, Question, Reading, Retention, purposes_end, read
from troth.planning.scope import key_questions, leads_to_people, link_target, owner_fields
from troth.planning.world import World, field_of, where_of
from troth.stores.conditions import (
    NOTHING,
    Blank,
    Breaks,
    Condition,
    Everything,
    Field,
    Held,
    InKeys,
    Related,
    both,
    either,
    looks_at,
    negate,
)
from troth.stores.contract import Reference
from troth.systems.model import BelongsTo, ByHand, Collection, Mention, System, Use


@dataclass(frozen=True, slots=True)
class DraftStep:
    """A step whose ``rows`` will be the answer to ``ask``. ``uses`` are the purposes that ended."""

    system: str
    collection: str
    table: str
    action: Action
    where: Condition
    ask: Ask
    sweep: Condition | None
    blanks: tuple[tuple[Field, Blank], ...]
    uses: tuple[Use, ...]
    notes: tuple[str, ...] = ()
    checks: tuple[tuple[str, Ask], ...] = ()
    """(rule of the store, question how many rows would break it): any row means that the step must not start."""
    how: str = ""
    keys: str = ""


@dataclass(frozen=True, slots=True)
class DraftRetained:
    """Rows that stay for ``use``; ``ask`` counts them and asks for the latest start."""

    collection: str
    ask: Ask
    use: Use
    code: str
    article: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftBlocked:
    """Rows that are due and cannot be changed; counted when ``ask`` is there."""

    collection: str
    code: str
    reason: str
    ask: Ask | None
    uses: tuple[Use, ...] = ()


@dataclass(slots=True)
class Draft:
    """What planning has so far. ``questions`` are asked first, in their order; they fill the key sets."""

    world: World
    kind: str
    questions: dict[str, KeyQuestion] = field(default_factory=dict)
    steps: list[DraftStep] = field(default_factory=list)
    retained: list[DraftRetained] = field(default_factory=list)
    blocked: list[DraftBlocked] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)

    @property
    def asks(self) -> tuple[Ask, ...]:
        found: dict[Ask, None] = {}
        for step in self.steps:
            found[step.ask] = None
            found.update({ask: None for _, ask in step.checks})
        found.update({item.ask: None for item in self.retained})
        found.update({item.ask: None for item in self.blocked if item.ask is not None})
        return tuple(found)

    def want(self, questions: Iterable[KeyQuestion]) -> None:
        for question in questions:
            self.questions.setdefault(question.name, question)


def draft(world: World, question: Question) -> Draft:
    """Steps for every collection the question reaches, those that refer before those that are referred to."""
    made = Draft(world, "erase" if isinstance(question, Erasure) else "retention")
    made.want(key_questions(world, "held"))
    if isinstance(question, Erasure):
        made.want(key_questions(world, "goes"))
    path = order(world)
    readings = {
        name: reading for name in path.collections if (reading := read(world, world.collections[name], question))
    }
    _Drafting(made, question, path, readings).run()
    return made


@dataclass(slots=True)
class _Drafting:
    made: Draft
    question: Question
    path: Order
    readings: dict[str, Reading]

    @property
    def world(self) -> World:
        return self.made.world

    def run(self) -> None:
        for name, reference in self.path.detached:
            if name in self.readings:
                self._detach(self.readings[name], reference)
        for collection in self.world.collections.values():
            for link in collection.links:
                if isinstance(link, Mention):
                    self._mention(collection, link)
        for reading in self.readings.values():
            self._collection(reading)
        for system in self.world.data_map.systems.values():
            if system.by_hand is not None:
                self._by_hand(system, system.by_hand)
        for collection in self.world.collections.values():
            if collection.id not in self.readings:
                self.made.limits.append(
                    f"{collection.id}: no link leads from its rows to a person; they leave by retention"
                )
            elif isinstance(self.question, Retention) and not leads_to_people(self.world, collection):
                self.made.limits.append(
                    f"{collection.id}: its rows are tied to nobody, so a hold on a person cannot keep them"
                )
            if collection.free_text:
                fields = ", ".join(collection.free_text)
                self.made.limits.append(f"{collection.id}: {fields} may name people in free words; not searched")

    # what is deleted, and what stops it

    def taken(self, collection: Collection, seen: tuple[str, ...] = ()) -> Condition:
        """Rows of ``collection`` that the plan deletes, as they can be told at planning time."""
        reading = self.readings.get(collection.id)
        if reading is None or isinstance(reading.row, Unprovable) or reading.keeps_row:
            return NOTHING
        found = reading.found(reading.row)
        if collection.id in seen or found == NOTHING:
            return found
        stopped = self._guard(collection, (*seen, collection.id))
        return both(found, negate(stopped.planned))

    def _guard(self, collection: Collection, seen: tuple[str, ...]) -> Guard:
        return guard(self.world, collection, lambda child: self.taken(child, seen), self.path.hard)

    # one collection

    def _collection(self, reading: Reading) -> None:
        collection, stopped = reading.collection, self._guard(reading.collection, (reading.collection.id,))
        deleted = self.taken(collection)
        if isinstance(reading.row, Unprovable):
            self.made.blocked.append(
                DraftBlocked(
                    collection.id, "UNPROVABLE", f"{reading.row.message}; {reading.row.hint}", None, reading.uses
                )
            )
        elif not reading.keeps_row and deleted != NOTHING:
            self.made.want(reading.row.asks)
            self._delete(reading, reading.row, stopped, deleted)
        for group in reading.groups:
            if isinstance(group.ends, Timed) and reading.found(group.ends) != NOTHING:
                self._mask(reading, group, group.ends, deleted, stopped)
        if not reading.groups and isinstance(reading.row, Timed) and stopped.planned != NOTHING:
            self._stuck(reading, reading.row, stopped, both(reading.found(reading.row), stopped.planned), "")
        self._on_hold(reading)
        self._kept(reading)

    def _delete(self, reading: Reading, row: Timed, stopped: Guard, deleted: Condition) -> None:
        where = self._written(reading, row, "row")
        if where is None:
            return
        where = both(where, negate(stopped.now))
        notes = (*stopped.effects, *self._fires(reading, "delete"))
        self.made.steps.append(
            DraftStep(
                reading.collection.system,
                reading.collection.id,
                reading.collection.table,
                "delete",
                where,
                Ask(reading.collection.system, reading.collection.table, deleted, row.start),
                self._orphans(reading, row),
                (),
                reading.uses,
                notes,
            )
        )

    def _orphans(self, reading: Reading, row: Timed) -> Condition | None:
        """Rows that a live application adds to rows which this plan deletes, where no foreign key forbids it: they are
        looked for after the last step by the keys of what they belonged to."""
        if not isinstance(self.question, Retention):
            return None
        collection, info = reading.collection, reading.info
        found: list[Condition] = []
        for link in collection.links:
            led = link_target(self.world, link) if isinstance(link, BelongsTo) else None
            if not isinstance(link, BelongsTo) or led is None or led[0].system != collection.system:
                continue
            target, there = led
            theirs = self.readings.get(target.id)
            forbidden = any(reference.fields == (link.here,) for reference in info.references)
            if (
                forbidden
                or theirs is None
                or isinstance(theirs.row, Unprovable)
                or not looks_at(row.find, target.table)
            ):
                continue
            name = names.due(target.id, "row", there)
            self.made.want(theirs.row.asks)
            self.made.want([KeyQuestion(name, target.system, target.table, self.taken(target), (field_of(there),))])
            absent = negate(Related(target.table, ((link.here, there),), Everything()))
            found.append(both(where_of(link.when), InKeys((field_of(link.here),), name), absent))
        if not found:
            return None
        return either(
            self._written(reading, row, "row") or NOTHING,
            both(self.world.rows(collection), reading.free, either(*found)),
        )

    def _mask(self, reading: Reading, group: Group, ends: Timed, deleted: Condition, stopped: Guard) -> None:
        collection = reading.collection
        if group.whole and not reading.keeps_row and stopped.planned == NOTHING:
            return
        self.made.want(ends.asks)
        masks = masking(reading.info, collection, group.fields)
        due = both(reading.found(ends), negate(deleted)) if deleted != NOTHING else reading.found(ends)
        for name, reason in masks.refused:
            held = both(due, Held(field_of(name), Blank()))
            self._stuck(reading, ends, stopped, held, f"{name} cannot be masked: {reason}")
        blanks = (*masks.blanks, *self._unlink(reading)) if group.whole else masks.blanks
        if not blanks:
            return
        holding = either(*(Held(name, blank) for name, blank in blanks))
        where = self._written(reading, ends, "+".join(str(use) for use in group.uses))
        if where is None:
            return
        stays = stopped.because if group.whole else ()
        notes = (*(f"the row stays: {reason}" for reason in stays), *self._fires(reading, "update"))
        counted = both(due, holding)
        self.made.steps.append(
            DraftStep(
                collection.system,
                collection.id,
                collection.table,
                "mask",
                both(where, holding),
                Ask(collection.system, collection.table, counted, ends.start),
                None,
                blanks,
                group.uses,
                notes,
                self._checks(reading, counted, blanks),
            )
        )

    def _unlink(self, reading: Reading) -> list[tuple[Field, Blank]]:
        """A row that stays although it has ended no longer says whose it was, where the store allows that."""
        blanks = (
            (field_of(name), blank_for(reading.info, reading.collection, name, None))
            for name in owner_fields(reading.collection)
        )
        return [(name, blank) for name, blank in blanks if isinstance(blank, Blank)]

    def _written(self, reading: Reading, timed: Timed, part: str) -> Condition | None:
        """The condition of a batch. Rows that earlier steps make untraceable are written down first, by their key."""
        if not timed.written:
            return reading.again(timed)
        collection = reading.collection
        if not collection.key:
            reason = f"{collection.table} has no key by which its rows could be written down before others are deleted"
            self.made.blocked.append(DraftBlocked(collection.id, "NO-KEY", reason, None, reading.uses))
            return None
        key = tuple(field_of(name) for name in collection.key)
        name = names.due(collection.id, part)
        self.made.want(timed.asks)
        self.made.want([KeyQuestion(name, collection.system, collection.table, reading.found(timed), key)])
        return both(InKeys(key, name), reading.again(timed))

    def _checks(
        self, reading: Reading, counted: Condition, blanks: tuple[tuple[Field, Blank], ...]
    ) -> tuple[tuple[str, Ask], ...]:
        system, table = reading.collection.system, reading.collection.table
        touched = {name.column for name, _ in blanks}
        return tuple(
            (rule.name, Ask(system, table, both(counted, Breaks(rule.name, blanks))))
            for rule in reading.info.rules
            if any(column in rule.text for column in touched)
        )

    def _fires(self, reading: Reading, event: str) -> tuple[str, ...]:
        return tuple(
            f"trigger {trigger.name} runs on it" for trigger in reading.info.triggers if event in trigger.events
        )

    def _stuck(self, reading: Reading, ends: Timed, stopped: Guard, rows: Condition, why: str) -> None:
        reason = "; ".join([*([why] if why else []), *stopped.because])
        collection = reading.collection
        self.made.want(ends.asks)
        ask = Ask(collection.system, collection.table, rows)
        self.made.blocked.append(DraftBlocked(collection.id, "STAYS", reason, ask, reading.uses))

    def _on_hold(self, reading: Reading) -> None:
        if reading.hold == NOTHING or isinstance(reading.row, Unprovable) or not reading.uses:
            return
        collection = reading.collection
        ask = Ask(collection.system, collection.table, both(reading.row.find, reading.hold))
        self.made.retained.append(DraftRetained(collection.id, ask, reading.uses[0], "R-17-3-E", "Art. 17(3)(e) GDPR"))

    def _kept(self, reading: Reading) -> None:
        """What stays although something ended: rows of an erasure that a purpose keeps; rows that outlive fields."""
        collection = reading.collection
        if isinstance(self.question, Erasure):
            for use in reading.uses:
                verdict = self.question.verdict(self.world, collection, use, None)
                rows = both(reading.scope.find, reading.free, negate(verdict.ends.find))
                if verdict.ends != ALWAYS:
                    self._keep(reading, use, rows, verdict)
        elif isinstance(reading.row, Timed):
            for group in reading.groups:
                last = next((use for use in reading.uses if use not in group.uses), None)
                if last is not None and isinstance(group.ends, Timed):
                    rows = both(reading.found(group.ends), negate(reading.row.find))
                    self._keep(reading, last, rows, released(self.world, collection, last))

    def _keep(self, reading: Reading, use: Use, rows: Condition, verdict: Verdict) -> None:
        collection = reading.collection
        self.made.want(verdict.ends.asks)
        needing = [mapped.name for group in reading.groups if use in group.uses for mapped in group.fields]
        if verdict.code == "R-TO-CONFIRM":
            reason = f"the policy leaves the legal basis of {use} to confirm, so nothing of it is erased"
            ask = Ask(collection.system, collection.table, rows)
            self.made.blocked.append(DraftBlocked(collection.id, "TO-CONFIRM", reason, ask, (use,)))
            return
        ask = Ask(collection.system, collection.table, rows, verdict.ends.start)
        code = verdict.code or "R-17-1-A"
        self.made.retained.append(DraftRetained(collection.id, ask, use, code, verdict.article, tuple(needing)))

    # references to people in rows that are not theirs

    def _mention(self, collection: Collection, link: Mention) -> None:
        """The reference goes when the purposes of the row it stands in have ended for the person it names."""
        led = link_target(self.world, link)
        if led is None:
            return
        target, there = led
        reading = self.readings.get(target.id)
        if reading is None:
            return
        uses = tuple(use for use in reading.uses if use in self.world.row_purposes(collection)) or reading.uses
        ends = purposes_end(self.world, target, self.question, uses, None, reading.scope)
        if isinstance(ends, Unprovable) or reading.found(ends) == NOTHING:
            return
        here = field_of(link.here)
        blank = blank_for(self.world.info(collection), collection, link.here, None)
        keys = self._mentioned(reading, ends, "+".join(str(use) for use in uses), there)
        where = both(self.world.rows(collection), where_of(link.when), InKeys((here,), keys))
        ask = Ask(collection.system, collection.table, where)
        if not isinstance(blank, Blank):
            reason = f"{link.here} refers to {target.id} and cannot be masked: {blank or 'the store computes it'}"
            self.made.blocked.append(DraftBlocked(collection.id, "STAYS", reason, ask, uses))
            return
        note = f"reference to {target.id}; the row is somebody else's and stays"
        where = both(where, Held(here, blank))
        self.made.steps.append(
            DraftStep(
                collection.system,
                collection.id,
                collection.table,
                "mask",
                where,
                Ask(collection.system, collection.table, where),
                None,
                ((here, blank),),
                uses,
                (note,),
            )
        )

    def _mentioned(self, reading: Reading, ends: Timed, part: str, there: str) -> str:
        target = reading.collection
        name = names.due(target.id, part, there)
        self.made.want(ends.asks)
        recheck = both(self.world.rows(target), negate(reading.again(ends)))
        question = KeyQuestion(
            name, target.system, target.table, reading.found(ends), (field_of(there),), recheck=recheck
        )
        self.made.want([question])
        return name

    # what a person does by hand

    def _by_hand(self, system: System, by_hand: ByHand) -> None:
        uses = self.world.purposes_of(by_hand.serves)
        source, _, name = (by_hand.key_from or "").rpartition(".")
        reading = self.readings.get(source)
        if reading is None:
            reason = (
                f"{system.id} is done by hand and no key_from says by which key people are known there ({by_hand.how})"
            )
            self.made.blocked.append(DraftBlocked(system.id, "BY-HAND", reason, None, uses))
            return
        ends = purposes_end(self.world, reading.collection, self.question, uses, None, reading.scope)
        if isinstance(ends, Unprovable):
            self.made.blocked.append(DraftBlocked(system.id, "UNPROVABLE", f"{ends.message}; {ends.hint}", None, uses))
            return
        where = both(reading.found(ends), Held(field_of(name), Blank()))
        if where == NOTHING:
            return
        self.made.want(ends.asks)
        keys = f"task:{system.id}"
        collection = reading.collection
        self.made.want([KeyQuestion(keys, collection.system, collection.table, where, (field_of(name),))])
        ask = Ask(collection.system, collection.table, where, ends.start)
        self.made.steps.append(
            DraftStep(
                system.id,
                system.id,
                collection.table,
                "task",
                where,
                ask,
                None,
                (),
                uses,
                (f"known there by {by_hand.key_from}",),
                how=by_hand.how,
                keys=keys,
            )
        )

    def _detach(self, reading: Reading, reference: Reference) -> None:
        """Open a circle of references: the reference of rows that are due becomes null before anything is deleted."""
        if isinstance(reading.row, Unprovable) or reading.keeps_row or reading.found(reading.row) == NOTHING:
            return
        collection = reading.collection
        blanks = tuple((Field(name), Blank()) for name in reference.fields)
        pointing = Related(
            reference.target, tuple(zip(reference.fields, reference.target_fields, strict=True)), Everything()
        )
        holding = either(*(Held(name, blank) for name, blank in blanks))
        where = self._written(reading, reading.row, "row")
        if where is None:
            return
        where = both(where, holding, pointing)
        counted = both(reading.found(reading.row), holding, pointing)
        note = f"{', '.join(reference.fields)} is emptied first, so that rows that refer to each other can go"
        self.made.steps.append(
            DraftStep(
                collection.system,
                collection.id,
                collection.table,
                "detach",
                where,
                Ask(collection.system, collection.table, counted),
                None,
                blanks,
                reading.uses,
                (note,),
            )
        )
