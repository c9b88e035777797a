"""What a person does in a browser: register, say something, look at what is there."""

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from backend.kit.ids import new_id

PASSWORD = "twelve giraffes in a lift"
LOADED = 20_000
"""Milliseconds after which a page that is not there will not come."""


def new_visitor(browser: Browser, **more: Any) -> BrowserContext:
    """A browser of somebody new, who accepts the certificate that a shape made for itself."""
    return browser.new_context(ignore_https_errors=True, **more)


def register(page: Page, url: str, name: str) -> str:
    """Register somebody whose name begins as given, and wait for the chat. Returns the name."""
    username = f"{name}-{new_id()[-8:]}"
    page.goto(f"{url}/register")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("18 or older").check()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Let me in!").click()
    in_the_chat(page)
    return username


def in_the_chat(page: Page) -> None:
    """Wait until there is something to type into."""
    expect(page.get_by_test_id("composer")).to_be_enabled(timeout=LOADED)


def say(page: Page, text: str) -> None:
    """Type a message and send it."""
    page.get_by_test_id("composer").fill(text)
    page.get_by_test_id("composer").press("Enter")


def message(page: Page, text: str) -> Locator:
    """The message that says it, in the open room; not one that only quotes it."""
    said = page.get_by_test_id("words").filter(has_text=text)
    return page.get_by_test_id("message").filter(has=said)
