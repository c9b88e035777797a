"""Devices, sessions and their refresh tokens."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from backend.auth.models.columns import time_column


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
    created: datetime = Field(sa_column=time_column())
    last_seen: datetime = Field(sa_column=time_column())


class Session(SQLModel, table=True):
    """A member signed in on a device."""

    __tablename__ = "auth_session"  # pyright: ignore[reportAssignmentType]
    id: str = Field(primary_key=True, max_length=36)
    user_id: str = Field(max_length=36, index=True, foreign_key="auth_user.id")
    device_id: str = Field(max_length=36, index=True, foreign_key="auth_device.id")
    amr: str = Field(max_length=80)
    """Methods of authentication, separated by spaces (RFC 8176)."""
    acr: str = Field(max_length=10)
    auth_time: datetime = Field(sa_column=time_column())
    created: datetime = Field(sa_column=time_column())
    last_used: datetime = Field(sa_column=time_column())
    idle_expires_at: datetime = Field(sa_column=time_column())
    expires_at: datetime = Field(sa_column=time_column())
    """The end even of a session that is used every day."""
    ended_at: datetime | None = Field(sa_column=time_column(nullable=True, index=True))
    end_reason: str | None = Field(max_length=20)


class Refresh(SQLModel, table=True):
    """A refresh token, by its hash. The tokens of a session are a family: one theft ends it."""

    __tablename__ = "auth_refresh"  # pyright: ignore[reportAssignmentType]
    hash: str = Field(primary_key=True, max_length=64)
    session_id: str = Field(max_length=36, index=True, foreign_key="auth_session.id")
    created: datetime = Field(sa_column=time_column())
    used_at: datetime | None = Field(sa_column=time_column(nullable=True, index=True))
    successor: str | None
    """The next token, sealed, for whoever lost the answer that held it."""
