"""Takes the pictures in docs/screens: `python -m tests.screens`.

Into another folder, it takes more of them: `python -m tests.screens FOLDER`.
Starts the real product, lets a few members talk through the live door, and looks at the pages as a
visitor and as one of them, on a desk and on a phone.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import aiohttp
from playwright.async_api import Browser, Page, async_playwright

from tests.conftest import CHROMIUM, CHROMIUM_FLAGS
from tests.device import Device
from tests.shapes.monolith import Monolith
from tests.shapes.processes import ROOT
from tests.socket_client import SocketClient

DOCS = ROOT / "docs" / "screens"
IN_DOCS = {"landing", "register", "sign-in", "chat", "settings"}
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
THEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")
PASSWORD = "twelve giraffes in a lift"
CAST = ("ada", "ben", "cleo", "dora", "emil")
TALK = (
    ("ben", "Morning all! Who left the campfire on overnight?"),
    ("cleo", "Guilty. In my defence: marshmallows."),
    ("ben", "Fair. Carry on."),
    ("dora", "Is this the room for people who talk to their plants?"),
    ("cleo", "That is every room, Dora."),
    ("cleo", "Mine answered last week. We are no longer speaking."),
    ("emil", "🌵 rude"),
    (
        "ben",
        (
            "Right, important question before anyone has had coffee. We are planning the meetup "
            "for Saturday and there are two camps: the ones who want to watch the sunset from the "
            "hill, and the ones who want to be near the snacks. I say we carry them up the hill."
        ),
    ),
    ("dora", "Ben for president."),
    ("emil", "I can bring the guitar, and I promise only to hold it."),
    ("cleo", "Sold! See you up there 🌅"),
)


async def main(folder: Path) -> None:
    """Start, talk, look, stop."""
    with tempfile.TemporaryDirectory() as data_dir:
        product = Monolith(Path(data_dir))
        product.start()
        try:
            async with _cast(product) as (cast, general), async_playwright() as playwright:
                browser = await playwright.chromium.launch(
                    executable_path=str(CHROMIUM), args=CHROMIUM_FLAGS
                )
                await _look_as_visitor(browser, product.url, folder)
                await _look_as_member(browser, product.url, folder, cast, general)
                await browser.close()
        finally:
            product.stop()


@asynccontextmanager
async def _cast(product: Monolith) -> AsyncGenerator[tuple[dict[str, SocketClient], str]]:
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        cast: dict[str, SocketClient] = {}
        general = ""
        for name in CAST[1:]:
            device = Device(http, product.url)
            await device.register(name)
            communities = await device.call("community", "GET", "/community/v1/communities")
            general = communities.response["communities"][0]["rooms"][0]["id"]
            cast[name] = await _enter(device, product.url, general)
        yield cast, general
        for client in cast.values():
            await client.close()


async def _enter(device: Device, url: str, room: str) -> SocketClient:
    client = await SocketClient.open(url)
    await client.greet()

    async def credentials(challenge: str) -> tuple[str, str]:
        ticket = await device.ticket("messaging")
        proof = device.socket_proof("messaging", "/messaging/v1/live", ticket, challenge)
        return ticket, proof

    await client.authenticate(credentials)
    await client.join(room)
    return client


async def _look_as_visitor(browser: Browser, url: str, folder: Path) -> None:
    for size in SIZES:
        for theme in THEMES:
            page = await _page(browser, size, theme)
            for name, path in (
                ("landing", "/"),
                ("register", "/register"),
                ("sign-in", "/sign-in"),
                ("lost", "/nowhere"),
            ):
                await page.goto(url + path, wait_until="networkidle")
                await _picture(page, folder, name, size, theme)
            await page.context.close()


async def _look_as_member(
    browser: Browser, url: str, folder: Path, cast: dict[str, SocketClient], general: str
) -> None:
    page = await _page(browser, "desk", "dark")
    await page.goto(f"{url}/register")
    await page.get_by_label("Username").fill("ada")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_label("18 or older").check()
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Let me in!").click()
    await page.get_by_test_id("composer").wait_for(timeout=30_000)
    for number, (who, text) in enumerate(TALK):
        await cast[who].send(general, (f"picture-{number:04}", text))
        if number == 3:
            await page.get_by_test_id("composer").fill("I talk to my tomatoes. They are shy.")
            await page.get_by_test_id("composer").press("Enter")
    await page.get_by_test_id("message").filter(has_text=TALK[-1][1]).wait_for()
    for theme in THEMES:
        await page.emulate_media(color_scheme=theme)
        for size, (width, height) in SIZES.items():
            await page.set_viewport_size({"width": width, "height": height})
            await _picture(page, folder, "chat", size, theme)
            if size == "phone":
                await page.get_by_test_id("pane-rooms").click()
                await _picture(page, folder, "rooms", size, theme)
                await page.get_by_test_id("pane-people").click()
                await _picture(page, folder, "people", size, theme)
                await page.get_by_test_id("pane-conversation").click()
    await _look_at_settings(page, url, folder)


async def _look_at_settings(page: Page, url: str, folder: Path) -> None:
    await page.goto(f"{url}/settings")
    await page.get_by_role("button", name="Add a passkey").wait_for()
    for theme in THEMES:
        await page.emulate_media(color_scheme=theme)
        for size, (width, height) in SIZES.items():
            await page.set_viewport_size({"width": width, "height": height})
            await _picture(page, folder, "settings", size, theme)


async def _page(browser: Browser, size: str, theme: Literal["dark", "light"]) -> Page:
    width, height = SIZES[size]
    settings: dict[str, Any] = {"viewport": {"width": width, "height": height}}
    context = await browser.new_context(color_scheme=theme, **settings)
    return await context.new_page()


async def _picture(page: Page, folder: Path, name: str, size: str, theme: str) -> None:
    if folder == DOCS and name not in IN_DOCS:
        return
    # Fonts and faces come in their own time.
    await page.wait_for_timeout(600)
    await page.screenshot(path=folder / f"{name}-{size}-{theme}.png")


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS
    target.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(target))
