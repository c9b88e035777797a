"""Communities, rooms and memberships as they are kept. Nobody else reads these tables."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from backend.community.contract import Room
from backend.kit.database import UtcDateTime
from backend.kit.ids import CommunityId, RoomId

_COMMUNITY = "community_community.id"


class CommunityRow(SQLModel, table=True):
    """People with something in common."""

    __tablename__ = "community_community"  # pyright: ignore[reportAssignmentType]

    id: str = Field(sa_column=Column(String(36), primary_key=True))
    name: str = Field(sa_column=Column(String(64), nullable=False))
    description: str = Field(sa_column=Column(String(500), nullable=False))


class RoomRow(SQLModel, table=True):
    """A place to talk, at its position among the rooms of its community."""

    __tablename__ = "community_room"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("community_id", "name", name="community_room_name_once"),
        UniqueConstraint("community_id", "position", name="community_room_position_once"),
    )

    id: str = Field(sa_column=Column(String(36), primary_key=True))
    community_id: str = Field(sa_column=Column(String(36), ForeignKey(_COMMUNITY), nullable=False))
    name: str = Field(sa_column=Column(String(64), nullable=False))
    topic: str = Field(sa_column=Column(String(200), nullable=False))
    position: int = Field(sa_column=Column(Integer, nullable=False))

    def to_room(self) -> Room:
        """The row as members see it."""
        return Room(
            id=RoomId(self.id),
            community_id=CommunityId(self.community_id),
            name=self.name,
            topic=self.topic,
        )


class MembershipRow(SQLModel, table=True):
    """Somebody is in a community, once."""

    __tablename__ = "community_membership"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("community_membership_by_user", "user_id", "joined_at"),)

    community_id: str = Field(
        sa_column=Column(String(36), ForeignKey(_COMMUNITY), primary_key=True)
    )
    user_id: str = Field(sa_column=Column(String(36), primary_key=True))
    joined_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
