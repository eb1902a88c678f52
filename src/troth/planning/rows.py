"""The steps of one collection: rows that are deleted, fields that are masked, and rows that nothing can be done to."""

from __future__ import annotations

from troth.planning import names
from troth.planning.asks import Ask
from troth.planning.blanks import blank_for, masking, rule_checks
from troth.planning.draft import Causes, DraftBlocked, DraftStep
from troth.planning.events import Timed, Unprovable
from troth.planning.going import Going
from troth.planning.guards import Guard
from troth.planning.plan import KeyQuestion
from troth.planning.reading import Group, Reading, Retention, still_personal
from troth.planning.scope import link_target, owner_fields
from troth.planning.staying import keep_held, keep_retained
from troth.planning.world import field_of, where_of
from troth.stores.conditions import (
    NOTHING,
    Blank,
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
from troth.systems.model import BelongsTo


def draft_rows(going: Going, reading: Reading) -> None:
    collection, stopped = reading.collection, going.guard_of(reading.collection, (reading.collection.id,))
    deleted = going.taken(collection)
    if isinstance(reading.row, Unprovable):
        going.made.blocked.append(
            DraftBlocked(collection.id, "UNPROVABLE", f"{reading.row.message}; {reading.row.hint}", None, reading.uses)
        )
    elif not reading.keeps_row and reading.found(reading.row) != NOTHING:
        going.made.want(reading.row.asks)
        _delete(going, reading, reading.row, stopped, deleted)
    for group in _groups(reading):
        if isinstance(group.ends, Timed) and reading.found(group.ends) != NOTHING:
            _mask(going, reading, group, group.ends, deleted, stopped)
    keep_held(going, reading)
    keep_retained(going, reading)


def _groups(reading: Reading) -> tuple[Group, ...]:
    """The fields' groups; what ends with the row comes last, be it no field: a row that stays is at least unlinked, and
    from then on nobody finds it by its people."""
    if isinstance(reading.row, Unprovable):
        return reading.groups
    parts = tuple(group for group in reading.groups if not group.whole)
    whole = tuple(group for group in reading.groups if group.whole)
    return (*parts, *(whole or (Group(reading.uses, (), reading.row, whole=True),)))


def _delete(going: Going, reading: Reading, row: Timed, stopped: Guard, deleted: Condition) -> None:
    where = going.written(reading, row, "row")
    if where is None or deleted == NOTHING:
        return
    where = both(where, going.leaves(reading) or Everything(), negate(stopped.now))
    left, everything = going.left(reading, row, "row")
    notes = (*stopped.effects, *_fires(reading, "delete"))
    going.made.steps.append(
        DraftStep(
            reading.collection.system,
            reading.collection.id,
            reading.collection.table,
            "delete",
            where,
            Ask(reading.collection.system, reading.collection.table, deleted, row.start),
            _orphans(going, reading, row),
            (),
            reading.uses,
            notes,
            left=left,
            all_asked=Ask(reading.collection.system, reading.collection.table, everything),
            slow=_slow(going, reading),
        )
    )


def _orphans(going: Going, reading: Reading, row: Timed) -> Condition | None:
    """Rows that a live application adds to rows which this plan deletes, where no foreign key forbids it: they are
    looked for after the last step by the keys of what they belonged to. Only where nothing else decides about them."""
    if not isinstance(going.question, Retention):
        return None
    collection, info = reading.collection, reading.info
    found: list[Condition] = []
    if collection.events or sum(isinstance(link, BelongsTo) for link in collection.links) != 1:
        return None
    for link in collection.links:
        led = link_target(going.world, link) if isinstance(link, BelongsTo) else None
        if not isinstance(link, BelongsTo) or led is None or led[0].system != collection.system:
            continue
        target, there = led
        theirs = going.readings.get(target.id)
        forbidden = any(reference.fields == (link.here,) for reference in info.references)
        if forbidden or theirs is None or isinstance(theirs.row, Unprovable) or not looks_at(row.find, target.table):
            continue
        if not {*reading.uses} <= {*theirs.uses} or reading.keeps_row:
            continue
        name = names.due(target.id, "row", there)
        going.made.want(theirs.row.asks)
        going.made.want([KeyQuestion(name, target.system, target.table, going.taken(target), (field_of(there),))])
        absent = negate(Related(target.table, ((link.here, there),), Everything()))
        found.append(both(where_of(link.when), InKeys((field_of(link.here),), name), absent))
    if not found:
        return None
    return either(
        going.written(reading, row, "row") or NOTHING,
        both(going.world.rows(collection), reading.free, either(*found)),
    )


def _mask(going: Going, reading: Reading, group: Group, ends: Timed, deleted: Condition, stopped: Guard) -> None:
    collection = reading.collection
    if group.whole and not reading.keeps_row and stopped.planned == NOTHING:
        return
    going.made.want(ends.asks)
    stays = _causes(reading, ends, stopped) if group.whole else ()
    masks = masking(reading.info, collection, group.fields, reading.referred)
    due = both(reading.found(ends), negate(deleted)) if deleted != NOTHING else reading.found(ends)
    unlinked, tied = _unlink(going, reading) if group.whole else ((), ())
    fixed = [(name, f"{name} cannot be masked: {reason}") for name, reason in masks.refused]
    fixed += [(name, f"{name} says whose the row is and cannot be masked: {reason}") for name, reason in tied]
    stuck = [both(due, either(*(Held(field_of(name), Blank()) for name, _ in fixed)))] if fixed else []
    for held in stuck:
        _stuck(going, reading, ends, stays, held, "; ".join(reason for _, reason in fixed))
    blanks = tuple(dict([*unlinked, *masks.blanks]).items())
    holding = either(*(Held(name, blank) for name, blank in blanks))
    if group.whole and not reading.keeps_row:
        untouched = both(due, still_personal(reading), negate(holding), *(negate(held) for held in stuck))
        _stuck(going, reading, ends, stays, untouched)
    if not blanks:
        return
    part = f"{'+'.join(str(use) for use in group.uses)}/{'+'.join(mapped.name for mapped in group.fields)}"
    where = going.written(reading, ends, part)
    if where is None:
        return
    left, everything = going.left(reading, ends, part)
    uncounted = going.holding(collection, blanks)
    counted = both(due, uncounted)
    going.empties(collection, blanks, counted)
    going.made.steps.append(
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
            _fires(reading, "update"),
            rule_checks(reading.info, collection, counted, blanks),
            left=both(left, holding),
            all_asked=Ask(collection.system, collection.table, both(everything, negate(deleted), uncounted)),
            stays=stays,
        )
    )


def _unlink(going: Going, reading: Reading) -> tuple[tuple[tuple[Field, Blank], ...], tuple[tuple[str, str], ...]]:
    """A row that stays although it has ended no longer says whose it was, where the store allows that: blanks for the
    fields that say so, and those that cannot be masked with the reason."""
    kept = {name for each in reading.info.references if going.keeps(reading, each) for name in each.fields}
    emptied = {name for where, each in going.path.detached if where == reading.collection.id for name in each.fields}
    answers = {
        name: "it is in a circle of references that nothing can open"
        if name in kept
        else blank_for(reading.info, reading.collection, name, None)
        for name in owner_fields(reading.collection)
        if name not in emptied
    }
    blanks = tuple((field_of(name), blank) for name, blank in answers.items() if isinstance(blank, Blank))
    return blanks, tuple((name, reason) for name, reason in answers.items() if isinstance(reason, str) and reason)


def _fires(reading: Reading, event: str) -> tuple[str, ...]:
    return tuple(f"trigger {trigger.name} runs on it" for trigger in reading.info.triggers if event in trigger.events)


def _slow(going: Going, reading: Reading) -> tuple[str, ...]:
    """References that the store looks for in a whole table, once for each row that is deleted."""
    return tuple(
        f"no index begins with {info.name}.{reference.fields[0]}, which refers to it: each deletion reads that table"
        for info, reference in going.world.references_to(reading.collection)
        if not any(group[:1] == reference.fields[:1] for group in info.indexed)
    )


def _causes(reading: Reading, ends: Timed, stopped: Guard) -> Causes:
    collection, due = reading.collection, reading.found(ends)
    return tuple(
        (cause.reason, Ask(collection.system, collection.table, both(due, cause.rows))) for cause in stopped.causes
    )


def _stuck(going: Going, reading: Reading, ends: Timed, stays: Causes, rows: Condition, why: str = "") -> None:
    collection = reading.collection
    going.made.want(ends.asks)
    ask = Ask(collection.system, collection.table, rows)
    going.made.blocked.append(DraftBlocked(collection.id, "STAYS", why, ask, reading.uses, stays))
