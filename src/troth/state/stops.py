"""Requests to stop a run after its present batch, from whichever process or machine."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select

from troth.state.database import Connection
from troth.state.tables import stops as stops_table


def ask(conn: Connection, plan: str, by: str, at: datetime) -> None:
    """The run of the plan stops before its next batch. Asking again changes nothing."""
    if not asked(conn, plan):
        conn.execute(insert(stops_table).values(plan=plan, asked_by=by, asked_at=at))


def asked(conn: Connection, plan: str) -> bool:
    """Whether somebody asked since the run began."""
    return conn.execute(select(stops_table.c.plan).where(stops_table.c.plan == plan)).one_or_none() is not None


def clear(conn: Connection, plan: str) -> None:
    """A run begins: what was asked of an earlier one is over."""
    conn.execute(delete(stops_table).where(stops_table.c.plan == plan))
