"""What the chat page shows around the conversation: whose page it is, and the rooms."""

import reflex as rx

from backend.community.contract import ListCommunities
from backend.kit.errors import SosaError
from backend.profiles.contract import GetMyProfile
from sosa_app.services import community, profiles
from sosa_app.state.session import find_member


class Chat(rx.State):
    """The frame of the conversation. The conversation itself does not live here."""

    community: str = ""
    rooms: list[dict[str, str]] = []
    """`{id, name, topic, community}` of each room, as the live pane takes them."""
    are_rooms_known: bool = False
    me: dict[str, str] = {}
    """`{user_id, username, nickname, face}`; empty until it is known."""
    is_me_known: bool = False
    trouble: str = ""

    @rx.event
    async def load_rooms(self) -> None:
        """Show the rooms of the member's communities."""
        member = await find_member(self)
        if member is None:
            return
        try:
            found = await community().list_communities(member, ListCommunities())
        except SosaError as error:
            self.trouble = error.message
            return
        self.rooms = [
            {"id": room.id, "name": room.name, "topic": room.topic, "community": home.name}
            for home in found.communities
            for room in home.rooms
        ][:100]
        self.are_rooms_known = True
        self.community = found.communities[0].name if found.communities else ""
        self.trouble = ""

    @rx.event
    async def load_me(self) -> None:
        """Show whose page this is."""
        member = await find_member(self)
        if member is None:
            return
        try:
            mine = await profiles().get_my_profile(member, GetMyProfile())
        except SosaError as error:
            self.trouble = error.message
            return
        self.me = {
            "user_id": mine.user_id,
            "username": mine.username,
            "nickname": mine.nickname,
            "face": mine.face,
        }
        self.is_me_known = True
