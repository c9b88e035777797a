"""Communities, their rooms, and who is in them."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime
from backend.kit.events import create_outbox_table

revision = "0001"
down_revision = None

COMMUNITY = "community_community.id"


def upgrade() -> None:
    op.create_table(
        "community_community",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("description", sa.String(500), nullable=False),
    )
    op.create_table(
        "community_room",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("community_id", sa.String(36), sa.ForeignKey(COMMUNITY), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("topic", sa.String(200), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.UniqueConstraint("community_id", "name", name="community_room_name_once"),
        sa.UniqueConstraint("community_id", "position", name="community_room_position_once"),
    )
    op.create_table(
        "community_membership",
        sa.Column("community_id", sa.String(36), sa.ForeignKey(COMMUNITY), primary_key=True),
        sa.Column("user_id", sa.String(36), primary_key=True),
        sa.Column("joined_at", UtcDateTime, nullable=False),
    )
    op.create_index("community_membership_by_user", "community_membership", ["user_id", "joined_at"])
    create_outbox_table(op, "community")


def downgrade() -> None:
    for table in ("outbox", "membership", "room", "community"):
        op.drop_table(f"community_{table}")
