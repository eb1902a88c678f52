"""What stays although something ended, and why: holds, and purposes that keep a row."""

from __future__ import annotations

from troth.planning.asks import Ask
from troth.planning.draft import DraftBlocked, DraftRetained
from troth.planning.ends import Verdict, released
from troth.planning.events import ALWAYS, Timed, Unprovable
from troth.planning.going import Going
from troth.planning.reading import Erasure, Reading
from troth.stores.conditions import (
    NOTHING,
    Condition,
    both,
    negate,
)
from troth.systems.model import Use


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
        for use in reading.uses:
            verdict = going.question.verdict(going.world, collection, use, None)
            rows = both(reading.scope.find, reading.free, negate(verdict.ends.find))
            if verdict.ends != ALWAYS:
                _keep(going, reading, use, rows, verdict)
    elif isinstance(reading.row, Timed):
        for group in reading.groups:
            last = next((use for use in reading.uses if use not in group.uses), None)
            if last is not None and isinstance(group.ends, Timed):
                rows = both(reading.found(group.ends), negate(reading.row.find))
                _keep(going, reading, last, rows, released(going.world, collection, last))


def _keep(going: Going, reading: Reading, use: Use, rows: Condition, verdict: Verdict) -> None:
    collection = reading.collection
    going.made.want(verdict.ends.asks)
    needing = [mapped.name for group in reading.groups if use in group.uses for mapped in group.fields]
    if verdict.code == "R-TO-CONFIRM":
        reason = f"the policy leaves the legal basis of {use} to confirm, so nothing of it is erased"
        ask = Ask(collection.system, collection.table, rows)
        going.made.blocked.append(DraftBlocked(collection.id, "TO-CONFIRM", reason, ask, (use,)))
        return
    ask = Ask(collection.system, collection.table, rows, verdict.ends.start)
    code = verdict.code or "R-17-1-A"
    going.made.retained.append(DraftRetained(collection.id, ask, use, code, verdict.article, tuple(needing)))
