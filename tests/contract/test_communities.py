import asyncio

import pytest

from backend.community.contract import Communities, GetAccess, ListCommunities
from backend.kit.callers import Service
from backend.kit.errors import ForbiddenError, UnavailableError
from backend.kit.ids import RoomId, UserId
from tests.contract.cast import Actor
from tests.contract.harness import Doors

MESSAGING = Service(name="messaging")
GENERAL = RoomId("sosa-general")


@pytest.fixture
def services() -> tuple[str, ...]:
    return ("community",)


@pytest.fixture
def communities(doors: Doors) -> Communities:
    return doors.open("community", Communities)


@pytest.fixture
def access(doors: Doors) -> Communities:
    return doors.open("community", Communities, identity="messaging")


async def test_everyone_starts_in_sosa_with_three_rooms(
    communities: Communities, ada: Actor
) -> None:
    (sosa,) = (await communities.list_communities(ada.member, ListCommunities())).communities
    assert sosa.name == "SoSa"
    assert [room.name for room in sosa.rooms] == ["general", "games", "pets"]
    assert all(room.community_id == sosa.id and room.topic for room in sosa.rooms)
    assert sosa.description


async def test_a_call_that_overtakes_the_registration_waits_for_it(
    doors: Doors, communities: Communities, cleo: Actor
) -> None:
    doors.house.services["community"]._patience_seconds = 10
    asked = asyncio.create_task(communities.list_communities(cleo.member, ListCommunities()))
    await asyncio.sleep(0.05)
    assert not asked.done()
    await doors.tell(cleo.registered)
    assert len((await asked).communities) == 1


async def test_without_a_registration_there_is_no_community(
    communities: Communities, ada: Actor, cleo: Actor
) -> None:
    assert await communities.list_communities(ada.member, ListCommunities())
    with pytest.raises(UnavailableError):
        await communities.list_communities(cleo.member, ListCommunities())


async def test_messaging_learns_every_room_a_member_may_read(
    access: Communities, ada: Actor
) -> None:
    rooms = (await access.get_access(MESSAGING, GetAccess(user_id=ada.user_id))).rooms
    assert [room.room_id for room in rooms] == ["sosa-general", "sosa-games", "sosa-pets"]
    assert all(room.can_post for room in rooms)


async def test_access_names_only_rooms_that_were_asked_for(access: Communities, ada: Actor) -> None:
    asked = GetAccess(user_id=ada.user_id, room_ids=(GENERAL, RoomId("nowhere")))
    assert [room.room_id for room in (await access.get_access(MESSAGING, asked)).rooms] == [GENERAL]


async def test_a_room_that_is_not_there_opens_to_nobody_at_once(
    doors: Doors, access: Communities, ada: Actor
) -> None:
    # Who is a member is not waited for: the answer is known.
    doors.house.services["community"]._patience_seconds = 30
    asked = GetAccess(user_id=ada.user_id, room_ids=(RoomId("nowhere"),))
    async with asyncio.timeout(10):
        assert (await access.get_access(MESSAGING, asked)).rooms == ()
    none = GetAccess(user_id=ada.user_id, room_ids=())
    assert (await access.get_access(MESSAGING, none)).rooms == ()


async def test_an_outsider_may_read_no_room(access: Communities, ada: Actor, cleo: Actor) -> None:
    member = GetAccess(user_id=ada.user_id, room_ids=(GENERAL,))
    assert (await access.get_access(MESSAGING, member)).rooms
    outsider = GetAccess(user_id=cleo.user_id, room_ids=(GENERAL,))
    assert (await access.get_access(MESSAGING, outsider)).rooms == ()
    assert (await access.get_access(MESSAGING, GetAccess(user_id=UserId("nobody")))).rooms == ()


async def test_access_waits_for_the_registration(
    doors: Doors, access: Communities, cleo: Actor
) -> None:
    doors.house.services["community"]._patience_seconds = 10
    asked = asyncio.create_task(access.get_access(MESSAGING, GetAccess(user_id=cleo.user_id)))
    await asyncio.sleep(0.05)
    assert not asked.done()
    await doors.tell(cleo.registered)
    assert len((await asked).rooms) == 3


async def test_only_messaging_learns_who_may_read_what(
    doors: Doors, access: Communities, ada: Actor
) -> None:
    asked = GetAccess(user_id=ada.user_id)
    assert await access.get_access(MESSAGING, asked)
    profiles = doors.open("community", Communities, identity="profiles")
    with pytest.raises(ForbiddenError):
        await profiles.get_access(Service(name="profiles"), asked)


async def test_a_registration_told_again_changes_nothing(
    doors: Doors, communities: Communities, ada: Actor
) -> None:
    before = await communities.list_communities(ada.member, ListCommunities())
    await doors.tell(ada.registered)
    assert await communities.list_communities(ada.member, ListCommunities()) == before
