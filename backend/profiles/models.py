"""Profiles as they are kept. Nobody else reads these tables."""

from sqlalchemy import Boolean, Column, String
from sqlmodel import Field, SQLModel

from backend.kit.ids import UserId
from backend.profiles.contract import Profile


class ProfileRow(SQLModel, table=True):
    """How one account appears."""

    __tablename__ = "profiles_profile"  # pyright: ignore[reportAssignmentType]

    user_id: str = Field(sa_column=Column(String(36), primary_key=True))
    username: str = Field(sa_column=Column(String(64), nullable=False))
    nickname: str = Field(sa_column=Column(String(32), nullable=False))
    identity: str = Field(sa_column=Column(String(40), nullable=False))
    face: str = Field(sa_column=Column(String(64), nullable=False))

    is_bot: bool = Field(sa_column=Column(Boolean, nullable=False))

    def to_profile(self) -> Profile:
        """The row as others see it."""
        return Profile(
            user_id=UserId(self.user_id),
            username=self.username,
            nickname=self.nickname,
            identity=self.identity,
            face=self.face,
            is_bot=self.is_bot,
        )
