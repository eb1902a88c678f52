"""Holds: deletion is suspended for some people, or a whole collection, until someone lifts it or its last day passes.

A hold never re-enables a use of the data. Its keys point at people; lifting deletes them and keeps the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, insert, select, update

from troth.core.errors import InputError, Refused
from troth.core.ids import uuid7
from troth.state.database import Connection
from troth.state.keysets import Key, pack, unpack
from troth.state.tables import holds as holds_table

SHORTEST_PREFIX = 6


@dataclass(frozen=True, slots=True)
class Scope:
    """What is held. ``collection`` is ``system.collection``; ``keys`` the people in it, None for all of it; only what
    serves ``processing`` when one is named."""

    collection: str
    keys: tuple[Key, ...] | None = None
    processing: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, in words and by which article, and until when: ``until`` is the last day it holds by itself;
    on ``review_on`` someone must look again, and it goes on holding until lifted. One of the two is needed."""

    why: str
    article: str
    until: date | None = None
    review_on: date | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as it was placed, and how it was lifted. After lifting, ``scope.keys`` is empty; ``people`` still says
    how many there were (None: the whole collection)."""

    id: str
    placed_by: str
    placed_at: datetime
    reason: Reason
    scope: Scope
    people: int | None
    lifted_by: str | None = None
    lifted_at: datetime | None = None
    lifted_why: str | None = None


def place(conn: Connection, by: str, at: datetime, reason: Reason, scope: Scope) -> Hold:
    """Suspend deletion for ``scope`` from now on. Raises ``InputError`` without an end or a date to review it, and
    for a hold on nobody."""
    if reason.until is None and reason.review_on is None:
        raise InputError(
            "a hold needs its last day or a day to review it",
            hint="a hold that nobody ever looks at keeps data without a reason",
            code="HOLD-DATE",
        )
    if scope.keys is not None and not scope.keys:
        raise InputError(
            "the hold is on nobody", hint="name the people, or hold the whole collection", code="HOLD-NOBODY"
        )
    people = None if scope.keys is None else len(scope.keys)
    hold = Hold(str(uuid7(at)), by, at, reason, scope, people)
    conn.execute(
        insert(holds_table).values(
            id=hold.id,
            placed_by=by,
            placed_at=at,
            why=reason.why,
            article=reason.article,
            until=reason.until,
            review_on=reason.review_on,
            collection=scope.collection,
            processing=scope.processing,
            keys=None if scope.keys is None else pack(scope.keys),
            key_count=people,
        )
    )
    return hold


def lift(conn: Connection, hold: str, by: str, at: datetime, why: str) -> Hold:
    """End a hold, named by its id or the unambiguous end of it, and delete its keys. ``State.scrub`` then empties the
    files. Raises ``InputError`` for an unknown one, ``Refused`` for one lifted before."""
    found = find(conn, hold)
    if found.lifted_at is not None:
        raise Refused(f"hold {found.id} was lifted before, on {found.lifted_at:%Y-%m-%d}", code="HOLD-LIFTED")
    values = {"lifted_by": by, "lifted_at": at, "lifted_why": why, "keys": None}
    conn.execute(update(holds_table).where(holds_table.c.id == found.id).values(values))
    return _holds(conn, holds_table.c.id == found.id)[0]


def find(conn: Connection, text: str) -> Hold:
    """The hold whose id is ``text`` or alone ends with it (ids of one day begin alike)."""
    suffix = text.strip().lower()
    if len(suffix) < SHORTEST_PREFIX or not set(suffix) <= set("0123456789abcdef-"):
        raise InputError(
            f"a hold is named by its id, or by {SHORTEST_PREFIX} or more of its last characters",
            hint="troth hold list lists them",
            code="HOLD-NAME",
        )
    found = _holds(conn, holds_table.c.id.endswith(suffix))
    if len(found) != 1:
        what = "no hold" if not found else "more than one hold"
        raise InputError(f"{what} is named {suffix}", hint="troth hold list lists them", code="HOLD-UNKNOWN")
    return found[0]


def listed(conn: Connection) -> tuple[Hold, ...]:
    """Every hold there ever was, the first placed first."""
    return _holds(conn)


def active(conn: Connection, on: date) -> tuple[Hold, ...]:
    """The holds that suspend deletion on a day: not lifted, and their last day, if they have one, not passed.

    A hold counts for any day, also one before it was placed: a plan as of the past deletes today.
    """
    table = holds_table.c
    return _holds(conn, table.lifted_at.is_(None), table.until.is_(None) | (table.until >= on))


def active_keys(conn: Connection, on: date) -> dict[str, tuple[Key, ...]]:
    """People collection → keys of everyone held on a day, each once. Holds on whole collections are not among them."""
    found: dict[str, dict[Key, None]] = {}
    for hold in active(conn, on):
        if hold.scope.keys is not None:
            found.setdefault(hold.scope.collection, {}).update(dict.fromkeys(hold.scope.keys))
    return {collection: tuple(keys) for collection, keys in found.items()}


def due_for_review(holds: Sequence[Hold], on: date) -> tuple[Hold, ...]:
    """Those that someone must look at on a day."""
    return tuple(hold for hold in holds if hold.reason.review_on is not None and hold.reason.review_on <= on)


def _holds(conn: Connection, *where: ColumnElement[bool]) -> tuple[Hold, ...]:
    query = select(holds_table).where(*where).order_by(holds_table.c.placed_at, holds_table.c.id)
    return tuple(
        Hold(
            id=row["id"],
            placed_by=row["placed_by"],
            placed_at=row["placed_at"],
            reason=Reason(row["why"], row["article"], row["until"], row["review_on"]),
            scope=Scope(row["collection"], _keys(row["keys"], row["key_count"]), row["processing"]),
            people=row["key_count"],
            lifted_by=row["lifted_by"],
            lifted_at=row["lifted_at"],
            lifted_why=row["lifted_why"],
        )
        for row in conn.execute(query).mappings()
    )


def _keys(packed: bytes | None, count: int | None) -> tuple[Key, ...] | None:
    if count is None:
        return None
    return () if packed is None else unpack(packed)
