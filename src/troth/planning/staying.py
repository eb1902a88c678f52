"""What stays although something ended, and why: holds, and purposes that keep a row."""

from __future__ import annotations

from troth.planning.asks import Ask
from troth.planning.draft import DraftBlocked, DraftRetained
from troth.planning.ends import Verdict, known
from troth.planning.events import ALWAYS, Timed, Unprovable
from troth.planning.going import Going
from troth.planning.reading import Erasure, Reading, purposes_end
from troth.planning.world import field_of
from troth.stores.conditions import (
    NOTHING,
    Blank,
    Condition,
    Everything,
    Held,
    both,
    either,
    negate,
)
from troth.systems.model import MappedField, Use


def keep_held(going: Going, reading: Reading) -> None:
    if reading.hold == NOTHING or isinstance(reading.row, Unprovable) or not reading.uses:
        return
    collection = reading.collection
    ask = Ask(collection.system, collection.table, both(reading.row.find, reading.hold))
    going.made.retained.append(DraftRetained(collection.id, ask, reading.uses[0], "R-17-3-E", "Art. 17(3)(e) GDPR"))


def keep_retained(going: Going, reading: Reading) -> None:
    """What stays although something ended: rows of an erasure that a purpose keeps; rows that outlive fields."""
    collection = reading.collection
    if isinstance(going.question, Erasure):
        keep_asked(going, reading, collection.id, reading.uses)
        return
    for use in reading.uses:
        gone = [group.ends for group in reading.groups if use not in group.uses and isinstance(group.ends, Timed)]
        stays = purposes_end(going.world, collection, going.question, (use,), None, ALWAYS)
        if gone and isinstance(stays, Timed):
            found = either(*(reading.found(ends) for ends in gone))
            rows = both(found, negate(stays.find), _kept_by(going, reading, use))
            _keep(going, reading, collection.id, use, rows, Verdict(stays, "PURPOSE", ""))


def keep_asked(going: Going, reading: Reading, name: str, uses: tuple[Use, ...]) -> None:
    """What a person asked for and purposes keep, in ``name``: the collection of ``reading``, or a system done by hand
    where people are known by it."""
    if not isinstance(going.question, Erasure):
        return
    for use in uses:
        verdict = going.question.verdict(going.world, reading.collection, use, None)
        rows = both(reading.scope.find, reading.free, negate(verdict.ends.find))
        if name == reading.collection.id:
            rows = both(rows, _kept_by(going, reading, use))
        if verdict.ends != ALWAYS:
            _keep(going, reading, name, use, rows, verdict)


def _kept_by(going: Going, reading: Reading, use: Use) -> Condition:
    """Rows that a purpose keeps: all of the collection, or those that hold one of the fields it alone is about."""
    if use in going.world.row_purposes(reading.collection):
        return Everything()
    fields = [field_of(mapped.name) for group in reading.groups if use in group.uses for mapped in group.fields]
    return either(*(Held(name, Blank()) for name in fields))


def _let_go(going: Going, reading: Reading, use: Use, mapped: MappedField) -> bool:
    """True for a field that the purpose lets go at once although it keeps the row (not necessary for the contract)."""
    question = going.question
    return (
        isinstance(question, Erasure) and question.verdict(going.world, reading.collection, use, mapped).ends == ALWAYS
    )


def _keep(going: Going, reading: Reading, name: str, use: Use, rows: Condition, verdict: Verdict) -> None:
    collection = reading.collection
    going.made.want(verdict.ends.asks)
    if verdict.code == "R-TO-CONFIRM":
        reason = f"the policy leaves the legal basis of {use} to confirm, so nothing of it is erased"
        ask = Ask(collection.system, collection.table, rows)
        going.made.blocked.append(DraftBlocked(name, "TO-CONFIRM", reason, ask, (use,)))
        return
    needing = [
        mapped.name
        for group in (reading.groups if name == collection.id else ())
        for mapped in group.fields
        if use in group.uses and not _let_go(going, reading, use, mapped)
    ]
    unknown = None
    if verdict.ends.start is not None:
        unstarted = both(rows, negate(known(going.world, collection, use).find))
        unknown = Ask(collection.system, collection.table, unstarted)
    ask = Ask(collection.system, collection.table, rows, verdict.ends.start)
    going.made.retained.append(DraftRetained(name, ask, use, verdict.code, verdict.article, tuple(needing), unknown))
