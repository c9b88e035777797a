"""What happened to an account, and what is being done with it."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from backend.auth.models.columns import time_column


class SecurityEvent(SQLModel, table=True):
    """A line of a member's security log. Each is chained to the one before by a MAC."""

    __tablename__ = "auth_security_event"  # pyright: ignore[reportAssignmentType]
    user_id: str = Field(primary_key=True, max_length=36, foreign_key="auth_user.id")
    number: int = Field(primary_key=True)
    """From 1 for each member, without gaps."""
    at: datetime = Field(sa_column=time_column())
    name: str = Field(max_length=40)
    actor_id: str = Field(max_length=36)
    """Who did it: the member, or somebody with a role."""
    device_name: str = Field(max_length=80)
    detail: str = Field(max_length=400)
    """For a person to read. Never a secret."""
    mac: str = Field(default="", max_length=64)


class PrivacyJob(SQLModel, table=True):
    """A member's data on its way out: gathered for them, or deleted."""

    __tablename__ = "auth_privacy_job"  # pyright: ignore[reportAssignmentType]
    id: str = Field(primary_key=True, max_length=36)
    user_id: str = Field(max_length=36, index=True)
    kind: str = Field(max_length=10)
    """export or delete."""
    state: str = Field(max_length=10)
    """waiting, working, done or cancelled."""
    due: datetime = Field(sa_column=time_column(index=True))
    acknowledged: str = Field(max_length=200)
    """The services that have done their part, separated by spaces."""
    created: datetime = Field(sa_column=time_column())


class PrivacyPart(SQLModel, table=True):
    """What one service has brought to an export, sealed."""

    __tablename__ = "auth_privacy_part"  # pyright: ignore[reportAssignmentType]
    job_id: str = Field(primary_key=True, max_length=36, foreign_key="auth_privacy_job.id")
    name: str = Field(primary_key=True, max_length=80)
    """Path inside of the archive."""
    sealed_content: str


class HouseCode(SQLModel, table=True):
    """A code that was shown to whoever started the house. There is one row or none."""

    __tablename__ = "auth_house_code"  # pyright: ignore[reportAssignmentType]
    name: str = Field(primary_key=True, max_length=20)
    hmac: str = Field(max_length=64)
    expires_at: datetime = Field(sa_column=time_column())


class Bot(SQLModel, table=True):
    """A bot: an account that proves itself by keys that its owner was given the secret of, once."""

    __tablename__ = "auth_bot"  # pyright: ignore[reportAssignmentType]
    user_id: str = Field(primary_key=True, max_length=36, foreign_key="auth_user.id")
    owner_id: str = Field(max_length=36, index=True, foreign_key="auth_user.id")
    device_id: str | None = Field(max_length=36)
    """The device whose keys are the present secret's."""
    created: datetime = Field(sa_column=time_column())
    revoked_at: datetime | None = Field(sa_column=time_column(nullable=True))


class Letter(SQLModel, table=True):
    """A mail that waits to be sent. It holds a code and an address, so all of it is sealed."""

    __tablename__ = "auth_letter"  # pyright: ignore[reportAssignmentType]
    id: str = Field(primary_key=True, max_length=36)
    sealed: str
    attempts: int
    due: datetime = Field(sa_column=time_column(index=True))
    expires_at: datetime = Field(sa_column=time_column())
    """When it is of no use any more."""
