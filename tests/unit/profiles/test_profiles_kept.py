"""What depends on the engine: the same promises on SQLite and on PostgreSQL."""

import asyncio

import pytest
from sqlalchemy import event

from backend.auth.contract import UserRegistered
from backend.kit.callers import Member
from backend.kit.database import Database
from backend.kit.errors import UnavailableError
from backend.kit.ids import DeviceId, SessionId, UserId
from backend.kit.migrations import migrate
from backend.profiles.contract import GetMyProfile, GetProfiles, UpdateMyProfile
from backend.profiles.service import ProfilesService

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
async def profiles(database: Database) -> ProfilesService:
    await migrate(database, "profiles")
    return ProfilesService(database, patience_seconds=0.05)


async def test_a_registration_told_by_two_processes_at_once_makes_one_profile(
    database: Database, profiles: ProfilesService
):
    other = ProfilesService(database)
    await asyncio.gather(
        *(each.on_user_registered(ADA_REGISTERED) for each in (profiles, other, profiles))
    )
    assert (await profiles.get_my_profile(ADA, GetMyProfile())).username == "ada"


async def test_an_update_is_kept(database: Database, profiles: ProfilesService):
    await profiles.on_user_registered(ADA_REGISTERED)
    update = UpdateMyProfile(nickname="🦁 Ada 🦁", identity="Pizza Roll", face="f")
    changed = await profiles.update_my_profile(ADA, update)
    again = ProfilesService(database)
    assert await again.get_my_profile(ADA, GetMyProfile()) == changed
    assert changed.nickname == "🦁 Ada 🦁"


async def test_a_profile_that_never_comes_is_unavailable(profiles: ProfilesService):
    with pytest.raises(UnavailableError):
        await profiles.get_my_profile(ADA, GetMyProfile())


async def test_a_hundred_profiles_are_one_query(database: Database, profiles: ProfilesService):
    ids = tuple(UserId(f"user-{number}") for number in range(100))
    for user_id in ids:
        await profiles.on_user_registered(UserRegistered(user_id=user_id, username="somebody"))
    statements: list[str] = []

    @event.listens_for(database._engine.sync_engine, "before_cursor_execute")
    def record(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    found = await profiles.get_profiles(ADA, GetProfiles(id=ids))
    assert {profile.user_id for profile in found.profiles} == set(ids)
    assert len([text for text in statements if text.startswith("SELECT profiles_")]) == 1
    assert len([text for text in statements if "profiles_profile" in text]) == 1
