"""Accounts, beginnings, devices, sessions and signing keys."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from backend.kit.database import UtcDateTime
from backend.kit.events import create_outbox_table

revision = "0001"
down_revision = None


def _time(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, UtcDateTime, nullable=nullable)


def _text(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=False)


def _key(name: str, length: int = 36) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), primary_key=True)


def _of(name: str, target: str, *, primary: bool = False) -> sa.Column[Any]:
    return sa.Column(
        name, sa.String(36), sa.ForeignKey(f"{target}.id"), nullable=False, primary_key=primary
    )


def upgrade() -> None:
    _create_accounts()
    _create_beginnings()
    _create_sessions()
    op.create_table(
        "auth_signing_key",
        _key("kid"),
        _text("state", 10),
        _text("public_key", 64),
        sa.Column("sealed_private", sa.String, nullable=True),
        _time("changed_at"),
    )
    op.create_index("ix_auth_signing_key_state", "auth_signing_key", ["state"])
    create_outbox_table(op, "auth")


def _create_accounts() -> None:
    op.create_table(
        "auth_user",
        _key("id"),
        _text("username", 32),
        sa.Column("username_key", sa.String(32), nullable=False, unique=True),
        _text("state", 10),
        sa.Column("epoch", sa.Integer, nullable=False),
        _text("age_band", 10),
        _time("created"),
    )
    op.create_table(
        "auth_user_email",
        _of("user_id", "auth_user", primary=True),
        _text("hmac", 64),
        _time("verified_at", nullable=True),
    )
    op.create_index("ix_auth_user_email_hmac", "auth_user_email", ["hmac"])
    op.create_table(
        "auth_password",
        _of("user_id", "auth_user", primary=True),
        sa.Column("sealed_hash", sa.String, nullable=False),
        _time("changed_at"),
    )


def _create_beginnings() -> None:
    op.create_table(
        "auth_preauth",
        _key("id"),
        _text("kind", 10),
        _text("kid", 32),
        sa.Column("leaves", sa.String, nullable=False),
        _text("device_name", 80),
        _text("device_platform", 80),
        sa.Column("is_too_young", sa.Boolean, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        _time("expires_at"),
        _time("used_at", nullable=True),
    )
    op.create_index("ix_auth_preauth_expires_at", "auth_preauth", ["expires_at"])
    op.create_table("auth_seen_secret", _key("hmac", 64), _time("created"))
    op.create_index("ix_auth_seen_secret_created", "auth_seen_secret", ["created"])


def _create_sessions() -> None:
    op.create_table(
        "auth_device",
        _key("id"),
        sa.Column("kid", sa.String(32), nullable=False, unique=True),
        _of("user_id", "auth_user"),
        _text("name", 80),
        _text("platform", 80),
        sa.Column("leaves", sa.String, nullable=True),
        _time("created"),
        _time("last_seen"),
    )
    op.create_index("ix_auth_device_user_id", "auth_device", ["user_id"])
    op.create_table(
        "auth_session",
        _key("id"),
        _of("user_id", "auth_user"),
        _of("device_id", "auth_device"),
        _text("amr", 80),
        _text("acr", 10),
        _time("auth_time"),
        _time("created"),
        _time("last_used"),
        _time("idle_expires_at"),
        _time("expires_at"),
        _time("ended_at", nullable=True),
        sa.Column("end_reason", sa.String(20), nullable=True),
    )
    for column in ("user_id", "device_id", "ended_at"):
        op.create_index(f"ix_auth_session_{column}", "auth_session", [column])
    op.create_table(
        "auth_refresh",
        _key("hash", 64),
        _of("session_id", "auth_session"),
        _time("created"),
        _time("used_at", nullable=True),
        sa.Column("successor", sa.String, nullable=True),
    )
    for column in ("session_id", "used_at"):
        op.create_index(f"ix_auth_refresh_{column}", "auth_refresh", [column])


def downgrade() -> None:
    for table in (
        "outbox", "signing_key", "refresh", "session", "device", "seen_secret", "preauth",
        "password", "user_email", "user",
    ):  # fmt: skip
        op.drop_table(f"auth_{table}")
