from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from reflex.state import State

from backend.auth.contract import Redeemed, RedeemTicket
from backend.community.contract import Community, CommunityList, ListCommunities, Room
from backend.kit.callers import Member, Service
from backend.kit.clock import SystemClock
from backend.kit.errors import SosaError, UnavailableError
from backend.kit.ids import CommunityId, DeviceId, RoomId, SessionId, UserId
from backend.kit.settings import Settings
from backend.kit.tokens.errors import InvalidTokenError
from backend.kit.tokens.revocations import Revocations
from backend.profiles.contract import GetMyProfile, Profile
from sosa_app import services

CONNECTION = "connection-of-ada"
CLIENT_TOKEN = "token-of-the-tab"
FAR_FUTURE = 4_000_000_000


def member(name: str) -> Member:
    return Member(
        user_id=UserId(name),
        session_id=SessionId(f"session-of-{name}"),
        device_id=DeviceId(f"device-of-{name}"),
        roles=(),
        acr="std",
        auth_time=1,
    )


@dataclass
class Outside:
    """The services as the UI sees them: what they were asked, and what they answer."""

    asked: list[Any] = field(default_factory=list[Any])
    tickets: dict[str, Redeemed] = field(default_factory=dict[str, Redeemed])
    trouble: SosaError | None = None

    def give_ticket(self, ticket: str, name: str, expires_at: int = FAR_FUTURE) -> None:
        self.tickets[ticket] = Redeemed(member=member(name), username=name, expires_at=expires_at)

    async def redeem_ticket(self, caller: Service, request: RedeemTicket) -> Redeemed:
        self.asked.append((caller, request))
        if request.ticket not in self.tickets:
            raise InvalidTokenError("No such ticket.")
        return self.tickets.pop(request.ticket)

    async def list_communities(self, caller: Member, request: ListCommunities) -> CommunityList:
        self.asked.append((caller, request))
        if self.trouble:
            raise self.trouble
        room = Room(
            id=RoomId("r1"), community_id=CommunityId("c1"), name="general", topic="Anything."
        )
        home = Community(id=CommunityId("c1"), name="SoSa", description="Home.", rooms=(room,))
        return CommunityList(communities=(home,))

    async def get_my_profile(self, caller: Member, request: GetMyProfile) -> Profile:
        self.asked.append((caller, request))
        if self.trouble:
            raise self.trouble
        return Profile(
            user_id=caller.user_id,
            username="ada",
            nickname="Ada",
            identity="",
            face="ada",
            is_bot=False,
        )


UNAVAILABLE = UnavailableError("Somebody is asleep.")


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture
def revocations() -> Revocations:
    return Revocations(SystemClock())


@pytest.fixture(autouse=True)
def door(outside: Outside, revocations: Revocations) -> Iterator[None]:
    """The UI's door, with these services behind it."""
    house = SimpleNamespace(settings=Settings(port=3000), revocations=revocations)
    peers = SimpleNamespace(auth=outside, community=outside, profiles=outside)
    services._open.append(cast("Any", SimpleNamespace(house=house, peers=peers, app=None)))
    yield
    services._open.clear()


@pytest.fixture
def page() -> State:
    """The state behind one tab, as its first connection finds it."""
    root = State(_reflex_internal_init=True)  # pyright: ignore[reportCallIssue] - its own door
    arrive(root, CONNECTION)
    return root


def arrive(root: State, connection: str) -> None:
    """Let the next event come over this connection, as Reflex tells a state before each event."""
    router_data = {
        "token": CLIENT_TOKEN,
        "sid": connection,
        "headers": {"origin": "http://localhost:3000"},
    }
    root.router_data = root._update_router_vars(router_data, root.router_data)
