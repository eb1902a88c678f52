"""Promises against stores: which questions to ask for each, and what the answers mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from troth.planning.asks import Ask, Draw
from troth.planning.ends import governing, known
from troth.planning.events import Timed, Unprovable
from troth.planning.plan import KeyQuestion
from troth.planning.reading import Group, Reading, Retention, holding, read, still_personal
from troth.planning.scope import key_questions
from troth.planning.world import Broken, World, field_of
from troth.register.promises import retention_id
from troth.stores.conditions import Blank, Condition, Held, Malformed, both, negate
from troth.stores.contract import CollectionInfo
from troth.systems.model import ByHand, Collection, Resolved, System, Use

Verdict = Literal["kept", "broken", "accepted", "unprovable", "not_reached"]

DEAR = 5_000_000
"""Rows of a table that are not read whole without being asked to."""

SCANNED_FORMS = frozenset({"no-card"})
"""Forms that no query can tell; values are streamed and tested here."""


@dataclass(frozen=True, slots=True)
class Scan:
    """Values of one field to be tested by ``form``, all of them or a stated sample."""

    ask: Ask
    form: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One question of one promise. ``code`` is the finding's when rows are found; ``verdict`` what that makes it."""

    promises: tuple[str, ...]
    collection: str
    fields: tuple[str, ...]
    code: str
    verdict: Verdict
    ask: Ask | None
    reason: str = ""
    hint: str = ""
    scan: Scan | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckDraft:
    measures: tuple[Measure, ...]
    questions: tuple[KeyQuestion, ...]


def draft_check(world: World, resolved: Mapping[str, Resolved], unreached: Mapping[str, str]) -> CheckDraft:
    """Every question of every promise that this version measures. ``unreached``: system → why it did not answer."""
    measures: list[Measure] = []
    questions: dict[str, KeyQuestion] = {ask.name: ask for ask in key_questions(world, "held")}
    for collection in world.collections.values():
        reading = read(world, collection, Retention())
        if reading is not None:
            measures.extend(_retention(world, reading, questions))
        measures.extend(_forms(world, collection))
    for name, found in resolved.items():
        measures.extend(_closed_list(name, found))
    measures.extend(_broken(world, broken) for broken in world.broken)
    for system in world.data_map.systems.values():
        if system.by_hand is not None:
            measures.extend(_by_hand(world, system, system.by_hand))
    for name, reason in unreached.items():
        measures.append(_not_reached(world, name, reason))
    return CheckDraft(tuple(measures), tuple(questions.values()))


def _retention(world: World, reading: Reading, questions: dict[str, KeyQuestion]) -> Iterator[Measure]:
    row = reading.row
    if isinstance(row, Unprovable):
        yield _unprovable(world, reading, reading.uses, (), row)
    else:
        questions.update({ask.name: ask for ask in row.asks})
        yield _past(world, reading, reading.uses, (), both(reading.found(row), still_personal(reading)), row)
    for group in reading.groups:
        if group.whole:
            continue
        if isinstance(group.ends, Unprovable):
            yield _unprovable(world, reading, group.uses, _names(group), group.ends)
            continue
        questions.update({ask.name: ask for ask in group.ends.asks})
        where = both(reading.found(group.ends), holding(reading, group))
        if isinstance(row, Timed):
            where = both(where, negate(row.find))
        yield _past(world, reading, group.uses, _names(group), where, group.ends)
    yield from _unknown_starts(world, reading, questions)


def _past(
    world: World, reading: Reading, uses: tuple[Use, ...], fields: tuple[str, ...], where: Condition, ends: Timed
) -> Measure:
    collection = reading.collection
    notes: tuple[str, ...] = ()
    slow = ends.start is None or not any(group[:1] == (ends.start.column,) for group in reading.info.indexed)
    draw = _draw(reading.info, collection) if slow else None
    if ends.start is not None and slow:
        whole = "" if draw is not None else ": the question reads the whole table"
        notes = (f"no index begins with {collection.table}.{ends.start.column}{whole}",)
    return Measure(
        _promises(world, uses),
        collection.id,
        fields,
        "RET-PAST",
        "broken",
        Ask(collection.system, collection.table, where, ends.start, draw),
        f"past the period{_in(fields)}",
        "see what would go: troth plan retention",
        notes=notes,
    )


def _draw(info: CollectionInfo, collection: Collection) -> Draw | None:
    """How rows are drawn from a table so large that to read it whole would be dear; ``None`` for any other."""
    if info.rows_estimate is None or info.rows_estimate <= DEAR or not collection.key:
        return None
    return Draw(tuple(field_of(name) for name in collection.key), info.rows_estimate)


def _unprovable(
    world: World, reading: Reading, uses: tuple[Use, ...], fields: tuple[str, ...], why: Unprovable
) -> Measure:
    return Measure(
        _promises(world, uses),
        reading.collection.id,
        fields,
        "RET-UNPROVABLE",
        "unprovable",
        None,
        why.message,
        why.hint,
    )


def _unknown_starts(world: World, reading: Reading, questions: dict[str, KeyQuestion]) -> Iterator[Measure]:
    """Rows, and fields of rows, whose clock never starts because its moment is missing."""
    held = still_personal(reading)
    places: dict[Use, tuple[tuple[str, ...], Condition]] = dict.fromkeys(
        world.row_purposes(reading.collection), ((), held)
    )
    for group in reading.groups:
        for use in group.uses:
            places.setdefault(use, (_names(group), holding(reading, group)))
    collection = reading.collection
    asked: set[tuple[str, ...]] = set()
    for use, (fields, holds) in places.items():
        rules = governing(world.purpose(use))
        place = (*_promises(world, (use,)), *fields)
        if place in asked:
            continue
        asked.add(place)
        if not rules or all(world.may_come(rule.event) for rule in rules) or not all(rule.decidable for rule in rules):
            continue
        try:
            start = known(world, collection, use)
        except Unprovable:
            continue
        questions.update({ask.name: ask for ask in start.asks})
        yield Measure(
            _promises(world, (use,)),
            collection.id,
            fields,
            "RET-UNKNOWN-START",
            "unprovable",
            Ask(
                collection.system,
                collection.table,
                both(world.rows(collection), negate(start.find), holds),
                draw=_draw(reading.info, collection),
            ),
            f"no known start{_in(fields)}, so these never fall due",
            f"fill the start in, or say in systems.yaml where else it is found for {collection.id}",
        )


def _broken(world: World, broken: Broken) -> Measure:
    promises = _promises(world, world.purposes_of(broken.serves))
    hint = "correct the name in systems.yaml, or take the line out"
    return Measure(promises, broken.collection, (), "RET-UNPROVABLE", "unprovable", None, broken.reason, hint)


def _by_hand(world: World, system: System, by_hand: ByHand) -> Iterator[Measure]:
    uses = world.purposes_of(by_hand.serves)
    yield Measure(
        _promises(world, uses),
        system.id,
        (),
        "BY-HAND",
        "unprovable",
        None,
        f"{system.id} is done by hand: what people sign there is declared, never measured",
        by_hand.how,
    )


def _in(fields: tuple[str, ...]) -> str:
    return f" in {', '.join(fields)}" if fields else ""


def _forms(world: World, collection: Collection) -> Iterator[Measure]:
    for mapped in collection.fields:
        form, promises = _form_of(world, collection, mapped.name)
        if form is None or not promises:
            continue
        wrong = both(world.rows(collection), Malformed(field_of(mapped.name), form))
        ask = Ask(collection.system, collection.table, wrong, draw=_draw(world.info(collection), collection))
        if mapped.rule.encrypted:
            yield Measure(
                promises,
                collection.id,
                (mapped.name,),
                "FORM-UNREADABLE",
                "unprovable",
                None,
                f"{mapped.name} is encrypted by the application: held, not readable",
                "measure the form before it is encrypted, in the application's own tests",
            )
        elif form in SCANNED_FORMS:
            held = both(world.rows(collection), Held(field_of(mapped.name), Blank()))
            values = Ask(collection.system, collection.table, held)
            yield Measure(
                promises,
                collection.id,
                (mapped.name,),
                "FORM-MALFORMED",
                "broken",
                None,
                f"{mapped.name} does not have the form {form}",
                "",
                Scan(values, form),
            )
        else:
            yield Measure(
                promises,
                collection.id,
                (mapped.name,),
                "FORM-MALFORMED",
                "broken",
                ask,
                f"{mapped.name} does not have the form {form}",
                f"bring the values into the form {form}, where they are written",
            )


def _form_of(world: World, collection: Collection, name: str) -> tuple[str | None, tuple[str, ...]]:
    mapped = next(field for field in collection.fields if field.name == name)
    form, promises = mapped.rule.form, []
    for use in world.purposes_of(collection.serves):
        item = world.item(use, mapped)
        if item is not None and item.form is not None:
            form = form or item.form
            promises.append(f"form.{use.processing}.{item.id}")
    return form, tuple(dict.fromkeys(promises))


def _closed_list(system: str, found: Resolved) -> Iterator[Measure]:
    promise = (f"closed_list.{system}",)
    if not found.undeclared_tables and not found.undeclared_fields:
        yield Measure(promise, system, (), "KEPT", "kept", None)
    for table in found.undeclared_tables:
        yield Measure(
            promise,
            f"{system}.{table}",
            (),
            "CLOSED-TABLE",
            "broken",
            None,
            f"table {table} is in no line of systems.yaml",
            f"add {table} under tables: or not_personal:",
        )
    for table, column in found.undeclared_fields:
        yield Measure(
            promise,
            f"{system}.{table}",
            (column,),
            "CLOSED-FIELD",
            "broken",
            None,
            f"column {table}.{column} is in no line of systems.yaml",
            f'add {column} to the fields: of {table}, or "{table}.{column}" under not_personal:',
        )


def _not_reached(world: World, system: str, reason: str) -> Measure:
    uses = [use for line in world.data_map.systems[system].lines for use in world.purposes_of(line.serves)]
    forms = [
        f"form.{use.processing}.{item.id}"
        for use in uses
        for item in world.processing(use).items.values()
        if item.form is not None
    ]
    promises = dict.fromkeys([f"closed_list.{system}", *_promises(world, tuple(dict.fromkeys(uses))), *forms])
    return Measure(tuple(promises), system, (), "NOT-REACHED", "not_reached", None, reason, "try again when it answers")


def _promises(world: World, uses: tuple[Use, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(retention_id(world.processing(use), world.purpose(use)) for use in uses))


def _names(group: Group) -> tuple[str, ...]:
    return tuple(mapped.name for mapped in group.fields)
