"""What depends on the engine: the same promises on SQLite and on PostgreSQL."""

import asyncio

import pytest
from sqlalchemy import event
from sqlmodel import col, func, select, update

from backend.auth.contract import UserRegistered
from backend.community.contract import GetAccess, ListCommunities
from backend.community.models import CommunityRow, MembershipRow, RoomRow
from backend.community.service import CommunityService
from backend.kit.callers import Member, Service
from backend.kit.clock import ManualClock, utc
from backend.kit.database import Database
from backend.kit.errors import UnavailableError
from backend.kit.ids import DeviceId, RoomId, SessionId, UserId
from backend.kit.migrations import migrate

MESSAGING = Service(name="messaging")
ADA = Member(
    user_id=UserId("ada-id"),
    session_id=SessionId("session"),
    device_id=DeviceId("device"),
    roles=(),
    acr="std",
    auth_time=0,
)
ADA_REGISTERED = UserRegistered(user_id=ADA.user_id, username="ada")


@pytest.fixture
async def community(database: Database, clock: ManualClock) -> CommunityService:
    await migrate(database, "community")
    service = CommunityService(database, clock, patience_seconds=0.05)
    await service.prepare()
    return service


async def count(database: Database, table: type) -> int:
    async with database.reading() as session:
        return (await session.execute(select(func.count()).select_from(table))).scalar_one()


async def test_two_processes_that_start_at_once_lay_out_one_community(
    database: Database, clock: ManualClock
):
    await migrate(database, "community")
    await asyncio.gather(*(CommunityService(database, clock).prepare() for _ in range(3)))
    assert await count(database, CommunityRow) == 1
    assert await count(database, RoomRow) == 3


async def test_a_start_leaves_what_the_owner_has_changed(
    database: Database, community: CommunityService
):
    await community.on_user_registered(ADA_REGISTERED)
    async with database.transaction() as session:
        await session.execute(
            update(RoomRow).where(col(RoomRow.id) == "sosa-pets").values(name="beasts")
        )
    await community.prepare()
    (sosa,) = (await community.list_communities(ADA, ListCommunities())).communities
    assert [room.name for room in sosa.rooms] == ["general", "games", "beasts"]


async def test_a_registration_told_by_two_processes_at_once_joins_once(
    database: Database, community: CommunityService, clock: ManualClock
):
    other = CommunityService(database, clock)
    await asyncio.gather(
        *(each.on_user_registered(ADA_REGISTERED) for each in (community, other, community))
    )
    assert await count(database, MembershipRow) == 1


async def found(database: Database, clock: ManualClock, name: str, rooms: int) -> None:
    """Somebody founds a community; Ada joins it a second later than the one before."""
    clock.advance(1)
    async with database.transaction() as session:
        session.add(CommunityRow(id=name, name=name, description="Made for a test."))
        await session.flush()
        session.add_all(
            RoomRow(id=f"{name}-{n}", community_id=name, name=f"r{n}", topic="", position=n)
            for n in range(rooms)
        )
        session.add(MembershipRow(community_id=name, user_id=ADA.user_id, joined_at=utc(clock)))


async def test_communities_come_in_the_order_they_were_joined(
    database: Database, community: CommunityService, clock: ManualClock
):
    await community.on_user_registered(ADA_REGISTERED)
    await found(database, clock, "zebras", rooms=2)
    await found(database, clock, "antelopes", rooms=0)
    listed = (await community.list_communities(ADA, ListCommunities())).communities
    assert [each.id for each in listed] == ["sosa", "zebras", "antelopes"]
    assert [room.id for room in listed[1].rooms] == ["zebras-0", "zebras-1"]
    assert listed[2].rooms == ()


async def test_rooms_of_others_stay_out_of_sight(
    database: Database, community: CommunityService, clock: ManualClock
):
    await found(database, clock, "zebras", rooms=1)
    ben = UserRegistered(user_id=UserId("ben-id"), username="ben")
    await community.on_user_registered(ben)
    asked = (RoomId("zebras-0"),)
    theirs = await community.get_access(MESSAGING, GetAccess(user_id=ADA.user_id, room_ids=asked))
    assert [room.room_id for room in theirs.rooms] == ["zebras-0"]
    others = await community.get_access(MESSAGING, GetAccess(user_id=ben.user_id, room_ids=asked))
    assert others.rooms == ()


async def test_lists_are_bounded(
    database: Database, community: CommunityService, clock: ManualClock
):
    for number in range(102):
        await found(database, clock, f"herd-{number:03}", rooms=101 if number == 0 else 10)
    listed = (await community.list_communities(ADA, ListCommunities())).communities
    assert len(listed) == 100
    assert len(listed[0].rooms) == 100
    access = await community.get_access(MESSAGING, GetAccess(user_id=ADA.user_id))
    assert len(access.rooms) == 1000


async def test_access_is_one_query(database: Database, community: CommunityService):
    await community.on_user_registered(ADA_REGISTERED)
    statements: list[str] = []

    def record(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    for engine in database.engines:
        event.listen(engine, "before_cursor_execute", record)
    assert (await community.get_access(MESSAGING, GetAccess(user_id=ADA.user_id))).rooms
    assert len([text for text in statements if "community_" in text]) == 1


async def test_who_never_arrived_is_nowhere(community: CommunityService):
    with pytest.raises(UnavailableError):
        await community.list_communities(ADA, ListCommunities())
    assert (await community.get_access(MESSAGING, GetAccess(user_id=ADA.user_id))).rooms == ()
