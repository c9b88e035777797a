"""Where it is said: the promise of the community service."""

from typing import Annotated, Protocol

import msgspec

from backend.kit.callers import Member, Service
from backend.kit.ids import CommunityId, RoomId, UserId
from backend.kit.op import op
from backend.kit.values import Request, Value


class Room(Value):
    """A place to talk, in a community."""

    id: RoomId
    community_id: CommunityId
    name: str
    """Lower-case, unique in its community: what follows the campfire in the list."""
    topic: str


class Community(Value):
    """People with something in common, and their rooms."""

    id: CommunityId
    name: str
    description: str
    rooms: tuple[Room, ...]
    """In the order the community put them; at most 100."""


class CommunityList(Value):
    """The caller's communities, in the order they joined; at most 100."""

    communities: tuple[Community, ...]


class ListCommunities(Request):
    """Takes nothing."""


class RoomAccess(Value):
    """What a member may do in a room."""

    room_id: RoomId
    can_post: bool


class AccessList(Value):
    """The rooms the member may read. A room that is not here is, for them, not there."""

    rooms: tuple[RoomAccess, ...]


class GetAccess(Request):
    """`room_ids` of None asks for every room that the member may read."""

    user_id: UserId
    room_ids: Annotated[tuple[RoomId, ...], msgspec.Meta(max_length=100)] | None = None


class Communities(Protocol):
    """Communities, rooms and membership."""

    @op("GET", "/community/v1/communities")
    async def list_communities(self, caller: Member, request: ListCommunities) -> CommunityList:
        """The communities the caller is in, each with the rooms they may read.

        A call that overtakes the event of the registration waits for it up to two seconds. Raises
        UnavailableError when the caller still is in no community.
        """
        ...

    @op("POST", "/internal/community/v1/access", allow=("messaging",))
    async def get_access(self, caller: Service, request: GetAccess) -> AccessList:
        """Which rooms a member may read and post in; messaging asks before it lets anyone in.

        At most 1,000 rooms. For somebody who is in no community it waits up to two seconds for the
        event of their registration, and then finds no rooms.
        """
        ...
