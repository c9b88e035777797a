"""Messages change: edits, deletions, reactions, replies and pins."""

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0003"
down_revision = "0002"

_ADDED = (
    ("rev", sa.BigInteger),
    ("edited_at", UtcDateTime),
    ("deleted_at", UtcDateTime),
    ("pinned_at", UtcDateTime),
    ("reply_to", sa.String(36)),
    ("thread_id", sa.String(36)),
)


def upgrade() -> None:
    for name, kind in _ADDED:
        is_counted = name == "rev"
        column = sa.Column(
            name, kind, nullable=not is_counted, server_default="0" if is_counted else None
        )
        op.add_column("messaging_message", column)
    _index("messaging_message_by_thread", ["thread_id", "seq"])
    _index("messaging_message_by_pin", ["room_id", "pinned_at"], "pinned_at")
    op.create_table(
        "messaging_revision",
        sa.Column("message_id", sa.String(36), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("until", UtcDateTime, nullable=False),
    )
    op.create_table(
        "messaging_reaction",
        sa.Column("message_id", sa.String(36), primary_key=True),
        sa.Column("emoji", sa.String(32), primary_key=True),
        sa.Column("user_id", sa.String(36), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
    op.create_index("messaging_reaction_by_user", "messaging_reaction", ["user_id"])
    op.create_table(
        "messaging_deed",
        sa.Column("device_id", sa.String(64), primary_key=True),
        sa.Column("client_id", sa.String(64), primary_key=True),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("room_id", sa.String(64), nullable=False),
        sa.Column("message_id", sa.String(36), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("done_at", UtcDateTime, nullable=False),
    )
    op.create_index("messaging_deed_by_user", "messaging_deed", ["user_id"])


def downgrade() -> None:
    for table in ("deed", "reaction", "revision"):
        op.drop_table(f"messaging_{table}")
    for name in ("thread", "pin"):
        op.drop_index(f"messaging_message_by_{name}", "messaging_message")
    with op.batch_alter_table("messaging_message") as table:
        for name, _ in _ADDED:
            table.drop_column(name)


def _index(name: str, columns: list[str], wanted: str | None = None) -> None:
    # Most messages are in no thread and on no pin board, and need no entry there.
    only = sa.text(f"{wanted or columns[0]} IS NOT NULL")
    op.create_index(name, "messaging_message", columns, sqlite_where=only, postgresql_where=only)
