"""Building a bot in a real Chromium."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.kit.ids import new_id
from sosa_client import Client
from tests.acceptance.conftest import Product
from tests.trust import TRUSTED
from tests.visitors import LOADED, new_visitor, register

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = new_visitor(browser, viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


async def come_in(url: str, shown: dict[str, str]) -> str:
    secret = (shown["BOT_ID"], shown["BOT_SECRET"], shown["BOT_SALT"])
    async with await Client.sign_in_bot(url, *secret, trust=TRUSTED) as bot:
        return bot.user.username


def read_secret(page: Page) -> dict[str, str]:
    text = page.get_by_test_id("bot-secret").inner_text()
    return dict(re.findall(r"^(\w+)=(\S+)$", text, re.MULTILINE))


def test_a_bot_is_built_its_secret_shown_once_and_good_until_revoked(page: Page, product: Product):
    register(page, product.ui, "ada")
    page.goto(f"{product.ui}/settings#bots")
    name = f"beep-{new_id()[-8:]}"
    page.get_by_label("What is it called?").fill(name)
    page.get_by_role("button", name="Build a bot").click()
    expect(page.get_by_test_id("bot-secret")).to_be_visible(timeout=LOADED)
    shown = read_secret(page)
    # Playwright has a loop of its own in this thread.
    with ThreadPoolExecutor(1) as elsewhere:
        assert elsewhere.submit(asyncio.run, come_in(product.http, shown)).result() == name

    page.reload()
    bot = page.get_by_test_id("bot").filter(has_text=name)
    expect(bot).to_be_visible(timeout=LOADED)
    expect(bot).to_contain_text("Last seen")
    assert shown["BOT_SECRET"] not in page.content()

    bot.get_by_role("button", name="New secret").click()
    expect(page.get_by_test_id("bot-secret")).to_be_visible()
    assert read_secret(page)["BOT_SECRET"] != shown["BOT_SECRET"]
    page.get_by_role("button", name="I have put it away").click()
    expect(page.get_by_test_id("bot-secret")).to_have_count(0)

    bot.get_by_role("button", name="Revoke").click()
    bot.get_by_role("button", name="Really?").click()
    expect(page.get_by_text("No bots yet")).to_be_visible()
