"""116. Acting on behalf of a member: who may, for whom, and for how long. Over real HTTP."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest

from backend.auth.contract import Delegate, RedeemTicket, UserRegistered
from backend.kit.callers import Member, Service
from backend.kit.clock import ManualClock
from backend.kit.errors import ForbiddenError, NotFoundError, SosaError, UnavailableError
from backend.kit.http.client import client, open_session
from backend.kit.ids import SessionId, UserId
from backend.kit.keyring import Keyring
from backend.kit.settings import Settings
from backend.kit.tokens.delegation import HEADER
from backend.kit.tokens.errors import BadServiceError, InvalidTokenError
from backend.kit.tokens.papers import Delegations, Papers
from backend.kit.tokens.services import ServiceSigner
from backend.profiles.contract import GetMyProfile, Profiles
from backend.wiring import House, Peers, open_house
from tests.device import Device, hashed
from tests.serving import free_socket, serving

ME = GetMyProfile()
UI = Service(name="ui")


@dataclass
class Split:
    """Auth and profiles apart, and the UI apart from both."""

    auth: House
    profiles: House
    ui: Peers
    urls: dict[str, str]
    keyring: Keyring
    clock: ManualClock
    device: Device

    async def attach(self) -> Member:
        """The member comes to the UI with a ticket."""
        origin = self.auth.settings.origin
        bind = hashed(b"a page")
        ticket = await self.device.ticket("ui", bind)
        redeemed = await self.ui.auth.redeem_ticket(
            UI,
            RedeemTicket(
                ticket=ticket,
                proof=self.device.socket_proof("ui", "/_event", ticket),
                aud="ui",
                origin=origin,
                htu=f"{origin}/_event",
                bind=bind,
            ),
        )
        return redeemed.member

    async def delegation(self, session_id: SessionId, audience: str = "profiles") -> str:
        """A token as auth gives it to the UI."""
        kid = self.keyring.identity("ui").kid
        asked = Delegate(session_id=session_id, aud=audience, kid=kid)  # pyright: ignore[reportArgumentType]
        return (await self.ui.auth.delegate(UI, asked)).token

    async def call(self, member: Member, token: str, *, identity: str) -> str:
        """Ask profiles for the member's name, as a service that shows this token."""

        async def shown(_session: SessionId, _audience: str, _kid: str) -> tuple[str, int]:
            return token, int(self.clock.now()) + 60

        signer = ServiceSigner(self.keyring.identity(identity), self.clock)
        papers = Papers(lambda: signer, "profiles", Delegations(shown, self.clock))
        async with open_session(self.urls["profiles"]) as session:
            door = client(Profiles, self.urls["profiles"], session, papers)
            return (await door.get_my_profile(member, ME)).username


@pytest.fixture
async def split(tmp_path: Path, clock: ManualClock) -> AsyncGenerator[Split]:
    async with AsyncExitStack() as stack:
        sockets = {name: free_socket() for name in ("auth", "profiles")}
        urls = {name: f"http://127.0.0.1:{at.getsockname()[1]}" for name, at in sockets.items()}
        settings = Settings(
            data_dir=tmp_path,
            rate_limit_scale=1000,
            public_origin=urls["auth"],
            auth_url=urls["auth"],
            profiles_url=urls["profiles"],
        )
        houses: dict[str, House] = {}
        for name, listener in sockets.items():
            opening = open_house(settings, serve=[name], clock=clock)
            houses[name], app = await stack.enter_async_context(opening)
            await stack.enter_async_context(serving(app, listener))
        ui, _ = await stack.enter_async_context(open_house(settings, serve=[], clock=clock))
        http = await stack.enter_async_context(
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        )
        device = Device(http, urls["auth"], now=clock.now)
        await device.register("ada")
        registered = UserRegistered(user_id=UserId(device.user["id"]), username="ada")
        await houses["profiles"].services["profiles"].on_user_registered(registered)
        yield Split(
            auth=houses["auth"],
            profiles=houses["profiles"],
            ui=ui.peers("ui"),
            urls=urls,
            keyring=ui.keyring,
            clock=clock,
            device=device,
        )


async def test_the_ui_acts_for_a_member_who_came_to_it(split: Split):
    member = await split.attach()
    for _ in range(2):
        assert (await split.ui.profiles.get_my_profile(member, ME)).username == "ada"


async def test_the_ui_cannot_act_for_who_never_came(split: Split):
    member = await split.attach()
    stranger = replace_session(member, "another session")
    with pytest.raises(NotFoundError):
        await split.ui.profiles.get_my_profile(stranger, ME)


async def test_what_a_caller_says_of_a_member_is_not_believed(split: Split):
    # The token alone says for whom: a UI that was broken into can put anything into its own values.
    member = await split.attach()
    token = await split.delegation(member.session_id)
    liar = Member(
        user_id=UserId("somebody else"), session_id=member.session_id, device_id=member.device_id,
        roles=("admin",), acr="high", auth_time=member.auth_time,
    )  # fmt: skip
    assert await split.call(liar, token, identity="ui") == "ada"


async def test_a_delegation_that_another_service_shows_opens_nothing(split: Split):
    member = await split.attach()
    token = await split.delegation(member.session_id)
    assert await split.call(member, token, identity="ui") == "ada"
    with pytest.raises(InvalidTokenError):
        await split.call(member, token, identity="messaging")


async def test_a_delegation_for_another_service_opens_nothing(split: Split):
    member = await split.attach()
    token = await split.delegation(member.session_id, "community")
    with pytest.raises(InvalidTokenError):
        await split.call(member, token, identity="ui")


async def test_a_delegation_ends_after_a_minute(split: Split):
    member = await split.attach()
    token = await split.delegation(member.session_id)
    assert await split.call(member, token, identity="ui") == "ada"
    split.clock.advance(61)
    with pytest.raises(InvalidTokenError):
        await split.call(member, token, identity="ui")


async def test_a_delegation_ends_with_the_session(split: Split):
    member = await split.attach()
    token = await split.delegation(member.session_id)
    split.profiles.revocations.revoke_session(member.session_id)
    with pytest.raises(InvalidTokenError):
        await split.call(member, token, identity="ui")


async def test_no_delegation_is_given_once_the_session_has_ended(split: Split):
    member = await split.attach()
    await split.delegation(member.session_id)
    await split.device.sign_out()
    with pytest.raises(NotFoundError):
        await split.delegation(member.session_id)


async def test_a_delegation_is_bound_to_a_key_of_the_one_who_asks(split: Split):
    member = await split.attach()
    foreign = split.keyring.identity("messaging").kid
    asked = Delegate(session_id=member.session_id, aud="profiles", kid=foreign)
    with pytest.raises(NotFoundError):
        await split.ui.auth.delegate(UI, asked)


async def test_a_service_that_is_not_on_the_list_gets_no_delegation(split: Split):
    member = await split.attach()
    kid = split.keyring.identity("community").kid
    asked = Delegate(session_id=member.session_id, aud="profiles", kid=kid)
    with pytest.raises(ForbiddenError):
        await split.profiles.peers("community").auth.delegate(Service(name="community"), asked)


@pytest.mark.parametrize("token", ["", "a.b.c", "x" * 3000])
async def test_what_is_no_delegation_opens_nothing(split: Split, token: str):
    member = await split.attach()
    with pytest.raises(InvalidTokenError):
        await split.call(member, token, identity="ui")


async def test_an_access_token_is_no_delegation_and_a_delegation_no_access_token(split: Split):
    member = await split.attach()
    with pytest.raises(InvalidTokenError):
        await split.call(member, split.device.access["profiles"], identity="ui")
    token = await split.delegation(member.session_id)
    device = replace(split.device, base_url=split.urls["profiles"])
    reply = await device.prove("profiles", "GET", "/profiles/v1/me", token=token)
    assert (reply.status, reply.code) == (401, "invalid_token")


async def test_a_delegation_without_a_service_identity_opens_nothing(split: Split):
    member = await split.attach()
    token = await split.delegation(member.session_id)
    device = replace(split.device, base_url=split.urls["profiles"])
    for scheme in ("SoSa-Service", "SoSa"):
        headers = {HEADER: token, "Authorization": f"{scheme} {token}"}
        reply = await device.send("GET", "/profiles/v1/me", headers=headers)
        assert reply.status == 401


async def test_a_service_whose_key_nobody_registered_is_refused(split: Split, tmp_path: Path):
    member = await split.attach()
    token = await split.delegation(member.session_id)
    forged = Keyring.open(tmp_path / "forged" / "keys.json")
    split.keyring, real = forged, split.keyring
    with pytest.raises(BadServiceError):
        await split.call(member, token, identity="ui")
    split.keyring = real
    assert await split.call(member, token, identity="ui") == "ada"


async def test_a_service_that_is_away_is_unavailable_and_says_so_with_its_type(
    tmp_path: Path, clock: ManualClock, split: Split
):
    member = await split.attach()
    with free_socket() as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}"
    settings = replace(split.profiles.settings, profiles_url=url)
    async with open_house(settings, serve=[], clock=clock) as (house, _):
        with pytest.raises(UnavailableError) as caught:
            await house.peers("ui").profiles.get_my_profile(member, ME)
    assert isinstance(caught.value, SosaError)


def replace_session(member: Member, session_id: str) -> Member:
    return Member(
        user_id=member.user_id, session_id=SessionId(session_id), device_id=member.device_id,
        roles=member.roles, acr=member.acr, auth_time=member.auth_time,
    )  # fmt: skip
