"""Attacks 36 to 42 and 116 of docs/security.md on tickets, on both sides of the door."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from backend.auth.contract import InvalidTicketError, Redeemed, RedeemTicket
from backend.kit.callers import Service
from backend.kit.errors import ForbiddenError
from tests.attacks.house import AuthHouse
from tests.device import Device, hashed

LIVE = "/messaging/v1/live"
BIND = hashed(b"client token")


@dataclass
class Socket:
    """A service with a socket, redeeming what a device showed on it."""

    house: AuthHouse

    async def redeem(self, device: Device, ticket: str, /, **changed: Any) -> Redeemed:
        proof = device.socket_proof("messaging", LIVE, ticket, "challenge")
        given: dict[str, Any] = {
            "ticket": ticket,
            "proof": proof,
            "aud": "messaging",
            "origin": self.house.url,
            "htu": self.house.url + LIVE,
            "cn": "challenge",
        } | changed
        caller = Service(name=given.pop("caller", "messaging"))
        door: Any = self.house.house.doors.open("auth", caller.name)
        return await door.redeem_ticket(caller, RedeemTicket(**given))


@pytest.fixture
def socket(house: AuthHouse) -> Socket:
    return Socket(house)


async def test_a_ticket_says_who_is_there(socket: Socket, ada: Device) -> None:
    redeemed = await socket.redeem(ada, await ada.ticket("messaging"))
    assert redeemed.member.user_id == ada.user["id"]
    assert redeemed.member.session_id == ada.session
    assert redeemed.username == "ada"
    assert redeemed.expires_at == int(socket.house.clock.now()) + 900


async def test_a_ticket_is_spent_once_of_many_tries_at_once(socket: Socket, ada: Device) -> None:
    ticket = await ada.ticket("messaging")
    results = await asyncio.gather(
        *(socket.redeem(ada, ticket) for _ in range(10)), return_exceptions=True
    )
    assert sum(isinstance(result, Redeemed) for result in results) == 1
    assert sum(isinstance(result, InvalidTicketError) for result in results) == 9


async def test_a_ticket_is_good_for_thirty_seconds(
    house: AuthHouse, socket: Socket, ada: Device
) -> None:
    early, late = await ada.ticket("messaging"), await ada.ticket("messaging")
    house.clock.advance(29)
    await socket.redeem(ada, early)
    house.clock.advance(1)
    with pytest.raises(InvalidTicketError):
        await socket.redeem(ada, late)


async def test_a_stolen_ticket_is_no_good_and_is_not_spoiled(
    socket: Socket, ada: Device, ben: Device
) -> None:
    ticket = await ada.ticket("messaging")
    with pytest.raises(InvalidTicketError):
        await socket.redeem(ben, ticket)
    assert (await socket.redeem(ada, ticket)).username == "ada"


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"cn": "another challenge"}, id="challenge"),
        pytest.param({"cn": None}, id="no-challenge"),
        pytest.param({"origin": "https://evil.example"}, id="102-origin"),
        pytest.param({"origin": ""}, id="102-no-origin"),
        pytest.param({"bind": BIND}, id="bind"),
        pytest.param({"htu": "https://evil.example/messaging/v1/live"}, id="19-other-host"),
        pytest.param({"aud": "ui"}, id="42-other-audience"),
        pytest.param({"aud": "ui", "caller": "ui"}, id="116-other-service"),
        pytest.param({"caller": "ui"}, id="116-on-behalf"),
        pytest.param({"ticket": "unknown"}, id="unknown"),
        pytest.param({"proof": ""}, id="39-no-proof"),
    ],
)
async def test_a_ticket_is_for_one_socket(
    socket: Socket, ada: Device, changed: dict[str, Any]
) -> None:
    ticket = await ada.ticket("messaging")
    with pytest.raises(InvalidTicketError):
        await socket.redeem(ada, ticket, **changed)
    assert await socket.redeem(ada, ticket)


async def test_a_bound_ticket_is_for_one_client(socket: Socket, ada: Device) -> None:
    ticket = await ada.ticket("ui", BIND)
    proof = ada.socket_proof("ui", "/_event", ticket)
    shown: dict[str, Any] = {
        "aud": "ui",
        "caller": "ui",
        "proof": proof,
        "htu": socket.house.url + "/_event",
        "cn": None,
    }
    for bind in (None, hashed(b"another client")):
        with pytest.raises(InvalidTicketError):
            await socket.redeem(ada, ticket, **shown, bind=bind)
    assert (await socket.redeem(ada, ticket, **shown, bind=BIND)).username == "ada"


async def test_a_ticket_of_a_session_that_ended(socket: Socket, ada: Device) -> None:
    ticket = await ada.ticket("messaging")
    proof = ada.socket_proof("messaging", LIVE, ticket, "challenge")
    await ada.sign_out()
    ada.keys = (await socket.house.member("ben")).keys
    with pytest.raises(InvalidTicketError):
        await socket.redeem(ada, ticket, proof=proof)


async def test_115_services_off_the_list_cannot_ask(socket: Socket, ada: Device) -> None:
    ticket = await ada.ticket("messaging")
    with pytest.raises(ForbiddenError):
        await socket.redeem(ada, ticket, caller="profiles")
    assert await socket.redeem(ada, ticket)


async def test_115_members_cannot_redeem_over_http(house: AuthHouse, ada: Device) -> None:
    path = "/internal/auth/v1/tickets/redeem"
    body = {"ticket": "t", "proof": "p", "aud": "messaging", "origin": "o", "htu": "h"}
    reply = await ada.call("auth", "POST", path, body)
    assert (reply.status, reply.code) == (401, "bad_service")


@pytest.mark.parametrize(
    "asked", [{"aud": "profiles"}, {}, {"aud": "ui", "bind": "short"}, {"aud": "ui", "x": 1}]
)
async def test_a_ticket_for_anything_else_is_refused(
    house: AuthHouse, ada: Device, asked: dict[str, str]
) -> None:
    assert (await ada.call("auth", "POST", "/auth/v1/tickets", asked)).status == 422
