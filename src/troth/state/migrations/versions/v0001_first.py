"""The first form: plans, progress, key sets, holds, tasks and the log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None

_MOMENT = sa.String(27)


def upgrade() -> None:
    op.create_table(
        "plans",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "approvals",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("plan", sa.String(64), sa.ForeignKey("plans.id"), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("how", sa.String(16), nullable=False),
        sa.Column("entry", sa.BigInteger),
    )
    op.create_index("ix_approvals_plan", "approvals", ["plan"])
    _progress()
    _keys()
    _holds()
    _log()


def _progress() -> None:
    op.create_table(
        "steps",
        sa.Column("plan", sa.String(64), sa.ForeignKey("plans.id"), primary_key=True),
        sa.Column("step", sa.String(64), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("planned", sa.BigInteger, nullable=False),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("no_longer_due", sa.BigInteger, nullable=False),
        sa.Column("remaining", sa.BigInteger),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("started_at", _MOMENT),
        sa.Column("finished_at", _MOMENT),
    )
    op.create_table(
        "batches",
        sa.Column("plan", sa.String(64), primary_key=True),
        sa.Column("step", sa.String(64), primary_key=True),
        sa.Column("batch", sa.Integer, primary_key=True),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("replayed", sa.Boolean, nullable=False),
        sa.ForeignKeyConstraint(["plan", "step"], ["steps.plan", "steps.step"]),
    )
    op.create_table(
        "tasks",
        sa.Column("plan", sa.String(64), primary_key=True),
        sa.Column("step", sa.String(64), primary_key=True),
        sa.Column("system", sa.Text, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("keyset", sa.Text, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("signed_by", sa.Text),
        sa.Column("signed_at", _MOMENT),
        sa.Column("statement", sa.Text),
        sa.ForeignKeyConstraint(["plan", "step"], ["steps.plan", "steps.step"]),
    )


def _keys() -> None:
    op.create_table(
        "keysets",
        sa.Column("plan", sa.String(64), sa.ForeignKey("plans.id"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "keyset_chunks",
        sa.Column("plan", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True),
        sa.Column("keys", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["plan", "name"], ["keysets.plan", "keysets.name"]),
    )


def _holds() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("placed_by", sa.Text, nullable=False),
        sa.Column("placed_at", _MOMENT, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("article", sa.Text, nullable=False),
        sa.Column("until", sa.Date),
        sa.Column("review_on", sa.Date),
        sa.Column("collection", sa.Text, nullable=False),
        sa.Column("processing", sa.Text),
        sa.Column("keys", sa.LargeBinary),
        sa.Column("key_count", sa.BigInteger),
        sa.Column("lifted_by", sa.Text),
        sa.Column("lifted_at", _MOMENT),
        sa.Column("lifted_why", sa.Text),
    )


def _log() -> None:
    op.create_table(
        "log_entries",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("document", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "log_frontier",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("nodes", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "log_checkpoints",
        sa.Column("size", sa.Integer, primary_key=True),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("signed_at", _MOMENT, nullable=False),
    )
