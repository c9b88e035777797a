"""A forgotten password in a real Chromium, with the code from a real mail."""

import re

import pytest
from playwright.sync_api import Browser, expect

from backend.kit.ids import new_id
from tests.acceptance.conftest import Product
from tests.catcher import Catcher
from tests.visitors import LOADED, PASSWORD, fill_in, in_the_chat, new_visitor, type_code

pytestmark = pytest.mark.browser

NEW_PASSWORD = "seven wet foxes sing"


def test_a_member_registers_forgets_and_changes_a_password(
    browser: Browser, product: Product, post: Catcher
) -> None:
    name = f"ada-{new_id()[-8:]}"
    email = f"{name}@sosa.example"
    page = new_visitor(browser).new_page()
    page.goto(f"{product.ui}/register")
    fill_in(page, name, email)
    type_code(page, post.wait_here(email).code)
    in_the_chat(page)

    other = new_visitor(browser).new_page()
    other.goto(f"{product.ui}/sign-in")
    other.get_by_role("link", name="Forgotten it?").click()
    other.get_by_label("Your e-mail address").fill(email)
    other.get_by_role("button", name="Send me a code").click()
    code = post.wait_here(email, 2).code
    type_code(other, "000000")
    expect(other.locator(".field-error")).to_contain_text("not the code")
    type_code(other, code)
    expect(other.locator("[autocomplete=username]")).to_have_value(name)
    other.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    other.get_by_role("button", name="Keep this one").click()
    in_the_chat(other)
    # The first browser is out, without being asked.
    page.wait_for_url(re.compile("/sign-in"), timeout=LOADED)

    other.goto(f"{product.ui}/.well-known/change-password")
    other.wait_for_url(re.compile("/settings/?#password"), timeout=LOADED)
    other.get_by_label("The one you have now").fill("not this one at all")
    other.get_by_label("New password", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Change it").click()
    expect(other.locator("#password .field-error")).to_be_visible(timeout=LOADED)
    other.get_by_label("The one you have now").fill(NEW_PASSWORD)
    other.get_by_role("button", name="Change it").click()
    expect(other.get_by_text("Changed. Every other device")).to_be_visible(timeout=LOADED)
    for opened in (page, other):
        opened.context.close()
