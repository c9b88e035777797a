"""Pictures and files."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "messaging_file",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("device_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("claimed_type", sa.String(128), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("begun_at", UtcDateTime, nullable=False),
        sa.Column("collect_at", UtcDateTime),
        sa.Column("room_id", sa.String(64)),
        sa.Column("message_id", sa.String(36)),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("media_type", sa.String(64), nullable=False),
        sa.Column("alt", sa.String(500), nullable=False),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("is_moving", sa.Boolean, nullable=False),
        sa.Column("placeholder", sa.String(1024), nullable=False),
        sa.Column("variants", sa.String(64), nullable=False),
        sa.UniqueConstraint("device_id", "client_id", name="messaging_file_begun_once"),
    )
    op.add_column(
        "messaging_message",
        sa.Column("file_count", sa.Integer, nullable=False, server_default="0"),
    )
    op.create_index("messaging_file_by_message", "messaging_file", ["message_id", "place"])
    op.create_index("messaging_file_by_owner", "messaging_file", ["user_id", "begun_at"])
    op.create_index("messaging_file_by_end", "messaging_file", ["collect_at"])


def downgrade() -> None:
    with op.batch_alter_table("messaging_message") as table:
        table.drop_column("file_count")
    op.drop_table("messaging_file")
