"""Second factors."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from backend.auth.models.columns import time_column


class Totp(SQLModel, table=True):
    """A generator of codes on somebody's phone (RFC 6238)."""

    __tablename__ = "auth_totp"  # pyright: ignore[reportAssignmentType]
    user_id: str = Field(primary_key=True, max_length=36, foreign_key="auth_user.id")
    sealed_secret: str
    created: datetime = Field(sa_column=time_column())
    confirmed_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    """None until a first code has shown that the phone has it."""
    last_step: int
    """The time step of the last code that was taken; only later ones are."""


class Passkey(SQLModel, table=True):
    """A WebAuthn credential. What is kept is public."""

    __tablename__ = "auth_passkey"  # pyright: ignore[reportAssignmentType]
    id: str = Field(primary_key=True, max_length=36)
    user_id: str = Field(max_length=36, index=True, foreign_key="auth_user.id")
    credential_id: str = Field(max_length=1400, unique=True)
    """Base64url, 1023 bytes at most."""
    public_key: str
    """COSE, base64url."""
    sign_count: int = Field(sa_type=BigInteger)
    is_backed_up: bool
    transports: str = Field(max_length=80)
    name: str = Field(max_length=80)
    created: datetime = Field(sa_column=time_column())
    last_used: datetime | None = Field(sa_column=time_column(nullable=True))


class RecoveryCode(SQLModel, table=True):
    """A code for when the phone is gone. Good once."""

    __tablename__ = "auth_recovery_code"  # pyright: ignore[reportAssignmentType]
    id: str = Field(primary_key=True, max_length=36)
    user_id: str = Field(max_length=36, index=True, foreign_key="auth_user.id")
    code_hash: str
    """Keyed, so that a dump alone cannot even be guessed at."""
    used_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
