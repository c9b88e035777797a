"""One member's whole way, on two devices: in by every door, locked, and out again.

What each part may not do, and its other ways, have tests of their own; this one shows that the
parts fit together, and that somebody who cannot see the page or hold a mouse is not lost in it.
"""

import json
import re
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from backend.kit.ids import new_id
from tests.acceptance.conftest import Product
from tests.album import Album, new_album
from tests.catcher import Catcher
from tests.locks import STEP_SECONDS, totp
from tests.visitors import (
    LOADED,
    carry_a_passkey,
    consent,
    enter_password,
    fill_in,
    in_the_chat,
    new_visitor,
    sign_out,
    take_no_suggestion,
    type_code,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

NEW_PASSWORD = "seven wet foxes sing"
AT_THE_TOP = """(id) => {
  const top = document.getElementById(id)?.getBoundingClientRect().top;
  const isAll = document.querySelectorAll("#security li").length > 0;
  return isAll && top !== undefined && Math.abs(top) < 60;
}"""
"""Where the address names a section, and all sections have come."""


@dataclass
class Ada:
    """A member, with a laptop that has a passkey in it, and a phone that has none."""

    laptop: Page
    phone: Page
    url: str
    post: Catcher
    album: Album
    name: str
    secret: str = ""
    """What her app makes codes from."""
    recovery_code: str = ""

    @property
    def email(self) -> str:
        return f"{self.name}@sosa.example"


@pytest.fixture
def ada(browser: Browser, product: Product, post: Catcher) -> Iterator[Ada]:
    desk = new_visitor(
        browser, viewport={"width": 1440, "height": 900}, color_scheme="dark", accept_downloads=True
    )
    hand = new_visitor(browser, viewport={"width": 390, "height": 844}, color_scheme="light")
    laptop = desk.new_page()
    take_no_suggestion(laptop)
    carry_a_passkey(laptop)
    name = f"ada-{new_id()[-8:]}"
    yield Ada(laptop, hand.new_page(), product.ui, post, new_album(), name)
    desk.close()
    hand.close()


# It is long, and shorter ones try in every shape what may differ there.
@pytest.mark.parametrize("product", ["monolith", "split"], indirect=True)
def test_a_member_comes_in_by_every_door_locks_up_and_leaves(ada: Ada):
    register_with_an_address(ada)
    for provider in ("Google", "Reddit"):
        link(ada, provider)
    for provider in ("google", "reddit"):
        sign_out(ada.laptop, ada.url)
        come_in_by(ada, provider)
    set_up_an_app(ada)
    take_recovery_codes(ada)
    add_a_passkey(ada)
    sign_out_of_the_settings(ada)
    come_in_by_passkey(ada)
    reset_the_password_on_the_phone(ada)
    was_sent_to_the_door(ada.laptop)
    ada.album.look(ada.laptop, "signed-out-by-the-reset")
    come_in_by_passkey(ada)
    send_the_phone_away(ada)
    read_what_happened(ada)
    take_everything_along(ada)
    leave(ada)
    come_back_for_a_moment(ada)


def register_with_an_address(ada: Ada) -> None:
    page = ada.laptop
    page.goto(f"{ada.url}/register")
    ada.album.look(page, "register")
    fill_in(page, ada.name, ada.email)
    expect(page.get_by_role("heading", name="You're almost in!")).to_be_visible(timeout=LOADED)
    expect(page.get_by_label("The code from the mail")).to_be_focused()
    ada.album.look(page, "register-code")
    type_code(page, "000000")
    is_wrong(page.get_by_label("The code from the mail"))
    ada.album.look(page, "register-code-wrong")
    type_code(page, ada.post.wait_here(ada.email).code)
    in_the_chat(page)


def link(ada: Ada, provider: str) -> None:
    page = ada.laptop
    page.goto(f"{ada.url}/settings#providers")
    page.get_by_role("button", name=f"Link {provider}").click(timeout=LOADED)
    consent(page, ada.name)
    expect(page.get_by_role("button", name=f"Unlink {provider}")).to_be_visible(timeout=LOADED)
    ada.album.look(page, f"linked-{provider.lower()}", page.locator("#providers"))
    page.goto(f"{ada.url}/chat")
    in_the_chat(page)


def come_in_by(ada: Ada, provider: str) -> None:
    page = ada.laptop
    page.goto(f"{ada.url}/sign-in")
    button = page.locator(f'[data-provider="{provider}"]')
    expect(button).to_be_visible(timeout=LOADED)
    ada.album.look(page, f"sign-in-{provider}")
    button.click()
    # The provider's page, which the one with the button goes to when it has an answer.
    expect(page.locator("#name")).to_be_visible(timeout=LOADED)
    ada.album.look(page, f"consent-{provider}")
    consent(page, ada.name)
    in_the_chat(page)


def set_up_an_app(ada: Ada) -> None:
    page = ada.laptop
    page.goto(f"{ada.url}/settings")
    ada.album.look(page, "settings")
    page.get_by_role("button", name="Set up an app").click(timeout=LOADED)
    field = page.get_by_label("Code from your app")
    expect(field).to_be_focused()
    ada.album.look(page, "app", page.locator("#second_lock"))
    ada.secret = page.locator(".lock-secret").inner_text().replace(" ", "")
    field.fill(totp(ada.secret, time.time()))
    field.press("Enter")
    expect(page.get_by_text("In use since")).to_be_visible()
    # The form is gone, and with it what had the focus.
    expect(page.get_by_role("heading", name="A second lock")).to_be_focused()


def take_recovery_codes(ada: Ada) -> None:
    page = ada.laptop
    page.get_by_role("button", name="Make recovery codes").click()
    expect(page.locator(".lock-codes li")).to_have_count(10)
    ada.recovery_code = page.locator(".lock-codes li").first.inner_text()
    ada.album.look(page, "recovery-codes", page.locator("#second_lock"))
    page.get_by_role("button", name="They are safe").click()


def add_a_passkey(ada: Ada) -> None:
    page = ada.laptop
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator(".lock .settings-list li")).to_have_count(1)
    ada.album.look(page, "locked", page.locator("#second_lock"))


def sign_out_of_the_settings(ada: Ada) -> None:
    heading = ada.laptop.locator(".settings-head")
    heading.get_by_role("button", name="Sign out").click()
    ada.laptop.wait_for_url(f"{ada.url}/")


def come_in_by_passkey(ada: Ada) -> None:
    page = ada.laptop
    page.goto(f"{ada.url}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click(timeout=LOADED)
    in_the_chat(page)


def reset_the_password_on_the_phone(ada: Ada) -> None:
    page = ada.phone
    page.goto(f"{ada.url}/sign-in")
    page.get_by_role("link", name="Forgotten it?").click()
    page.get_by_label("Your e-mail address").fill(ada.email)
    ada.album.look(page, "forgotten")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_label("The code from the mail")).to_be_focused(timeout=LOADED)
    ada.album.look(page, "forgotten-code")
    type_code(page, ada.post.wait_here(ada.email, 2).code)
    password = page.get_by_label("New password", exact=True)
    expect(password).to_be_focused(timeout=LOADED)
    expect(password).to_have_attribute("autocomplete", "new-password")
    password.fill(NEW_PASSWORD)
    ada.album.look(page, "new-password")
    page.get_by_role("button", name="Keep this one").click()
    # Whoever reads her mail does not have her app.
    expect(page.get_by_role("heading", name="One more lock")).to_be_visible(timeout=LOADED)
    ada.album.look(page, "second-lock")
    page.get_by_role("button", name="Use a code from my app").click()
    code = page.get_by_label("Code from your app")
    expect(code).to_be_focused()
    code.fill("000000")
    code.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    ada.album.look(page, "second-lock-wrong")
    code.fill(totp(ada.secret, time.time() + STEP_SECONDS))
    code.press("Enter")
    in_the_chat(page)
    expect(page.get_by_text("Your new password is in place")).to_be_visible()
    ada.album.look(page, "after-the-reset")
    page.get_by_role("button", name="Got it").click()
    expect(page.get_by_text("Your new password is in place")).to_have_count(0)


def send_the_phone_away(ada: Ada) -> None:
    page = ada.laptop
    page.goto(f"{ada.url}/settings#devices")
    devices = page.locator("#devices li")
    expect(devices).to_have_count(2, timeout=LOADED)
    ada.album.look(page, "devices", page.locator("#devices"))
    other = devices.filter(has_not_text="This one, right now")
    other.get_by_role("button", name="Sign out").click()
    expect(devices).to_have_count(1)
    expect(page.get_by_role("heading", name="Where you are signed in")).to_be_focused()
    was_sent_to_the_door(ada.phone)
    ada.album.look(ada.phone, "phone-signed-out")


def read_what_happened(ada: Ada) -> None:
    page = ada.laptop
    page.goto(f"{ada.url}/settings#security")
    page.reload()
    lines = page.locator("#security li strong")
    page.wait_for_function(AT_THE_TOP, arg="security")
    expect(lines.first).to_have_text("A device was signed out", timeout=LOADED)
    told = lines.all_inner_texts()
    assert "A forgotten password was replaced" in told
    assert [line for line in told if line[0].islower()] == [], "every event has words"
    ada.album.look(page, "security-log", page.locator("#security"))


def take_everything_along(ada: Ada) -> None:
    page = ada.laptop
    ada.album.look(page, "my-things", page.locator("#data"))
    page.get_by_role("button", name="Pack my things").click()
    ready = page.get_by_role("button", name="Download")
    expect(ready).to_be_visible(timeout=LOADED)
    ada.album.look(page, "packed", page.locator("#data"))
    with page.expect_download() as download:
        ready.click()
    archive = zipfile.ZipFile(download.value.path())
    assert json.loads(archive.read("auth/account.json"))["username"] == ada.name
    ended = {name for name in archive.namelist() if name.endswith("/end.json")}
    assert "messaging/end.json" in ended


def leave(ada: Ada) -> None:
    page = ada.laptop
    page.get_by_role("button", name="Delete my account").click()
    name = page.get_by_label("Type your username")
    expect(name).to_be_focused()
    ada.album.look(page, "delete", page.locator("#data"))
    name.fill(ada.name)
    page.get_by_role("button", name="Delete it").click()
    page.wait_for_url(re.compile("/goodbye"))
    expect(page.get_by_text("fourteen days")).to_be_visible()
    ada.album.look(page, "goodbye")
    page.goto(f"{ada.url}/chat")
    expect(page).to_have_url(re.compile("/sign-in"), timeout=LOADED)


def come_back_for_a_moment(ada: Ada) -> None:
    """The fourteen days, by both ways that ask for more than a password."""
    page = ada.laptop
    page.get_by_role("button", name="Sign in with a passkey").click(timeout=LOADED)
    leaving = page.get_by_role("heading", name="You were about to leave")
    expect(leaving).to_be_focused(timeout=LOADED)
    ada.album.look(page, "about-to-leave")
    page.get_by_role("link", name="No, let it go").click()
    page.wait_for_url(f"{ada.url}/")

    page = ada.phone
    page.goto(f"{ada.url}/sign-in")
    enter_password(page, ada.name, NEW_PASSWORD)
    page.get_by_role("button", name="Use a recovery code").click(timeout=LOADED)
    page.get_by_label("Recovery code").fill(ada.recovery_code)
    page.get_by_role("button", name="Let me back in").click()
    page.get_by_role("button", name="I am staying!").click(timeout=LOADED)
    in_the_chat(page)
    expect(page.get_by_text("You are staying!")).to_be_visible()
    ada.album.look(page, "stays")


def is_wrong(field: Locator) -> None:
    """Told at the field, to those who see it and to those who hear it."""
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile("code", re.IGNORECASE))


def was_sent_to_the_door(page: Page) -> None:
    """It fell out by itself, and says why it may have."""
    expect(page).to_have_url(re.compile("/sign-in"), timeout=LOADED)
    expect(page.get_by_role("status").filter(has_text="You were signed out here")).to_be_visible()
