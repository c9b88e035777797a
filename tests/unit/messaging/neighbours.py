"""The services next door, who say what a test wants them to say, and the cast."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.auth.contract import Redeemed, RedeemTicket
from backend.community.contract import AccessList, GetAccess, RoomAccess
from backend.kit.callers import Member, Service
from backend.kit.channels import Together
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.kit.errors import ForbiddenError, UnauthenticatedError
from backend.kit.ids import DeviceId, RoomId, SessionId, UserId
from backend.kit.keyring import Keyring, fresh_keys
from backend.kit.push import Push
from backend.kit.settings import Settings
from backend.kit.tokens.revocations import Revocations
from backend.messaging.contract import Draft, Send
from backend.messaging.service import MessagingService, build

MEADOW = RoomId("meadow")
POND = RoomId("pond")
CAVE = RoomId("cave")


def member(name: str, device: str = "laptop") -> Member:
    return Member(
        user_id=UserId(name),
        session_id=SessionId(f"{name}-{device}-session"),
        device_id=DeviceId(f"{name}-{device}"),
        roles=("member",),
        acr="std",
        auth_time=0,
    )


ADA = member("ada")
BEN = member("ben")
CLEO = member("cleo")


class Community:
    """Knows who may read and who may post. The meadow and the pond are everyone's."""

    def __init__(self) -> None:
        self.access: dict[tuple[str, RoomId], bool] = {
            (who.user_id, room): True for who in (ADA, BEN, CLEO) for room in (MEADOW, POND)
        }

    def admit(self, who: Member, room: RoomId, *, can_post: bool = True) -> None:
        self.access[who.user_id, room] = can_post

    def expel(self, who: Member, room: RoomId) -> None:
        del self.access[who.user_id, room]

    async def get_access(self, caller: Service, request: GetAccess) -> AccessList:
        if caller.name != "messaging":
            raise ForbiddenError("That service may not do this.")
        return AccessList(
            rooms=tuple(
                RoomAccess(room_id=room, can_post=can_post)
                for (user, room), can_post in self.access.items()
                if user == request.user_id
                and (request.room_ids is None or room in request.room_ids)
            )
        )


@dataclass
class Tickets:
    """Redeems a ticket `<name>` once, for a proof that says the challenge."""

    clock: Clock
    people: dict[str, Member] = field(default_factory=dict[str, Member])
    life_seconds: float = 900
    asked: list[RedeemTicket] = field(default_factory=list[RedeemTicket])

    async def redeem_ticket(self, caller: Service, request: RedeemTicket) -> Redeemed:
        self.asked.append(request)
        who = self.people.pop(request.ticket, None)
        if caller.name != "messaging" or who is None or request.proof != f"proof:{request.cn}":
            raise UnauthenticatedError("That ticket does not open anything.")
        return Redeemed(
            member=who,
            username=who.user_id,
            expires_at=int(self.clock.now() + self.life_seconds),
        )


class Neighbours:
    """Peers of messaging."""

    def __init__(self, clock: Clock) -> None:
        self.community: Any = Community()
        self.auth: Any = Tickets(clock)


@dataclass(frozen=True)
class Parts:
    """What messaging uses of its parts."""

    settings: Settings
    clock: Clock
    database: Database
    revocations: Revocations
    peers: Neighbours
    keyring: Keyring
    together: Together | None = None
    push: Push | None = None


def make_parts(
    database: Database,
    clock: Clock,
    peers: Neighbours | None = None,
    together: Together | None = None,
    push: Push | None = None,
    data_dir: Path = Path(".data"),
) -> Any:
    return Parts(
        settings=Settings(public_origin="http://sosa.test", data_dir=data_dir),
        clock=clock,
        database=database,
        revocations=Revocations(clock),
        peers=peers or Neighbours(clock),
        keyring=Keyring(fresh_keys()),
        together=together,
        push=push,
    )


def make_service(
    database: Database, clock: Clock, peers: Neighbours | None = None
) -> MessagingService:
    return build(make_parts(database, clock, peers))


def drafts(*texts: str, prefix: str = "draft") -> tuple[Draft, ...]:
    return tuple(Draft(id=f"{prefix}-{text}-00", text=text) for text in texts)


def saying(room: RoomId, *texts: str, prefix: str = "draft") -> Send:
    return Send(room_id=room, messages=drafts(*texts, prefix=prefix))


def texts_of(messages: Iterable[Any]) -> list[str]:
    return [message.text for message in messages]
