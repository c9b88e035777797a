"""The tables of auth (auth.md 4). Ids are UUID version 7 as text; times are UTC.

No column holds a secret as it is: device keys, password hashes and signing keys are sealed under
the key ring, tokens are hashed, device secrets and e-mail addresses are keyed hashes.
"""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from backend.kit.database import UtcDateTime


def _time(*, nullable: bool = False) -> Column[datetime]:
    return Column(UtcDateTime, nullable=nullable)


class User(SQLModel, table=True):
    """An account."""

    __tablename__ = "auth_user"  # pyright: ignore[reportAssignmentType]
    id: str = Field(primary_key=True, max_length=36)
    username: str = Field(max_length=32)
    username_key: str = Field(max_length=32, unique=True)
    """The username in lower case; unique by it."""
    state: str = Field(max_length=10)
    """active or locked."""
    epoch: int
    """Raised to end every access token at once."""
    age_band: str = Field(max_length=10)
    """The answer to the age question. A birth date is never asked for."""
    created: datetime = Field(sa_column=_time())


class UserEmail(SQLModel, table=True):
    """A keyed hash of an address. Several accounts may claim it until one has verified it."""

    __tablename__ = "auth_user_email"  # pyright: ignore[reportAssignmentType]
    user_id: str = Field(primary_key=True, max_length=36, foreign_key="auth_user.id")
    hmac: str = Field(max_length=64, index=True)
    verified_at: datetime | None = Field(sa_column=_time(nullable=True))


class Password(SQLModel, table=True):
    """A sealed argon2id hash: without the key ring it cannot even be guessed at."""

    __tablename__ = "auth_password"  # pyright: ignore[reportAssignmentType]
    user_id: str = Field(primary_key=True, max_length=36, foreign_key="auth_user.id")
    sealed_hash: str
    changed_at: datetime = Field(sa_column=_time())


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
    is_too_young: bool
    tries: int
    """Forged proofs so far."""
    expires_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))
    used_at: datetime | None = Field(sa_column=_time(nullable=True))


class SeenSecret(SQLModel, table=True):
    """A device secret that was used; it is good once."""

    __tablename__ = "auth_seen_secret"  # pyright: ignore[reportAssignmentType]
    hmac: str = Field(primary_key=True, max_length=64)
    created: datetime = Field(sa_column=Column(UtcDateTime, nullable=False, index=True))


class Device(SQLModel, table=True):
    """A set of keys on somebody's machine. It never changes hands: a sign-in makes a new one."""

    __tablename__ = "auth_device"  # pyright: ignore[reportAssignmentType]
    id: str = Field(primary_key=True, max_length=36)
    kid: str = Field(max_length=32, unique=True)
    user_id: str = Field(max_length=36, index=True, foreign_key="auth_user.id")
    name: str = Field(max_length=80)
    platform: str = Field(max_length=80)
    leaves: str | None
    """The device's keys, sealed. They go when its session ends: then they are good for nothing."""
    created: datetime = Field(sa_column=_time())
    last_seen: datetime = Field(sa_column=_time())


class Session(SQLModel, table=True):
    """A member signed in on a device."""

    __tablename__ = "auth_session"  # pyright: ignore[reportAssignmentType]
    id: str = Field(primary_key=True, max_length=36)
    user_id: str = Field(max_length=36, index=True, foreign_key="auth_user.id")
    device_id: str = Field(max_length=36, index=True, foreign_key="auth_device.id")
    amr: str = Field(max_length=80)
    """Methods of authentication, separated by spaces (RFC 8176)."""
    acr: str = Field(max_length=10)
    auth_time: datetime = Field(sa_column=_time())
    created: datetime = Field(sa_column=_time())
    last_used: datetime = Field(sa_column=_time())
    idle_expires_at: datetime = Field(sa_column=_time())
    expires_at: datetime = Field(sa_column=_time())
    """The end even of a session that is used every day."""
    ended_at: datetime | None = Field(sa_column=Column(UtcDateTime, nullable=True, index=True))
    end_reason: str | None = Field(max_length=20)


class Refresh(SQLModel, table=True):
    """A refresh token, by its hash. The tokens of a session are a family: one theft ends it."""

    __tablename__ = "auth_refresh"  # pyright: ignore[reportAssignmentType]
    hash: str = Field(primary_key=True, max_length=64)
    session_id: str = Field(max_length=36, index=True, foreign_key="auth_session.id")
    created: datetime = Field(sa_column=_time())
    used_at: datetime | None = Field(sa_column=Column(UtcDateTime, nullable=True, index=True))
    successor: str | None
    """The next token, sealed, for whoever lost the answer that held it."""


class SigningKey(SQLModel, table=True):
    """A key that access tokens are, were or will be signed with."""

    __tablename__ = "auth_signing_key"  # pyright: ignore[reportAssignmentType]
    kid: str = Field(primary_key=True, max_length=36)
    state: str = Field(max_length=10, index=True)
    """pending, active, retiring or retired."""
    public_key: str = Field(max_length=64)
    sealed_private: str | None
    """Gone once it is retired."""
    changed_at: datetime = Field(sa_column=_time())
