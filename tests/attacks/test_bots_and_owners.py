"""Who has to stay away speaks through no bot either: open sockets close, and secrets wait."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.kit.clock import ManualClock
from backend.kit.settings import SERVICES
from tests.attacks.affairs import ban, owner_of, suspend, unban
from tests.attacks.bots import let_in, machine, make_bot, refused, robot
from tests.attacks.house import AuthHouse, auth_house
from tests.conftest import Postgres
from tests.device import Device, RefusedError
from tests.socket_client import PATH, SocketClient

SOON = 1.0


@pytest.fixture
async def house(tmp_path: Path, clock: ManualClock) -> AsyncIterator[AuthHouse]:
    """Every service, so that bots have something to talk to."""
    async with auth_house(tmp_path, clock, serve=SERVICES) as opened:
        yield opened


async def connected(device: Device) -> SocketClient:
    client = await SocketClient.open(device.origin)
    await client.greet()

    async def credentials(challenge: str) -> tuple[str, str]:
        ticket = await device.ticket("messaging")
        return ticket, device.socket_proof("messaging", PATH, ticket, challenge)

    answer = await client.authenticate(credentials)
    assert answer["t"] == "ready", answer
    return client


@pytest.mark.parametrize("way", ["ban", "suspend"])
async def test_the_bots_of_who_has_to_stay_away_fall_out_within_a_second(
    house: AuthHouse, way: str
):
    olga = await owner_of(house)
    ada, ben = await house.member("ada"), await house.member("ben")
    given, beep = await robot(house, ada)
    _, bens = await robot(house, ben, "bens-own")
    socket, other = await connected(beep), await connected(bens)
    began = time.monotonic()
    until = datetime.fromtimestamp(house.clock.now() + 3_600, UTC).isoformat()
    sent = ban(olga, ada) if way == "ban" else suspend(olga, ada, until)
    assert (await sent).status == 204
    assert await socket.expect_close() == 4401
    assert time.monotonic() - began < SOON
    told = await beep.call("auth", "GET", "/auth/v1/session")
    assert (told.status, told.code) == (401, "invalid_token")
    assert await refused(let_in(beep, given.bot)) == (403, "bot_owner_away")
    # Nobody else's noticed anything.
    assert (await bens.call("auth", "GET", "/auth/v1/session")).status == 200
    assert (await connected(bens)).user == bens.user["id"]
    await other.close()
    # The secret is as good as it was, once its owner is welcome again.
    assert (await unban(olga, ada)).status == 204
    await (await connected(await let_in(beep, given.bot))).close()


async def test_no_bot_slips_in_while_its_owner_is_shown_out(
    tmp_path: Path, clock: ManualClock, postgres: Postgres
):
    """On PostgreSQL, where both are really at once."""
    async with auth_house(tmp_path, clock, database_url=postgres.create()) as house:
        olga = await owner_of(house)
        for number in range(3):
            ada = await house.member(f"ada-{number}")
            given = await make_bot(ada, f"beep-{number}")
            beeps = [machine(house, given) for _ in range(3)]
            asking = [asyncio.create_task(ask_until_refused(beep, given.bot)) for beep in beeps]
            while not any(beep.access for beep in beeps):  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0)
            assert (await ban(olga, ada)).status == 204
            assert await asyncio.gather(*asking) == ["bot_owner_away"] * 3
            for beep in filter(lambda one: one.access, beeps):
                told = await beep.call("auth", "GET", "/auth/v1/session")
                assert (told.status, told.code) == (401, "invalid_token")


async def ask_until_refused(bot: Device, bot_id: str) -> str:
    """Come in again and again; returns why it may not any more."""
    while True:
        try:
            await let_in(bot, bot_id)
        except RefusedError as told:
            return told.code
