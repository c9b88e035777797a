"""Sockets that another machine holds."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "messaging_connection",
        sa.Column("id", sa.String(128), primary_key=True),
        sa.Column("network", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(36)),
        sa.Column("session_id", sa.String(36)),
        sa.Column("member", sa.LargeBinary),
        sa.Column("memory", sa.LargeBinary, nullable=False),
        sa.Column("ends_at", UtcDateTime, nullable=False),
    )
    op.create_index("messaging_connection_by_end", "messaging_connection", ["ends_at"])
    for column in ("network", "user_id", "session_id"):
        op.create_index(f"ix_messaging_connection_{column}", "messaging_connection", [column])
    op.create_table(
        "messaging_presence",
        sa.Column("room_id", sa.String(64), primary_key=True),
        sa.Column("connection_id", sa.String(128), primary_key=True),
        sa.Column("user_id", sa.String(36), nullable=False),
    )
    op.create_index(
        "ix_messaging_presence_connection_id", "messaging_presence", ["connection_id"]
    )


def downgrade() -> None:
    op.drop_table("messaging_presence")
    op.drop_table("messaging_connection")
