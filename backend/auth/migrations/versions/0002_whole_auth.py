"""Second factors, other providers, mail, roles, bots, the security log and privacy jobs."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime

revision = "0002"
down_revision = "0001"

NEW_COLUMNS = {
    "auth_user": ("state_until", "state_reason", "is_bot", "owner_id", "seen_events"),
    "auth_user_email": ("sealed_address",),
    "auth_password": ("is_short",),
    "auth_preauth": (
        "step", "user_id", "amr", "provider", "sealed_exchange", "sealed_pending", "address_hmac",
        "code_hmac", "code_tries", "code_expires_at",
    ),
}  # fmt: skip
NEW_TABLES = (
    "house_code", "bot", "privacy_part", "privacy_job", "security_event", "recovery_code",
    "passkey", "totp", "provider_user", "user_role", "pending_email", "letter",
)  # fmt: skip


def _time(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, UtcDateTime, nullable=nullable)


def _text(
    name: str, length: int | None = None, *, nullable: bool = False, primary: bool = False
) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=nullable, primary_key=primary)


def _user(name: str = "user_id", *, primary: bool = False) -> sa.Column[Any]:
    key = sa.ForeignKey("auth_user.id")
    return sa.Column(name, sa.String(36), key, nullable=False, primary_key=primary)


def upgrade() -> None:
    _widen()
    _create_names()
    _create_factors()
    _create_records()
    _create_mail()


def _widen() -> None:
    _add(
        "auth_user",
        _time("state_until", nullable=True),
        _filled("state_reason", sa.String(400), ""),
        _filled("is_bot", sa.Boolean, sa.false()),
        _text("owner_id", 36, nullable=True),
        _filled("seen_events", sa.Integer, "0"),
    )
    op.create_index("ix_auth_user_owner_id", "auth_user", ["owner_id"])
    _add("auth_user_email", _text("sealed_address", nullable=True))
    _add("auth_password", _filled("is_short", sa.Boolean, sa.false()))
    _add(
        "auth_preauth",
        _filled("step", sa.String(20), ""),
        _text("user_id", 36, nullable=True),
        _filled("amr", sa.String(80), ""),
        _text("provider", 20, nullable=True),
        _text("sealed_exchange", nullable=True),
        _text("sealed_pending", nullable=True),
        _text("address_hmac", 64, nullable=True),
        *_code(),
    )
    op.create_index("ix_auth_preauth_address_hmac", "auth_preauth", ["address_hmac"])
    is_verified = sa.text("verified_at IS NOT NULL")
    op.create_index(
        "ix_auth_user_email_verified",
        "auth_user_email",
        ["hmac"],
        unique=True,
        sqlite_where=is_verified,
        postgresql_where=is_verified,
    )


def _code() -> tuple[sa.Column[Any], ...]:
    return (
        _text("code_hmac", 64, nullable=True),
        _filled("code_tries", sa.Integer, "0"),
        _time("code_expires_at", nullable=True),
    )


def _add(table: str, *columns: sa.Column[Any]) -> None:
    for column in columns:
        op.add_column(table, column)


def _filled(name: str, kind: Any, value: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default=value)


def _create_names() -> None:
    op.create_table(
        "auth_user_role",
        _user(primary=True),
        _text("role", 20, primary=True),
        _text("granted_by", 36, nullable=True),
        _time("granted_at"),
    )
    op.create_table(
        "auth_provider_user",
        _text("issuer", 200, primary=True),
        _text("subject", 255, primary=True),
        _text("provider", 20),
        _user(),
        _text("username_hint", 80),
        _time("linked_at"),
    )
    op.create_index("ix_auth_provider_user_user_id", "auth_provider_user", ["user_id"])


def _create_factors() -> None:
    op.create_table(
        "auth_totp",
        _user(primary=True),
        _text("sealed_secret"),
        _time("created"),
        _time("confirmed_at", nullable=True),
        sa.Column("last_step", sa.Integer, nullable=False),
    )
    op.create_table(
        "auth_passkey",
        _text("id", 36, primary=True),
        _user(),
        sa.Column("credential_id", sa.String(1400), nullable=False, unique=True),
        _text("public_key"),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("is_backed_up", sa.Boolean, nullable=False),
        _text("transports", 80),
        _text("name", 80),
        _time("created"),
        _time("last_used", nullable=True),
    )
    op.create_index("ix_auth_passkey_user_id", "auth_passkey", ["user_id"])
    op.create_table(
        "auth_recovery_code",
        _text("id", 36, primary=True),
        _user(),
        _text("code_hash"),
        _time("used_at", nullable=True),
    )
    op.create_index("ix_auth_recovery_code_user_id", "auth_recovery_code", ["user_id"])


def _create_records() -> None:
    op.create_table(
        "auth_security_event",
        _user(primary=True),
        sa.Column("number", sa.Integer, primary_key=True),
        _time("at"),
        _text("name", 40),
        _text("actor_id", 36),
        _text("device_name", 80),
        _text("detail", 400),
        _text("mac", 64),
    )
    op.create_table(
        "auth_privacy_job",
        _text("id", 36, primary=True),
        _text("user_id", 36),
        _text("kind", 10),
        _text("state", 10),
        _time("due"),
        _text("acknowledged", 200),
        _time("created"),
    )
    for column in ("user_id", "due"):
        op.create_index(f"ix_auth_privacy_job_{column}", "auth_privacy_job", [column])
    op.create_table(
        "auth_privacy_part",
        sa.Column("job_id", sa.String(36), sa.ForeignKey("auth_privacy_job.id"), primary_key=True),
        _text("name", 80, primary=True),
        _text("sealed_content"),
    )
    op.create_table(
        "auth_bot",
        _user(primary=True),
        _user("owner_id"),
        _text("device_id", 36, nullable=True),
        _time("created"),
        _time("revoked_at", nullable=True),
    )
    op.create_index("ix_auth_bot_owner_id", "auth_bot", ["owner_id"])
    op.create_table(
        "auth_house_code",
        _text("name", 20, primary=True),
        _text("hmac", 64),
        _time("expires_at"),
    )


def _create_mail() -> None:
    op.create_table(
        "auth_pending_email",
        _user(primary=True),
        _text("hmac", 64),
        _text("sealed_address", nullable=True),
        *_code(),
    )
    op.create_index("ix_auth_pending_email_hmac", "auth_pending_email", ["hmac"])
    op.create_table(
        "auth_letter",
        _text("id", 36, primary=True),
        _text("sealed"),
        sa.Column("attempts", sa.Integer, nullable=False),
        _time("due"),
        _time("expires_at"),
    )
    op.create_index("ix_auth_letter_due", "auth_letter", ["due"])


def downgrade() -> None:
    for table in NEW_TABLES:
        op.drop_table(f"auth_{table}")
    op.drop_index("ix_auth_user_email_verified", "auth_user_email")
    op.drop_index("ix_auth_preauth_address_hmac", "auth_preauth")
    op.drop_index("ix_auth_user_owner_id", "auth_user")
    for table, columns in NEW_COLUMNS.items():
        for column in columns:
            op.drop_column(table, column)
