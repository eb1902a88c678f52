"""Plans that were made, what became of them, and who approved them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, get_args

from sqlalchemy import insert, select, update

from troth.core.errors import InputError, Refused
from troth.state.database import Connection
from troth.state.tables import approvals as approvals_table
from troth.state.tables import plans as plans_table

Kind: TypeAlias = Literal["retention", "erase", "access"]
Status: TypeAlias = Literal["planned", "approved", "running", "stopped", "finished", "refused"]
How: TypeAlias = Literal["prompt", "flag", "standing"]

SHORTEST_PREFIX = 6
_HEX = re.compile(r"[0-9a-f]{1,64}")
_LISTED = (
    plans_table.c.id,
    plans_table.c.kind,
    plans_table.c.made_at,
    plans_table.c.status,
    plans_table.c.note,
)


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan's row without its document. ``id`` is the SHA-256 of the document; ``note`` is for people."""

    id: str
    kind: Kind
    made_at: datetime
    status: Status
    note: str


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved which plan, when and how. ``entry`` is the number of its entry in the log."""

    plan: str
    actor: str
    at: datetime
    how: How
    entry: int | None


def save(conn: Connection, document: bytes, kind: Kind, made_at: datetime, note: str = "") -> SavedPlan:
    """Keep a plan under the SHA-256 of its document. The same plan made again is the one already kept."""
    plan = hashlib.sha256(document).hexdigest()
    known = conn.execute(select(*_LISTED).where(plans_table.c.id == plan)).one_or_none()
    if known is not None:
        return SavedPlan(*known)
    row = {"id": plan, "kind": kind, "document": document, "made_at": made_at, "status": "planned", "note": note}
    conn.execute(insert(plans_table).values(row))
    return SavedPlan(plan, kind, made_at, "planned", note)


def find(conn: Connection, text: str) -> SavedPlan:
    """The plan whose id is ``text`` or alone begins with it. Raises ``InputError``: too short, unknown, ambiguous."""
    prefix = text.strip().lower()
    if len(prefix) < SHORTEST_PREFIX or not _HEX.fullmatch(prefix):
        raise InputError(
            f"a plan is named by its id, or by {SHORTEST_PREFIX} or more of its first characters (0-9, a-f)",
            hint="troth status lists the plans",
            code="PLAN-NAME",
        )
    query = select(*_LISTED).where(plans_table.c.id.startswith(prefix)).order_by(plans_table.c.id).limit(4)
    found = [SavedPlan(*row) for row in conn.execute(query)]
    if not found:
        raise InputError(f"no plan begins with {prefix}", hint="troth status lists the plans", code="PLAN-UNKNOWN")
    if len(found) > 1:
        raise InputError(
            f"several plans begin with {prefix}: {', '.join(plan.id[:12] for plan in found[:3])}",
            hint="give more characters",
            code="PLAN-AMBIGUOUS",
        )
    return found[0]


def listed(conn: Connection) -> tuple[SavedPlan, ...]:
    """Every plan, the newest first."""
    query = select(*_LISTED).order_by(plans_table.c.made_at.desc(), plans_table.c.id)
    return tuple(SavedPlan(*row) for row in conn.execute(query))


def document(conn: Connection, plan: str) -> bytes:
    """The plan's canonical JSON. Raises ``Refused`` (``PLAN-ALTERED``) when it is no longer what its id names."""
    kept = conn.execute(select(plans_table.c.document).where(plans_table.c.id == plan)).scalar_one()
    if hashlib.sha256(kept).hexdigest() != plan:
        raise Refused(
            f"plan {plan[:12]} was altered in our own database: it is not what its id names",
            hint="do not apply it; make a new plan, and find out who can write to the state",
            code="PLAN-ALTERED",
        )
    return bytes(kept)


def set_status(conn: Connection, plan: str, status: Status, note: str | None = None) -> None:
    """Say what has become of a plan; ``note`` replaces the note when given."""
    if status not in get_args(Status):
        raise ValueError(f"not a status of a plan: {status}")
    values = {"status": status} if note is None else {"status": status, "note": note}
    if conn.execute(update(plans_table).where(plans_table.c.id == plan).values(values)).rowcount != 1:
        raise ValueError(f"no plan {plan[:12]}")


def add_approval(conn: Connection, approval: Approval) -> None:
    """Record an approval; whether it suffices is judged elsewhere."""
    conn.execute(
        insert(approvals_table).values(
            plan=approval.plan, actor=approval.actor, at=approval.at, how=approval.how, entry=approval.entry
        )
    )


def approvals(conn: Connection, plan: str) -> tuple[Approval, ...]:
    """Every approval of a plan, the first one first."""
    table = approvals_table.c
    query = select(table.plan, table.actor, table.at, table.how, table.entry).where(table.plan == plan)
    return tuple(Approval(*row) for row in conn.execute(query.order_by(table.id)))
