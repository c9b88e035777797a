"""A second lock in a real Chromium: made in the settings, asked for at the door.

The passkeys are of Chromium's virtual authenticator: what a person does with a finger, it does by
itself.
"""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.conftest import Product
from tests.locks import STEP_SECONDS, totp
from tests.visitors import (
    LOADED,
    carry_a_passkey,
    enter_password,
    in_the_chat,
    new_visitor,
    register,
    take_no_suggestion,
)

pytestmark = pytest.mark.browser

FORGET = """() => new Promise((done) => {
  const request = indexedDB.deleteDatabase("sosa");
  request.onsuccess = request.onblocked = done;
})"""
STALE = '{"status":"failure","errors":[{"code":"step_up_required","message":"Show us once more."}]}'


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = new_visitor(browser, viewport={"width": 390, "height": 844})
    yield context.new_page()
    context.close()


def test_a_member_adds_a_second_lock_and_comes_in_by_each_of_its_keys(page: Page, product: Product):
    take_no_suggestion(page)
    carry_a_passkey(page)
    name = register(page, product.ui, "ada")
    page.goto(f"{product.ui}/settings")
    secret = set_up_an_app(page)
    page.get_by_role("button", name="Make recovery codes").click()
    expect(page.locator(".lock-codes li")).to_have_count(10)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator(".lock .settings-list li")).to_have_count(1)
    code = renew_codes_with_a_fresh_proof(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    forget(page, product)
    enter_password(page, name)
    page.get_by_role("button", name="Use a code from my app").click()
    expect(page.get_by_label("Code from your app")).to_have_attribute(
        "autocomplete", "one-time-code"
    )
    page.get_by_label("Code from your app").fill("000000")
    page.get_by_role("button", name="That is the one").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Code from your app").fill(totp(secret, time.time() + STEP_SECONDS))
    page.get_by_role("button", name="That is the one").click()
    in_the_chat(page)

    forget(page, product)
    enter_password(page, name)
    page.get_by_role("button", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(code.lower())
    page.get_by_role("button", name="Let me back in").click()
    in_the_chat(page)

    forget(page, product)
    field = page.get_by_label("Username or e-mail address")
    expect(field).to_have_attribute("autocomplete", "username webauthn")
    page.get_by_role("button", name="Sign in with a passkey").click()
    in_the_chat(page)
    expect(page).to_have_url(re.compile("/chat"))


def test_a_passkey_is_suggested_where_the_name_is_typed(page: Page, product: Product):
    carry_a_passkey(page)
    register(page, product.ui, "ada")
    page.goto(f"{product.ui}/settings")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator(".lock .settings-list li")).to_have_count(1, timeout=LOADED)
    forget(page, product)
    # Nobody presses anything: taking the suggestion is all there is to do.
    in_the_chat(page)


def test_password_managers_learn_where_passkeys_are_kept(page: Page, product: Product):
    told = page.request.get(f"{product.ui}/.well-known/passkey-endpoints")
    assert told.json()["manage"].startswith(f"{product.http}/settings")
    page.goto(told.json()["enroll"])
    expect(page).to_have_url(re.compile("/sign-in"))
    assert page.request.get(f"{product.ui}/.well-known/nothing").status == 404


def set_up_an_app(page: Page) -> str:
    page.get_by_role("button", name="Set up an app").click(timeout=LOADED)
    picture = page.get_by_role("img", name="QR code")
    expect(picture).to_be_visible()
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 100
    secret = page.locator(".lock-secret").inner_text().replace(" ", "")
    page.get_by_label("Code from your app").fill(totp(secret, time.time()))
    page.get_by_role("button", name="Lock it").click()
    expect(page.get_by_text("In use since")).to_be_visible()
    return secret


def renew_codes_with_a_fresh_proof(page: Page) -> str:
    """As if ten minutes had passed: the first answer says so, and the rest is real."""
    path = "**/auth/v1/recovery-codes"
    page.route(path, lambda route: route.fulfill(status=403, body=STALE), times=1)
    before = page.locator(".lock-codes li").first.inner_text()
    page.get_by_role("button", name="Make new ones").click()
    dialog = page.get_by_role("dialog", name="Is it still you?")
    dialog.get_by_role("button", name="Use my passkey").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".lock-codes li").first).not_to_have_text(before)
    code = page.locator(".lock-codes li").first.inner_text()
    page.get_by_role("button", name="They are safe").click()
    return code


def forget(page: Page, product: Product) -> None:
    """Come to the door as if on another machine, with the passkey in one's pocket."""
    page.goto(f"{product.ui}/")
    page.evaluate(FORGET)
    page.context.clear_cookies()
    page.goto(f"{product.ui}/sign-in")
