"""A profile for every account."""

import sqlalchemy as sa
from alembic import op

from backend.kit.events import create_outbox_table

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "profiles_profile",
        sa.Column("user_id", sa.String(36), primary_key=True),
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("nickname", sa.String(32), nullable=False),
        sa.Column("identity", sa.String(40), nullable=False),
        sa.Column("face", sa.String(64), nullable=False),
    )
    create_outbox_table(op, "profiles")


def downgrade() -> None:
    for table in ("outbox", "profile"):
        op.drop_table(f"profiles_{table}")
