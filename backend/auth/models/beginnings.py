"""Beginnings, and the secrets that were used for them."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from backend.auth.models.columns import time_column


class Preauth(SQLModel, table=True):
    """A beginning: a device that wants to sign in or register."""

    __tablename__ = "auth_preauth"  # pyright: ignore[reportAssignmentType]
    id: str = Field(primary_key=True, max_length=36)
    kind: str = Field(max_length=10)
    kid: str = Field(max_length=32)
    leaves: str
    """The device's keys, sealed. The device secret itself is stored nowhere."""
    device_name: str = Field(max_length=80)
    device_platform: str = Field(max_length=80)
    step: str = Field(default="", max_length=20)
    """How far it has come: what is asked for next, or nothing yet."""
    user_id: str | None = Field(default=None, max_length=36)
    """Whose it has turned out to be, before they are let in."""
    session_id: str | None = Field(default=None, max_length=36)
    """Of `confirm`: the session that is to be confirmed, and no other."""
    amr: str = Field(default="", max_length=80)
    """How they proved it so far, separated by spaces (RFC 8176)."""
    provider: str | None = Field(default=None, max_length=20)
    sealed_exchange: str | None = None
    """What an answer from the provider is checked against: state, nonce, verifier."""
    sealed_pending: str | None = None
    """What waits for a code or a yes: a registration, a new address, somebody from elsewhere."""
    address_hmac: str | None = Field(default=None, max_length=64, index=True)
    """The address that the code was sent to."""
    code_hmac: str | None = Field(default=None, max_length=64)
    """The code or link token that was given out last; the one before is worthless."""
    code_tries: int = 0
    code_expires_at: datetime | None = Field(default=None, sa_column=time_column(nullable=True))
    is_too_young: bool
    tries: int
    """Forged proofs so far."""
    expires_at: datetime = Field(sa_column=time_column(index=True))
    used_at: datetime | None = Field(sa_column=time_column(nullable=True))


class SeenSecret(SQLModel, table=True):
    """A device secret that was used; it is good once."""

    __tablename__ = "auth_seen_secret"  # pyright: ignore[reportAssignmentType]
    hmac: str = Field(primary_key=True, max_length=64)
    created: datetime = Field(sa_column=time_column(index=True))
