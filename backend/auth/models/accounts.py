"""Accounts, and what they are known by."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from backend.auth.models.columns import time_column


class User(SQLModel, table=True):
    """An account."""

    __tablename__ = "auth_user"  # pyright: ignore[reportAssignmentType]
    id: str = Field(primary_key=True, max_length=36)
    username: str = Field(max_length=32)
    username_key: str = Field(max_length=32, unique=True)
    """The username in lower case; unique by it."""
    state: str = Field(max_length=10)
    """active, suspended, banned or deleting."""
    state_until: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    """When a suspension ends, or when the account is deleted for good."""
    state_reason: str = Field(default="", max_length=400)
    """What the member is told about it."""
    epoch: int
    """Raised to end every access token at once."""
    age_band: str = Field(max_length=10)
    """The answer to the age question. A birth date is never asked for."""
    is_bot: bool = False
    owner_id: str | None = Field(default=None, max_length=36, index=True)
    """Whose bot it is."""
    seen_events: int = 0
    """The last line of the security log that the member has looked at."""
    log_count: int = 0
    """How many lines the security log has."""
    log_head: str = Field(default="", max_length=64)
    """A keyed hash of that number and of the last line: a log that was cut off does not fit."""
    created: datetime = Field(sa_column=time_column())


class UserEmail(SQLModel, table=True):
    """A keyed hash of an address. Several accounts may claim it until one has verified it."""

    __tablename__ = "auth_user_email"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        sa.Index(
            "ix_auth_user_email_verified",
            "hmac",
            unique=True,
            sqlite_where=sa.text("verified_at IS NOT NULL"),
            postgresql_where=sa.text("verified_at IS NOT NULL"),
        ),
    )
    user_id: str = Field(primary_key=True, max_length=36, foreign_key="auth_user.id")
    hmac: str = Field(max_length=64, index=True)
    sealed_address: str | None = None
    """The address itself, sealed; only if the member wants mail."""
    verified_at: datetime | None = Field(sa_column=time_column(nullable=True))


class PendingEmail(SQLModel, table=True):
    """An address that a member wants to have, and that waits for the code sent to it."""

    __tablename__ = "auth_pending_email"  # pyright: ignore[reportAssignmentType]
    user_id: str = Field(primary_key=True, max_length=36, foreign_key="auth_user.id")
    hmac: str = Field(max_length=64, index=True)
    sealed_address: str | None = None
    """The address itself, sealed; only if the member wants mail."""
    code_hmac: str | None = Field(default=None, max_length=64)
    code_tries: int = 0
    code_expires_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))


class Password(SQLModel, table=True):
    """A sealed argon2id hash: without the key ring it cannot even be guessed at."""

    __tablename__ = "auth_password"  # pyright: ignore[reportAssignmentType]
    user_id: str = Field(primary_key=True, max_length=36, foreign_key="auth_user.id")
    sealed_hash: str
    is_short: bool = False
    """Whether it has fewer than 15 characters, which takes a second factor beside it."""
    changed_at: datetime = Field(sa_column=time_column())


class UserRole(SQLModel, table=True):
    """A role of an account in the whole house."""

    __tablename__ = "auth_user_role"  # pyright: ignore[reportAssignmentType]
    user_id: str = Field(primary_key=True, max_length=36, foreign_key="auth_user.id")
    role: str = Field(primary_key=True, max_length=20)
    granted_by: str | None = Field(max_length=36)
    granted_at: datetime = Field(sa_column=time_column())


class ProviderUser(SQLModel, table=True):
    """An account elsewhere that opens an account here. Known by issuer and subject, never by mail.

    Nothing that the provider gave us to call it with is kept.
    """

    __tablename__ = "auth_provider_user"  # pyright: ignore[reportAssignmentType]
    issuer: str = Field(primary_key=True, max_length=200)
    subject: str = Field(primary_key=True, max_length=255)
    provider: str = Field(max_length=20)
    user_id: str = Field(max_length=36, index=True, foreign_key="auth_user.id")
    username_hint: str = Field(max_length=80)
    """What it is called there, for the member to tell one from another."""
    linked_at: datetime = Field(sa_column=time_column())
