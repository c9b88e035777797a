"""What other services and the UI ask of auth. What only HTTP can show is in tests/attacks."""

import pytest

from backend.auth.contract import (
    Auth,
    EmailState,
    GetEmail,
    GetSession,
    GetStepUpMethods,
    InvalidTicketError,
    ListDevices,
    ListLinked,
    ListProviders,
    ListSessions,
    RedeemTicket,
    RenameDevice,
)
from backend.kit.callers import Service, Visitor
from backend.kit.errors import ForbiddenError, InvalidRequestError, NotFoundError
from tests.contract.harness import Doors
from tests.device import Device

MESSAGING = Service(name="messaging")
LIVE = "/messaging/v1/live"


@pytest.fixture
def services() -> tuple[str, ...]:
    return ("auth",)


@pytest.fixture
def auth(doors: Doors) -> Auth:
    return doors.open("auth", Auth)


@pytest.fixture
def gateway(doors: Doors) -> Auth:
    return doors.open("auth", Auth, identity="messaging")


async def shown(owner: Device, prover: Device, cn: str = "challenge") -> RedeemTicket:
    """The owner's ticket, and a proof by the prover, as a socket passes them on."""
    ticket = await owner.ticket("messaging")
    return RedeemTicket(
        ticket=ticket,
        proof=prover.socket_proof("messaging", LIVE, ticket, cn),
        aud="messaging",
        origin=owner.origin,
        htu=owner.origin + LIVE,
        cn="challenge",
    )


async def test_a_ticket_says_who_stands_behind_it(doors: Doors, gateway: Auth) -> None:
    ada, device = await doors.register("ada")
    redeemed = await gateway.redeem_ticket(MESSAGING, await shown(device, device))
    assert redeemed.username == "ada"
    assert redeemed.member.user_id == ada.user_id
    assert redeemed.member.session_id == ada.member.session_id
    assert 0 < redeemed.expires_at - doors.house.clock.now() <= 900


async def test_how_one_shows_who_one_is_follows_from_what_one_has(doors: Doors, auth: Auth) -> None:
    ada, _ = await doors.register("ada")
    ways = await auth.get_step_up_methods(ada.member, GetStepUpMethods())
    assert (ways.methods, ways.providers) == (("password",), ())


async def test_a_ticket_is_good_once(doors: Doors, gateway: Auth) -> None:
    _, device = await doors.register("ada")
    ticket = await shown(device, device)
    assert await gateway.redeem_ticket(MESSAGING, ticket)
    with pytest.raises(InvalidTicketError):
        await gateway.redeem_ticket(MESSAGING, ticket)


async def test_a_stolen_ticket_opens_nothing(doors: Doors, gateway: Auth) -> None:
    _, device = await doors.register("ada")
    _, thief = await doors.register("ben")
    assert await gateway.redeem_ticket(MESSAGING, await shown(device, device))
    with pytest.raises(InvalidTicketError):
        await gateway.redeem_ticket(MESSAGING, await shown(device, thief))
    with pytest.raises(InvalidTicketError):
        await gateway.redeem_ticket(MESSAGING, await shown(device, device, cn="another socket's"))


async def test_only_sockets_redeem_tickets(doors: Doors, gateway: Auth) -> None:
    _, device = await doors.register("ada")
    assert await gateway.redeem_ticket(MESSAGING, await shown(device, device))
    profiles = doors.open("auth", Auth, identity="profiles")
    with pytest.raises(ForbiddenError):
        await profiles.redeem_ticket(Service(name="profiles"), await shown(device, device))


async def test_a_member_sees_their_own_session_and_device(doors: Doors, auth: Auth) -> None:
    ada, _ = await doors.register("ada")
    ben, _ = await doors.register("ben")
    current = await auth.get_session(ada.member, GetSession())
    assert current.user.username == "ada"
    assert current.session == ada.member.session_id
    (session,) = (await auth.list_sessions(ada.member, ListSessions())).sessions
    assert (session.id, session.is_current) == (ada.member.session_id, True)
    (device,) = (await auth.list_devices(ben.member, ListDevices())).devices
    assert device.id == ben.member.device_id


async def test_a_member_renames_their_own_device_and_nobody_elses(doors: Doors, auth: Auth) -> None:
    ada, _ = await doors.register("ada")
    ben, _ = await doors.register("ben")
    await auth.rename_device(
        ada.member, RenameDevice(device_id=ada.member.device_id, name="Kitchen radio")
    )
    with pytest.raises(NotFoundError):
        await auth.rename_device(
            ben.member, RenameDevice(device_id=ada.member.device_id, name="Ben's now")
        )
    (device,) = (await auth.list_devices(ada.member, ListDevices())).devices
    assert device.name == "Kitchen radio"


async def test_a_device_needs_a_name(doors: Doors, auth: Auth) -> None:
    ada, _ = await doors.register("ada")
    with pytest.raises(InvalidRequestError) as caught:
        await auth.rename_device(
            ada.member, RenameDevice(device_id=ada.member.device_id, name="x" * 81)
        )
    assert caught.value.field == "name"


async def test_a_member_ends_nobody_elses_session(doors: Doors, auth: Auth) -> None:
    ada, _ = await doors.register("ada")
    ben, device = await doors.register("ben")
    path = f"/auth/v1/sessions/{ada.member.session_id}"
    assert (await device.call("auth", "DELETE", path)).status == 404
    assert (await auth.get_session(ben.member, GetSession())).user.username == "ben"
    assert (await auth.get_session(ada.member, GetSession())).user.username == "ada"


async def test_a_member_is_told_what_is_known_of_their_address(doors: Doors, auth: Auth) -> None:
    ada, _ = await doors.register("ada")
    found = await auth.get_email(ada.member, GetEmail())
    assert found == EmailState(
        has_mail=False, is_set=False, is_verified=False, is_pending=False, has_notices=False
    )


async def test_where_else_people_sign_in_and_who_does(doors: Doors, auth: Auth) -> None:
    ada, _ = await doors.register("ada")
    assert (await auth.list_providers(Visitor(network="test"), ListProviders())).providers == ()
    assert (await auth.list_linked(ada.member, ListLinked())).linked == ()
