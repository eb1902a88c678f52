"""A run that is asked to stop is asked here, so that it may be asked from another machine."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    op.create_table(
        "stops",
        sa.Column("plan", sa.String(64), sa.ForeignKey("plans.id"), primary_key=True),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", sa.String(27), nullable=False),
    )
