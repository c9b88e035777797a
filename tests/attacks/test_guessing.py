"""Attacks 87, 89 and 92: guessing is slow for everyone, and keeps no owner out."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from multidict import CIMultiDictProxy

from backend.auth.service.guesses import Try
from backend.auth.service.passwords import Passwords
from backend.kit.clock import ManualClock
from backend.kit.errors import RateLimitedError
from tests.attacks.house import AuthHouse, auth_house
from tests.attacks.post import Work
from tests.device import PASSWORD, Device, Reply


@pytest.fixture
async def slow(tmp_path: Path, clock: ManualClock) -> AsyncIterator[AuthHouse]:
    """A house with the limits that the product has, behind a proxy that says who calls."""
    async with auth_house(tmp_path, clock, scale=1, trusted_proxies=1) as opened:
        yield opened


async def guess(
    house: AuthHouse, name: str, *, network: str, password: str = "wrong", cookie: str = ""
) -> Reply:
    """A try at a password by a browser of some network, which may have a cookie."""
    house.clock.advance(2)  # beginnings have a limit of their own
    device = Caller(house, network, cookie)
    await device.begin("login")
    path = f"/auth/v1/preauth/{device.preauth}/password"
    return await device.prove("auth", "POST", path, {"identifier": name, "password": password})


class Caller(Device):
    """A device in a network of its own."""

    def __init__(self, house: AuthHouse, network: str, cookie: str = "") -> None:
        super().__init__(house.http, house.url, now=house.clock.now)
        self._extra = {"X-Forwarded-For": network} | ({"Cookie": cookie} if cookie else {})

    async def send(
        self,
        method: str,
        path: str,
        body: bytes | Mapping[str, Any] = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        return await super().send(method, path, body, {**(headers or {}), **self._extra})


def known_cookie(reply: Reply) -> str:
    """The cookie by which the browser is known again."""
    cookies = cast("CIMultiDictProxy[str]", reply.headers).getall("Set-Cookie")
    (known,) = [cookie for cookie in cookies if cookie.startswith("sosa_known=")]
    assert known.partition("; ")[2] == "HttpOnly; SameSite=Strict; Path=/; Max-Age=31536000"
    return known.partition(";")[0]


async def test_89_stuffing_slows_everyone_but_the_owners_browser(slow: AuthHouse) -> None:
    ada = await slow.member("ada")
    came = await guess(slow, "ada", network="10.9.9.9", password=PASSWORD)
    cookie = known_cookie(came)
    replies = [await guess(slow, "ada", network=f"10.1.{n}.1") for n in range(11)]
    assert {reply.status for reply in replies[:10]} == {401}
    assert (replies[10].status, replies[10].code) == (429, "rate_limited")
    await hammer(slow, ada.user["id"])
    stranger = await guess(slow, "ada", network="10.9.9.9", password=PASSWORD)
    assert stranger.status == 429
    owner = await guess(slow, "ada", network="10.1.1.1", password=PASSWORD, cookie=cookie)
    assert owner.status == 200
    # It is slow, and never shut.
    slow.clock.advance(60)
    assert (await guess(slow, "ada", network="10.9.9.9", password=PASSWORD)).status == 200


async def test_89_a_cookie_has_a_lane_that_ends_and_opens_no_other_account(
    slow: AuthHouse,
) -> None:
    ada, ben = await slow.member("ada"), await slow.member("ben")
    cookie = known_cookie(await guess(slow, "ada", network="10.9.9.9", password=PASSWORD))
    await hammer(slow, ben.user["id"])
    # Ada's cookie is no help with Ben's account, and a made-up one is none at all.
    for shown in (cookie, "sosa_known=v1.1.AAAA.BBBB", "sosa_known=x"):
        refused = await guess(slow, "ben", network="10.3.3.3", password=PASSWORD, cookie=shown)
        assert refused.status == 429
    await hammer(slow, ada.user["id"])
    tries = [await guess(slow, "ada", network="10.9.9.9", cookie=cookie) for _ in range(11)]
    assert [reply.status for reply in tries] == [401] * 10 + [429]


async def test_89_of_a_thousand_tries_few_are_looked_at(slow: AuthHouse) -> None:
    core = slow.auth._core
    spray = [
        attempt(core.guesses.spend_network, "10.1.2.0/24") for _ in range(1_000)
    ]  # a thousand accounts, one network
    assert sum([await one for one in spray]) == 50
    stuffing = [attempt(core.guesses.spend_account, "ada") for _ in range(1_000)]
    assert sum(await asyncio.gather(*stuffing)) == 10
    passed = 0
    for _ in range(900):
        slow.clock.advance(1)
        passed += await attempt(core.guesses.spend_account, "ada")
    # Ten of the bucket in fifteen minutes; the gate lets one pass after 1, 2, 4... 60 seconds.
    assert 20 <= passed <= 32


async def test_only_wrong_passwords_count(slow: AuthHouse) -> None:
    await slow.member("ada")
    for number in range(14):
        came = await guess(slow, "ada", network=f"10.2.{number}.1", password=PASSWORD)
        assert came.status == 200


async def test_87_a_wrong_name_costs_what_a_wrong_password_costs(
    tmp_path: Path, clock: ManualClock
) -> None:
    # What could be timed is counted: `make bench` takes the times.
    async with auth_house(tmp_path, clock) as house:
        await house.member("ada")
        work, seen = Work(house), dict[str, tuple[int, int]]()
        for name in ("ada", "nobody", "nobody@sosa.example"):
            # What the house does beside, in its own time, can only add to the count of a try.
            seen[name] = min([await _work_of_a_wrong_password(house, work, name) for _ in range(3)])
        assert len(set(seen.values())) == 1
        assert seen["ada"][1] == 1


async def _work_of_a_wrong_password(house: AuthHouse, work: Work, name: str) -> tuple[int, int]:
    device = house.device()
    await device.begin("login")
    work.read()
    path = f"/auth/v1/preauth/{device.preauth}/password"
    reply = await device.prove("auth", "POST", path, {"identifier": name, "password": "wrong"})
    assert reply.code == "invalid_credentials"
    return work.read()


async def test_92_a_flood_of_passwords_is_refused_and_the_rest_answers(house: AuthHouse) -> None:
    ada = await house.member("ada")
    house.auth._core.passwords = Passwords(cores=1, waiting=8)
    crowd = [house.device() for _ in range(16)]
    for device in crowd:
        await device.begin("login")
    form = {"identifier": "ada", "password": "wrong"}
    flood = [
        asyncio.ensure_future(
            device.prove("auth", "POST", f"/auth/v1/preauth/{device.preauth}/password", form)
        )
        for device in crowd
    ]
    await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED)
    waits: list[float] = []
    while sum(reply.done() for reply in flood) < len(flood) - 2:
        started = time.perf_counter()
        assert (await ada.call("auth", "GET", "/auth/v1/session")).status == 200
        waits.append(time.perf_counter() - started)
    codes = [reply.code for reply in await asyncio.gather(*flood)]
    assert set(codes) == {"unavailable", "invalid_credentials"}
    assert codes.count("invalid_credentials") >= 9
    # Whoever is signed in does not stand in that queue.
    assert waits
    assert min(waits) < 0.25
    await house.device().sign_in("ada")


async def hammer(house: AuthHouse, account: str) -> None:
    """Try at an account as often as a thousand networks can, until the waits are long."""
    guesses = house.auth._core.guesses
    for _ in range(8):
        house.clock.advance(60)
        for _ in range(12):
            await attempt(guesses.spend_account, account)


async def attempt(spend: Callable[[Try, str], Awaitable[None]], who: str) -> bool:
    try:
        await spend(Try(), who)
    except RateLimitedError:
        return False
    return True
