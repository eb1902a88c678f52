"""Standing approvals of retention plans: who gave them, for which revision of both files, up to which ceilings.

At most one is not withdrawn. Whether it still fits (its last day, the files) is judged by whoever uses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, insert, select, update

from troth.state.database import Connection
from troth.state.tables import standing_approvals as table


@dataclass(frozen=True, slots=True)
class StandingApproval:
    """``entry`` is its number in the log, and names it. ``max_rows``: of one plan in all; ``max_share``: millionths of
    a collection's rows; ``until``: the last day it counts."""

    entry: int
    actor: str
    at: datetime
    policy: str
    systems: str
    max_rows: int
    max_share: int
    until: date
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None


def add(conn: Connection, given: StandingApproval) -> None:
    """Write one down; the one before must have been withdrawn."""
    conn.execute(
        insert(table).values(
            entry=given.entry,
            actor=given.actor,
            at=given.at,
            policy=given.policy,
            systems=given.systems,
            max_rows=given.max_rows,
            max_share=given.max_share,
            until=given.until,
        )
    )


def withdraw(conn: Connection, entry: int, by: str, at: datetime) -> None:
    """It counts no more from now on; the record that it was given stays."""
    conn.execute(update(table).where(table.c.entry == entry).values(withdrawn_by=by, withdrawn_at=at))


def current(conn: Connection) -> StandingApproval | None:
    """The one that nobody has withdrawn."""
    found = _approvals(conn, table.c.withdrawn_at.is_(None))
    return found[0] if found else None


def listed(conn: Connection) -> tuple[StandingApproval, ...]:
    """Every one that was ever given, the newest first."""
    return _approvals(conn)


def _approvals(conn: Connection, *where: ColumnElement[bool]) -> tuple[StandingApproval, ...]:
    query = select(table).where(*where).order_by(table.c.entry.desc())
    return tuple(StandingApproval(*row) for row in conn.execute(query))
