import asyncio

import pytest

from backend.kit.errors import InvalidRequestError, UnavailableError
from backend.kit.ids import UserId
from backend.profiles.contract import (
    GetMyProfile,
    GetProfiles,
    ListIdentities,
    Profile,
    Profiles,
    UpdateMyProfile,
)
from tests.contract.cast import Actor
from tests.contract.harness import Doors

ME = GetMyProfile()


@pytest.fixture
def services() -> tuple[str, ...]:
    return ("profiles",)


@pytest.fixture
def profiles(doors: Doors) -> Profiles:
    return doors.open("profiles", Profiles)


async def test_a_new_member_has_a_name_and_a_face(
    profiles: Profiles, ben: Actor, ada: Actor
) -> None:
    assert await profiles.get_my_profile(ada.member, ME) == Profile(
        user_id=ada.user_id,
        username="ada",
        nickname="ada of SoSa",
        identity="",
        face=ada.user_id,
        is_bot=False,
    )
    assert (await profiles.get_my_profile(ben.member, ME)).username == "ben"


async def test_a_call_that_overtakes_the_registration_waits_for_it(
    doors: Doors, profiles: Profiles, cleo: Actor
) -> None:
    doors.house.services["profiles"]._patience_seconds = 10
    asked = asyncio.create_task(profiles.get_my_profile(cleo.member, ME))
    await asyncio.sleep(0.05)
    assert not asked.done()
    await doors.tell(cleo.registered)
    assert (await asked).user_id == cleo.user_id


async def test_without_a_registration_a_profile_is_unavailable_and_not_made_up(
    profiles: Profiles, ada: Actor, cleo: Actor
) -> None:
    assert await profiles.get_my_profile(ada.member, ME)
    with pytest.raises(UnavailableError):
        await profiles.get_my_profile(cleo.member, ME)
    with pytest.raises(UnavailableError):
        await profiles.update_my_profile(cleo.member, UpdateMyProfile(nickname="Cleo Cleo"))


async def test_an_update_changes_only_what_was_sent(profiles: Profiles, ada: Actor) -> None:
    before = await profiles.get_my_profile(ada.member, ME)
    after = await profiles.update_my_profile(
        ada.member, UpdateMyProfile(nickname="Ada the First", identity="Pizza Roll")
    )
    assert after.nickname == "Ada the First"
    assert after.identity == "Pizza Roll"
    assert after.face == before.face
    again = await profiles.update_my_profile(ada.member, UpdateMyProfile(face="mountain-3"))
    assert again.face == "mountain-3"
    assert again.nickname == "Ada the First"
    assert await profiles.get_my_profile(ada.member, ME) == again


async def test_an_empty_update_changes_nothing(profiles: Profiles, ada: Actor) -> None:
    before = await profiles.get_my_profile(ada.member, ME)
    assert await profiles.update_my_profile(ada.member, UpdateMyProfile()) == before


async def test_a_member_changes_nobody_elses_profile(
    profiles: Profiles, ada: Actor, ben: Actor
) -> None:
    before = await profiles.get_my_profile(ben.member, ME)
    await profiles.update_my_profile(ada.member, UpdateMyProfile(nickname="Ada alone"))
    assert await profiles.get_my_profile(ben.member, ME) == before


@pytest.mark.parametrize(
    ("update", "field"),
    [
        (UpdateMyProfile(nickname="abc"), "nickname"),
        (UpdateMyProfile(nickname="   abc   "), "nickname"),
        (UpdateMyProfile(nickname="ada\nada"), "nickname"),
        (UpdateMyProfile(identity="   "), "identity"),
        (UpdateMyProfile(face="seed\n"), "face"),
    ],
)
async def test_a_bad_field_is_named_and_nothing_is_stored(
    profiles: Profiles, ada: Actor, update: UpdateMyProfile, field: str
) -> None:
    before = await profiles.get_my_profile(ada.member, ME)
    with pytest.raises(InvalidRequestError) as caught:
        await profiles.update_my_profile(ada.member, update)
    assert caught.value.field == field
    assert "`" not in caught.value.message, "that is said in a machine's words"
    assert await profiles.get_my_profile(ada.member, ME) == before


async def test_a_registration_told_again_leaves_the_profile_alone(
    doors: Doors, profiles: Profiles, ada: Actor
) -> None:
    mine = await profiles.update_my_profile(ada.member, UpdateMyProfile(nickname="Still Ada"))
    await doors.tell(ada.registered)
    assert await profiles.get_my_profile(ada.member, ME) == mine


async def test_many_profiles_come_in_one_call_and_strangers_are_left_out(
    profiles: Profiles, ada: Actor, ben: Actor, cleo: Actor
) -> None:
    asked = GetProfiles(id=(ada.user_id, ben.user_id, cleo.user_id, ada.user_id))
    found = await profiles.get_profiles(ada.member, asked)
    assert sorted(profile.username for profile in found.profiles) == ["ada", "ben"]


async def test_more_than_a_hundred_profiles_are_refused(profiles: Profiles, ada: Actor) -> None:
    hundred = tuple(UserId(f"user-{number}") for number in range(100))
    assert await profiles.get_profiles(ada.member, GetProfiles(id=hundred))
    with pytest.raises(InvalidRequestError) as caught:
        await profiles.get_profiles(ada.member, GetProfiles(id=(*hundred, ada.user_id)))
    assert caught.value.field == "id"


async def test_there_is_a_pizza_roll_among_the_identities(profiles: Profiles, ada: Actor) -> None:
    offered = (await profiles.list_identities(ada.member, ListIdentities())).identities
    assert "Pizza Roll" in offered
    assert len(offered) == len(set(offered)) >= 40
