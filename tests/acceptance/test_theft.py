"""A stolen cookie, token or ticket without the device's key opens nothing, at any of the doors.

Each test first shows that the owner could.
"""

import json
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from tests.acceptance.conftest import Product
from tests.device import RefusedError, hashed
from tests.members import Arrive
from tests.trust import trust_for

STATE = "reflex___state____state"
SESSION = f"{STATE}.sosa_app___state___session____session"
CHAT = f"{STATE}.sosa_app___state___chat____chat"


async def test_a_stolen_access_token_opens_nothing_over_http(arrive: Arrive):
    ada, eve = await arrive("ada"), await arrive("eve")
    path = "/profiles/v1/me"
    assert (await ada.device.call("profiles", "GET", path)).status == 200
    stolen = ada.device.access["profiles"]
    for headers in (
        {"Authorization": f"SoSa {stolen}"},
        {"Authorization": f"Bearer {stolen}"},
        {"Cookie": f"access_token={stolen}"},
    ):
        assert (await eve.device.send("GET", path, headers=headers)).status == 401
    reply = await eve.device.prove("profiles", "GET", path, token=stolen)
    assert (reply.status, reply.code) == (401, "invalid_proof")


async def test_a_stolen_refresh_cookie_opens_nothing_and_costs_the_thief_the_session(
    arrive: Arrive,
):
    ada, eve = await arrive("ada"), await arrive("eve")
    await ada.device.refresh()
    stolen, eve.device.cookie = ada.device.cookie, ada.device.cookie
    bare = await eve.device.send("POST", "/auth/v1/token", b"{}", {"Cookie": stolen})
    assert bare.status == 401
    with pytest.raises(RefusedError):
        await eve.device.refresh()
    assert (await eve.device.prove("profiles", "GET", "/profiles/v1/me")).status == 401


async def test_a_stolen_ticket_opens_no_socket(arrive: Arrive):
    ada, eve = await arrive("ada"), await arrive("eve")
    owner = await ada.connect()
    assert owner.user == ada.device.user["id"]
    stolen = await ada.device.ticket("messaging")
    thief = await eve.knock()

    async def with_the_thiefs_key(challenge: str) -> tuple[str, str]:
        proof = eve.device.socket_proof("messaging", "/messaging/v1/live", stolen, challenge)
        return stolen, proof

    answer = await thief.authenticate(with_the_thiefs_key)
    assert answer["t"] == "error"
    assert answer["status"] == 401


async def test_a_socket_that_proves_nothing_hears_nothing(arrive: Arrive):
    ada = await arrive("ada")
    stranger = await ada.knock()
    room = ada.rooms["general"]
    answer = await stranger.ask({"t": "join", "room": room})
    assert (answer["t"], answer["status"]) == ("error", 401)


async def test_a_proof_of_the_socket_is_good_for_one_challenge(arrive: Arrive):
    ada = await arrive("ada")
    first, second = await ada.knock(), await ada.knock()
    ticket, proof = await ada.credentials(first.challenge)

    async def replayed(_challenge: str) -> tuple[str, str]:
        return ticket, proof

    assert (await second.authenticate(replayed))["t"] == "error"
    assert (await first.authenticate(replayed))["t"] == "ready"


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_a_page_of_another_site_opens_no_socket(arrive: Arrive, origin: str):
    ada = await arrive("ada")
    await ada.knock(origin=ada.url)
    with pytest.raises(InvalidStatus) as refused:
        await ada.knock(origin=origin)
    assert refused.value.response.status_code == 403


async def test_signing_out_closes_the_live_door_within_a_second(arrive: Arrive):
    ada = await arrive("ada")
    socket = await ada.connect()
    await socket.join(ada.rooms["general"])
    assert (await ada.device.sign_out()).status == 204
    assert await socket.expect_close() == 4401


class Page:
    """A Reflex page as the wire sees it: events in, deltas out."""

    def __init__(self, product: Product, client_token: str) -> None:
        self.client_token = client_token
        self._url = f"{product.ws}/_event/?token={client_token}&EIO=4&transport=websocket"
        self._origin = product.http

    async def run(self, *events: tuple[str, dict[str, Any]], cookie: str = "") -> str:
        """Send events over one connection; returns all that came back.

        The state is asked for whole at the end, and Reflex handles the events of a page in turn, so
        that nothing an event did can be missed.
        """
        heard: list[str] = []
        headers = {"Cookie": cookie} if cookie else None
        async with connect(
            self._url,
            origin=Origin(self._origin),
            additional_headers=headers,
            proxy=None,
            ssl=trust_for(self._url),
        ) as socket:
            await socket.send("40/_event,")
            for name, payload in (*events, (f"{STATE}.hydrate", {})):
                event = {"name": name, "payload": payload, "router_data": ROUTER}
                await socket.send(f"42/_event,{json.dumps(['event', event])}")
            while "is_hydrated" not in "".join(heard):
                heard.append(str(await socket.recv()))
        return "".join(heard)


ROUTER: dict[str, Any] = {"pathname": "/chat", "asPath": "/chat", "query": {}}


async def test_a_reflex_page_shows_a_member_only_to_their_own_connection(
    arrive: Arrive, product: Product
):
    ada, eve = await arrive("ada"), await arrive("eve")
    page = Page(product, "11111111-2222-4333-8444-555555555555")
    bind = hashed(page.client_token.encode())
    name = ada.device.user["username"]

    async def attach(device: Any, ticket: str) -> tuple[str, dict[str, Any]]:
        proof = device.socket_proof("ui", "/_event", ticket)
        return f"{SESSION}.attach", {"ticket": ticket, "proof": proof}

    load: tuple[str, dict[str, Any]] = (f"{CHAT}.load_me", {})
    assert name not in await page.run(load), "a page that is not attached learns nothing"
    stolen = await ada.device.ticket("ui", bind)
    assert name not in await page.run(await attach(eve.device, stolen), load)
    ticket = await ada.device.ticket("ui", bind)
    assert name in await page.run(await attach(ada.device, ticket), load), "the owner is let in"
    assert name not in await page.run(load), "the same client token over another connection"
    unbound = await ada.device.ticket("ui")
    assert name not in await page.run(await attach(ada.device, unbound), load)


async def test_a_cookie_that_scripts_may_not_read_is_not_handed_to_them_by_reflex(
    arrive: Arrive, product: Product
):
    ada = await arrive("ada")
    heard = await Page(product, "any-page").run(cookie=f"{ada.device.cookie}; theme=dark")
    assert "Python/" in heard, "headers are handed to the page, so this one could be"
    assert ada.device.cookie.partition("=")[2] not in heard
    assert ada.device.cookie.partition("=")[0] not in heard


async def test_a_page_of_another_site_opens_no_reflex_socket(product: Product):
    url = f"{product.ws}/_event/?token=x&EIO=4&transport=websocket"
    trust = trust_for(url)
    async with connect(url, origin=Origin(product.http), proxy=None, ssl=trust):
        pass
    with pytest.raises(InvalidStatus):
        await connect(url, origin=Origin("https://evil.example"), proxy=None, ssl=trust)
