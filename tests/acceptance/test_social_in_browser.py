"""Signing in with an account elsewhere, in a real Chromium; and being lured."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from backend.kit.ids import new_id
from tests.acceptance.conftest import Product
from tests.visitors import LOADED, consent, in_the_chat, new_visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[[], Page]]:
    """Opens a page in a browser that knows nothing of the others."""
    opened: list[BrowserContext] = []

    def open_page() -> Page:
        opened.append(new_visitor(browser, viewport={"width": 390, "height": 844}))
        return opened[-1].new_page()

    yield open_page
    for context in opened:
        context.close()


def go_to(page: Page, product: Product, door: str, provider: str) -> None:
    page.goto(f"{product.ui}/{door}")
    page.locator(f'[data-provider="{provider}"]').click(timeout=LOADED)


def say_yes(page: Page) -> None:
    page.get_by_label("18 or older").check(timeout=LOADED)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Sure! let's do it!").click()
    in_the_chat(page)


def test_in_by_google_linked_and_in_by_reddit(visit: Callable[[], Page], product: Product):
    page, name = visit(), f"zoe-{new_id()[-12:]}"
    told: list[str] = []
    page.on("websocket", lambda ws: ws.on("framesent", lambda frame: told.append(str(frame))))
    go_to(page, product, "register", "google")
    consent(page, name)
    expect(page.get_by_label("Username")).to_have_value(name, timeout=LOADED)
    assert page.url == f"{product.ui}/auth/callback/google"
    say_yes(page)
    page.goto(f"{product.ui}/settings")
    page.get_by_role("button", name="Link Reddit").click(timeout=LOADED)
    consent(page, name)
    unlink = page.get_by_role("button", name="Unlink Reddit")
    expect(unlink).to_be_visible(timeout=LOADED)
    assert told
    assert not [frame for frame in told if "code=" in frame or "state=" in frame]
    other = visit()
    go_to(other, product, "sign-in", "reddit")
    consent(other, name)
    in_the_chat(other)
    unlink.click()
    page.get_by_role("button", name="Unlink Google").click()
    expect(page.get_by_role("alert")).to_contain_text("your only way in")


def test_in_by_keys_alone_and_confirmed_by_a_provider(visit: Callable[[], Page], product: Product):
    """The cookie is lost and the keys are not: in, but no lock moves before somebody vouches."""
    page, name = visit(), f"ivy-{new_id()[-12:]}"
    go_to(page, product, "register", "imgur")
    consent(page, name)
    say_yes(page)
    page.context.clear_cookies()
    page.goto(f"{product.ui}/settings")
    page.get_by_role("button", name="Link Google").click(timeout=LOADED)
    page.get_by_role("button", name="Ask imgur").click()
    consent(page, "somebody else")
    expect(page.get_by_role("alert")).to_contain_text("does not open this account", timeout=LOADED)
    page.get_by_role("link", name="Back to where you were").click()
    page.get_by_role("button", name="Link Google").click(timeout=LOADED)
    page.get_by_role("button", name="Ask imgur").click()
    consent(page, name)
    expect(page.get_by_text("That is you!")).to_be_visible(timeout=LOADED)
    page.get_by_role("button", name="Link Google").click(timeout=LOADED)
    consent(page, name)
    expect(page.get_by_role("button", name="Unlink Google")).to_be_visible(timeout=LOADED)
    page.context.clear_cookies()
    page.goto(f"{product.ui}/settings")
    page.get_by_role("button", name="Unlink imgur").click(timeout=LOADED)
    page.get_by_role("button", name="Ask Google").click()
    consent(page, name)
    expect(page.get_by_text("That is you!")).to_be_visible(timeout=LOADED)
    page.get_by_role("button", name="Unlink imgur").click(timeout=LOADED)
    expect(page.get_by_role("button", name="Link imgur")).to_be_visible(timeout=LOADED)


def test_61_who_is_lured_to_anothers_callback_is_stopped(
    visit: Callable[[], Page], product: Product
):
    attacker, victim = visit(), visit()
    caught: list[str] = []

    def catch(route: Route, request: Request) -> None:
        if request.method != "POST":
            route.continue_()
            return
        caught.append(route.fetch(max_redirects=0).headers["location"])
        route.fulfill(status=204)

    attacker.route(re.compile("/google/authorize"), catch)
    go_to(attacker, product, "sign-in", "google")
    with attacker.expect_response(lambda response: response.status == 204):
        consent(attacker, f"eve-{new_id()[-12:]}")
    asked: list[str] = []
    victim.on("request", lambda request: asked.append(request.url))
    victim.goto(caught[0])
    expect(victim.get_by_role("heading", name="This is not your gate")).to_be_visible(
        timeout=LOADED
    )
    assert victim.url == f"{product.ui}/auth/callback/google"
    assert asked
    assert not [url for url in asked if "/auth/v1/preauth" in url]
    # It was good: where it was begun, it leads in.
    attacker.unroute_all()
    attacker.goto(caught[0])
    say_yes(attacker)
