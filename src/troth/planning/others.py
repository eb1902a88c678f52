"""Steps on what is not a person's own row: references to people, systems done by hand, circles of references."""

from __future__ import annotations

from troth.planning import names
from troth.planning.asks import Ask
from troth.planning.blanks import blank_for, masking, rule_checks
from troth.planning.draft import DraftBlocked, DraftRetained, DraftStep
from troth.planning.events import Timed, Unprovable, any_of
from troth.planning.going import Going
from troth.planning.plan import KeyQuestion
from troth.planning.reading import Reading, purposes_end
from troth.planning.scope import link_target, on_hold
from troth.planning.staying import keep_asked
from troth.planning.world import field_of, where_of
from troth.stores.conditions import (
    NOTHING,
    Blank,
    Everything,
    Field,
    Held,
    InKeys,
    Related,
    both,
    either,
    negate,
)
from troth.stores.contract import Reference
from troth.systems.model import ByHand, Collection, Mention, System, Use


def draft_mention(going: Going, collection: Collection, link: Mention) -> None:
    """The reference goes when the purposes of the row it stands in have ended for the person it names."""
    led = link_target(going.world, link)
    if led is None:
        return
    target, there = led
    reading = going.readings.get(target.id)
    if reading is None:
        return
    uses = tuple(use for use in reading.uses if use in going.world.row_purposes(collection)) or reading.uses
    ends = _named_ends(going, reading, uses)
    if ends is None or reading.found(ends) == NOTHING:
        return
    here = field_of(link.here)
    blank = blank_for(going.world.info(collection), collection, link.here, None)
    keys = _mentioned(going, reading, ends, "+".join(str(use) for use in uses), there)
    where = both(going.world.rows(collection), where_of(link.when), InKeys((here,), keys))
    hold = on_hold(going.world, collection)
    if hold != NOTHING:
        kept = Ask(collection.system, collection.table, both(where, hold))
        article = "Art. 17(3)(e) GDPR"
        going.made.retained.append(DraftRetained(collection.id, kept, uses[0], "R-17-3-E", article, (link.here,)))
    where = both(where, negate(hold))
    ask = Ask(collection.system, collection.table, where)
    if not isinstance(blank, Blank):
        reason = f"{link.here} refers to {target.id} and cannot be masked: {blank or 'the store computes it'}"
        going.made.blocked.append(DraftBlocked(collection.id, "STAYS", reason, ask, uses))
        return
    note = f"reference to {target.id}; the row is somebody else's and stays"
    where = both(where, Held(here, blank))
    going.empties(collection, ((here, blank),), where)
    going.made.steps.append(
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
            rule_checks(going.world.info(collection), collection, where, ((here, blank),)),
        )
    )


def _named_ends(going: Going, reading: Reading, uses: tuple[Use, ...]) -> Timed | None:
    """People (or rows of theirs) for whom ``uses`` have ended, or whose own row goes."""
    ends = purposes_end(going.world, reading.collection, going.question, uses, None, reading.scope)
    found = [] if isinstance(ends, Unprovable) else [ends]
    if isinstance(reading.row, Timed) and going.ended(reading) != NOTHING and not reading.keeps_row:
        found.append(reading.row)
    return any_of(found) if found else None


def _mentioned(going: Going, reading: Reading, ends: Timed, part: str, there: str) -> str:
    target = reading.collection
    name = names.due(target.id, part, there)
    going.made.want(ends.asks)
    recheck = both(going.world.rows(target), negate(reading.again(ends)))
    question = KeyQuestion(name, target.system, target.table, reading.found(ends), (field_of(there),), recheck=recheck)
    going.made.want([question])
    return name


def draft_by_hand(going: Going, system: System, by_hand: ByHand) -> None:
    uses = going.world.purposes_of(by_hand.serves)
    source, _, name = (by_hand.key_from or "").rpartition(".")
    reading = going.readings.get(source)
    if reading is None:
        reason = f"{system.id} is done by hand and no key_from says by which key people are known there ({by_hand.how})"
        going.made.blocked.append(DraftBlocked(system.id, "BY-HAND", reason, None, uses))
        return
    keep_asked(going, reading, system.id, uses)
    ends = purposes_end(going.world, reading.collection, going.question, uses, None, reading.scope)
    if isinstance(ends, Unprovable):
        going.made.blocked.append(DraftBlocked(system.id, "UNPROVABLE", f"{ends.message}; {ends.hint}", None, uses))
        return
    fields = tuple(mapped for mapped in reading.collection.fields if mapped.name == name)
    blanks = dict(masking(reading.info, reading.collection, fields, reading.referred).blanks)
    where = both(reading.found(ends), Held(field_of(name), blanks.get(field_of(name), Blank())))
    if where == NOTHING:
        return
    going.made.want(ends.asks)
    keys = f"task:{system.id}"
    collection = reading.collection
    going.made.want([KeyQuestion(keys, collection.system, collection.table, where, (field_of(name),))])
    ask = Ask(collection.system, collection.table, where, ends.start)
    going.made.steps.append(
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


def draft_detach(going: Going, reading: Reading, reference: Reference) -> None:
    """Open a circle of references: the reference of rows that are due becomes null before anything is deleted."""
    if isinstance(reading.row, Unprovable) or reading.keeps_row or reading.found(reading.row) == NOTHING:
        return
    collection = reading.collection
    blanks = tuple((Field(name), Blank()) for name in reference.fields)
    pointing = Related(
        reference.target, tuple(zip(reference.fields, reference.target_fields, strict=True)), Everything()
    )
    holding = either(*(Held(name, blank) for name, blank in blanks))
    where = going.written(reading, reading.row, "row")
    if where is None:
        return
    where = both(where, holding, pointing)
    counted = both(reading.found(reading.row), going.holding(collection, blanks), pointing)
    going.empties(collection, blanks, counted)
    note = f"{', '.join(reference.fields)} is emptied first, so that rows that refer to each other can go"
    going.made.steps.append(
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
