"""Which profiles are bots'."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column(
        "profiles_profile",
        sa.Column("is_bot", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    with op.batch_alter_table("profiles_profile") as table:
        table.drop_column("is_bot")
