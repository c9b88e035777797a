"""Attack 89, with codes by mail: strangers who ask for somebody's codes keep no owner out."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.kit.clock import ManualClock
from tests.attacks.post import ADA, PostHouse, post_house
from tests.attacks.test_guessing import Caller
from tests.device import Reply


@pytest.fixture
async def slow(tmp_path: Path, clock: ManualClock) -> AsyncIterator[PostHouse]:
    """A house with the limits that the product has, behind a proxy that says who calls."""
    async with post_house(tmp_path, clock, scale=1, trusted_proxies=1) as town:
        yield town


async def ask(town: PostHouse, network: str, cookie: str = "") -> tuple[Caller, Reply]:
    device = Caller(town.house, network, cookie)
    await device.begin("reset")
    return device, await town.step(device, "reset", {"email": ADA})


async def test_89_strangers_who_ask_for_codes_leave_the_owner_theirs(slow: PostHouse) -> None:
    await slow.member("ada")
    before = len(slow.post.to(ADA))
    stranger, owner = "198.51.100.7", "203.0.113.9"
    for _ in range(3):
        assert (await ask(slow, stranger))[1].status == 202
    assert (await ask(slow, stranger))[1].code == "rate_limited"
    # Letters take their time: the strangers' come first, and then the owner's.
    await slow.post.wait(ADA, before + 3)
    device, reply = await ask(slow, owner)
    assert reply.status == 202
    code = (await slow.post.wait(ADA, before + 4)).code
    assert (await slow.step(device, "pin", {"pin": code})).status == 200


async def test_89_networks_together_fill_no_mailbox_and_a_known_browser_is_let_by(
    slow: PostHouse,
) -> None:
    ada = await slow.member("ada")
    asked = [(await ask(slow, f"198.51.{number}.7"))[1] for number in range(14)]
    assert [reply.status for reply in asked] == [202] * 12 + [429] * 2
    assert (await ask(slow, "203.0.113.9"))[1].code == "rate_limited"
    cookie = f"sosa_known={slow.house.auth._core.known_devices.issue(ada.user['id'])}"
    device, reply = await ask(slow, "203.0.113.9", cookie)
    assert reply.status == 202
    code = (await slow.post.wait(ADA, 14)).code
    assert (await slow.step(device, "pin", {"pin": code})).status == 200
