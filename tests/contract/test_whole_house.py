"""All services together: what begins with a registration."""

import pytest

from backend.community.contract import Communities, ListCommunities
from backend.messaging.contract import Draft, ListMessages, Messaging, Send
from backend.profiles.contract import GetMyProfile, GetProfiles, Profiles
from backend.profiles.service import PATIENCE_SECONDS
from tests.contract.harness import Doors


@pytest.fixture
def services() -> tuple[str, ...]:
    return ("auth", "profiles", "messaging", "community")


async def test_who_registers_has_a_face_a_community_and_a_voice_at_once(doors: Doors) -> None:
    for service in ("profiles", "community"):
        doors.house.services[service]._patience_seconds = PATIENCE_SECONDS
    ada, _ = await doors.register("ada")
    ben, _ = await doors.register("ben")
    profiles = doors.open("profiles", Profiles)
    messaging = doors.open("messaging", Messaging)
    assert (await profiles.get_my_profile(ada.member, GetMyProfile())).username == "ada"
    communities = doors.open("community", Communities)
    listed = await communities.list_communities(ben.member, ListCommunities())
    general = listed.communities[0].rooms[0].id
    draft = Draft(id="draft-hello", text="Hello, savanna!")
    await messaging.send(ada.member, Send(room_id=general, messages=(draft,)))
    page = await messaging.list_messages(ben.member, ListMessages(room_id=general))
    (message,) = page.messages
    assert message.text == "Hello, savanna!"
    authors = await profiles.get_profiles(ben.member, GetProfiles(id=(message.author_id,)))
    assert [author.username for author in authors.profiles] == ["ada"]
