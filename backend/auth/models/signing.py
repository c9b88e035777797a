"""Signing keys."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from backend.auth.models.columns import time_column


class SigningKey(SQLModel, table=True):
    """A key that access tokens are, were or will be signed with."""

    __tablename__ = "auth_signing_key"  # pyright: ignore[reportAssignmentType]
    kid: str = Field(primary_key=True, max_length=36)
    state: str = Field(max_length=10, index=True)
    """pending, active, retiring or retired."""
    public_key: str = Field(max_length=64)
    sealed_private: str | None
    """Gone once it is retired."""
    changed_at: datetime = Field(sa_column=time_column())
