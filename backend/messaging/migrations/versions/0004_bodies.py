"""Messages are read before they are written, and what was read is kept beside the text."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("messaging_message", sa.Column("body", sa.LargeBinary, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("messaging_message") as table:
        table.drop_column("body")
