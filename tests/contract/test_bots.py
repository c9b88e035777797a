"""What pages ask of auth about a member's bots, and what the house is told of a new one."""

import pytest

from backend.auth.contract import Auth, ListBots, UserRegistered
from backend.kit.ids import UserId
from backend.profiles.contract import GetProfiles, Profiles
from tests.attacks.bots import make_bot
from tests.contract.cast import Actor
from tests.contract.harness import Doors


@pytest.fixture
def services() -> tuple[str, ...]:
    return ("auth", "profiles")


async def test_a_member_sees_their_own_bots_and_nobody_elses(doors: Doors) -> None:
    auth = doors.open("auth", Auth)
    ada, device = await doors.register("ada")
    ben, _ = await doors.register("ben")
    made = [(await make_bot(device, name)).bot for name in ("beep", "boop")]
    bots = (await auth.list_bots(ada.member, ListBots())).bots
    assert [bot.id for bot in bots] == made
    assert [(bot.name, bot.last_seen, bot.has_keys) for bot in bots] == [
        ("beep", None, True),
        ("boop", None, True),
    ]
    assert (await auth.list_bots(ben.member, ListBots())).bots == ()


async def test_a_bot_has_a_tin_face_and_a_person_does_not(doors: Doors, ada: Actor) -> None:
    profiles = doors.open("profiles", Profiles)
    bot = UserId("0f0f0f0f-0000-7000-8000-000000000000")
    await doors.tell(ada.registered)
    await doors.tell(UserRegistered(user_id=bot, username="beep", is_bot=True))
    found = (await profiles.get_profiles(ada.member, GetProfiles(id=(ada.user_id, bot)))).profiles
    shown = {profile.user_id: (profile.is_bot, profile.face) for profile in found}
    assert shown == {ada.user_id: (False, ada.user_id), bot: (True, f"bot-{bot}")}
