"""The tables of our own database, as the code uses them. ``migrations/`` makes the same ones; a test compares."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from typing_extensions import override


class Moment(TypeDecorator[datetime]):
    """An aware instant in UTC, kept as ISO 8601 text of one fixed form so that it sorts as it happened."""

    impl = String(27)
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone is not kept")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


metadata = MetaData()

plans = Table(
    "plans",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("status", String(16), nullable=False),
    Column("note", Text, nullable=False),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("plan", String(64), ForeignKey("plans.id"), nullable=False, index=True),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("how", String(16), nullable=False),
    Column("entry", BigInteger),
)

standing_approvals = Table(
    "standing_approvals",
    metadata,
    Column("entry", BigInteger, primary_key=True, autoincrement=False),
    Column("actor", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("policy", String(64), nullable=False),
    Column("systems", String(64), nullable=False),
    Column("max_rows", BigInteger, nullable=False),
    Column("max_share", Integer, nullable=False),
    Column("until", Date, nullable=False),
    Column("withdrawn_by", Text),
    Column("withdrawn_at", Moment),
)

steps = Table(
    "steps",
    metadata,
    Column("plan", String(64), ForeignKey("plans.id"), primary_key=True),
    Column("step", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("planned", BigInteger, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("no_longer_due", BigInteger, nullable=False),
    Column("remaining", BigInteger),
    Column("status", String(24), nullable=False),
    Column("message", Text, nullable=False),
    Column("started_at", Moment),
    Column("finished_at", Moment),
)

batches = Table(
    "batches",
    metadata,
    Column("plan", String(64), primary_key=True),
    Column("step", String(64), primary_key=True),
    Column("batch", Integer, primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("replayed", Boolean, nullable=False),
    ForeignKeyConstraint(["plan", "step"], ["steps.plan", "steps.step"]),
)

keysets = Table(
    "keysets",
    metadata,
    Column("plan", String(64), ForeignKey("plans.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
)

keyset_chunks = Table(
    "keyset_chunks",
    metadata,
    Column("plan", String(64), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("keys", LargeBinary, nullable=False),
    ForeignKeyConstraint(["plan", "name"], ["keysets.plan", "keysets.name"]),
)

holds = Table(
    "holds",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("placed_by", Text, nullable=False),
    Column("placed_at", Moment, nullable=False),
    Column("why", Text, nullable=False),
    Column("article", Text, nullable=False),
    Column("until", Date),
    Column("review_on", Date),
    Column("collection", Text, nullable=False),
    Column("processing", Text),
    Column("keys", LargeBinary),
    Column("key_count", BigInteger),
    Column("lifted_by", Text),
    Column("lifted_at", Moment),
    Column("lifted_why", Text),
)

tasks = Table(
    "tasks",
    metadata,
    Column("plan", String(64), primary_key=True),
    Column("step", String(64), primary_key=True),
    Column("system", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("keyset", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("signed_by", Text),
    Column("signed_at", Moment),
    Column("statement", Text),
    ForeignKeyConstraint(["plan", "step"], ["steps.plan", "steps.step"]),
)

stops = Table(
    "stops",
    metadata,
    Column("plan", String(64), ForeignKey("plans.id"), primary_key=True),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
)

log_entries = Table(
    "log_entries",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("document", LargeBinary, nullable=False),
)

log_frontier = Table(
    "log_frontier",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("nodes", LargeBinary, nullable=False),
)

log_checkpoints = Table(
    "log_checkpoints",
    metadata,
    Column("size", Integer, primary_key=True),
    Column("note", Text, nullable=False),
    Column("signed_at", Moment, nullable=False),
)
