"""How long each member's security log is and which line is its last; what a beginning confirms."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    count = sa.Column("log_count", sa.Integer, nullable=False, server_default="0")
    head = sa.Column("log_head", sa.String(64), nullable=False, server_default="")
    for column in (count, head):
        op.add_column("auth_user", column)
    op.add_column("auth_preauth", sa.Column("session_id", sa.String(36)))


def downgrade() -> None:
    op.drop_column("auth_preauth", "session_id")
    for name in ("log_head", "log_count"):
        op.drop_column("auth_user", name)
