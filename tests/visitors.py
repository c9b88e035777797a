"""What a person does in a browser: register, say something, look at what is there."""

import re
from typing import Any, cast

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from backend.kit.ids import new_id
from tests.watch.known import KNOWN

PASSWORD = "twelve giraffes in a lift"
LOADED = 20_000
"""Milliseconds after which a page that is not there will not come."""


AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def new_visitor(browser: Browser, **more: Any) -> BrowserContext:
    """A browser of somebody new, who accepts the certificate that a shape made for itself."""
    return browser.new_context(ignore_https_errors=True, **more)


def register(page: Page, url: str, name: str) -> str:
    """Register somebody whose name begins as given, and wait for the chat. Returns the name."""
    page.goto(f"{url}/register")
    username = fill_in(page, f"{name}-{new_id()[-8:]}")
    in_the_chat(page)
    KNOWN.add("password", PASSWORD)
    for cookie in page.context.cookies():
        KNOWN.add("cookie", cookie.get("value", ""))
    return username


def fill_in(page: Page, username: str, email: str = "") -> str:
    """Fill in the form that makes an account, and send it. Returns the name."""
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label(re.compile("^E-mail")).fill(email)
    page.get_by_label("18 or older").check()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Let me in!").click()
    return username


def enter_password(page: Page, username: str, password: str = PASSWORD) -> None:
    """Fill in the form of the door, and send it."""
    page.get_by_label("Username or e-mail address").fill(username)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Back to the fire").click()


def sign_out(page: Page, url: str) -> None:
    """Leave the chat by its menu."""
    open_menu(page)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{url}/")


def open_menu(page: Page) -> None:
    """Open what is behind one's own face, in the chat."""
    page.get_by_role("button", name="You, the theme, and the way out").click(timeout=LOADED)


def consent(page: Page, name: str) -> None:
    """Say who one is at a pretended provider, and that it may tell."""
    page.locator("#name").fill(name)
    page.get_by_role("button", name="Continue").click()


def carry_a_passkey(page: Page) -> None:
    """Give the browser an authenticator whose owner is always willing."""
    cdp = cast("Any", page.context.new_cdp_session(page))
    cdp.send("WebAuthn.enable")
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def take_no_suggestion(page: Page) -> None:
    """Else the willing owner takes the browser's suggestion before anything is typed."""
    page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")


def type_code(page: Page, code: str) -> None:
    """Paste it as mail programs give it: with something around it, in lower case."""
    box = page.get_by_label("The code from the mail")
    expect(box).to_have_attribute("autocomplete", "one-time-code")
    box.fill(f" {code.lower()} ")
    page.get_by_role("button", name="That's my code").click()


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
