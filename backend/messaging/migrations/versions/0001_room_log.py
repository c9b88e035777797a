"""The rooms' logs."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime
from backend.kit.events import create_outbox_table

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "messaging_room",
        sa.Column("room_id", sa.String(64), primary_key=True),
        sa.Column("epoch", sa.String(36), nullable=False),
        sa.Column("head_seq", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "messaging_event",
        sa.Column("room_id", sa.String(64), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("message_id", sa.String(36), nullable=False),
    )
    op.create_table(
        "messaging_message",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("room_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("author_id", sa.String(36), nullable=False),
        sa.Column("device_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("sent_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("device_id", "client_id", name="messaging_message_sent_once"),
    )
    op.create_index("messaging_message_by_seq", "messaging_message", ["room_id", "seq"], unique=True)
    create_outbox_table(op, "messaging")


def downgrade() -> None:
    for table in ("outbox", "message", "event", "room"):
        op.drop_table(f"messaging_{table}")
