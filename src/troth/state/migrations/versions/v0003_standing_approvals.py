"""Standing approvals: retention plans that nobody is asked about, below ceilings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"

_MOMENT = sa.String(27)


def upgrade() -> None:
    op.create_table(
        "standing_approvals",
        sa.Column("entry", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("policy", sa.String(64), nullable=False),
        sa.Column("systems", sa.String(64), nullable=False),
        sa.Column("max_rows", sa.BigInteger, nullable=False),
        sa.Column("max_share", sa.Integer, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("withdrawn_by", sa.Text),
        sa.Column("withdrawn_at", _MOMENT),
    )
