"""The security log, one's data and leaving, as a person meets them."""

import re
import zipfile

import pytest
from playwright.sync_api import Browser, expect

from tests.acceptance.conftest import Product
from tests.visitors import LOADED, enter_password, in_the_chat, new_visitor, register

pytestmark = pytest.mark.browser


def test_a_member_reads_the_log_takes_everything_along_and_leaves(
    browser: Browser, product: Product
):
    context = new_visitor(browser, viewport={"width": 390, "height": 844}, accept_downloads=True)
    phone = new_visitor(browser, viewport={"width": 390, "height": 844})
    page, elsewhere = context.new_page(), phone.new_page()
    name = register(page, product.ui, "ada")
    elsewhere.goto(f"{product.ui}/sign-in")
    enter_password(elsewhere, name)
    in_the_chat(elsewhere)

    page.reload()
    in_the_chat(page)
    news = page.locator(".member-button .member-news")
    expect(news).to_have_text("1")
    page.locator(".member-button").click()
    page.get_by_role("link", name="Something happened").click()
    log = page.locator("#security li")
    expect(log).to_have_count(2, timeout=LOADED)
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.locator("#devices li")).to_have_count(1)
    expect(elsewhere).to_have_url(re.compile("/sign-in"), timeout=LOADED)
    page.goto(f"{product.ui}/chat")
    in_the_chat(page)
    expect(news).to_have_count(1)

    page.goto(f"{product.ui}/settings")
    page.get_by_role("button", name="Pack my things").click(timeout=LOADED)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click(timeout=LOADED)
    names = zipfile.ZipFile(download.value.path()).namelist()
    assert {"auth/account.json", "profiles/profile.json", "messaging/end.json"} <= set(names)

    page.get_by_role("button", name="Delete my account").click()
    page.get_by_label("Type your username").fill(name)
    page.get_by_role("button", name="Delete it").click()
    page.wait_for_url(re.compile("/goodbye"))
    page.goto(f"{product.ui}/sign-in")
    enter_password(page, name)
    page.get_by_role("button", name="I am staying!").click(timeout=LOADED)
    in_the_chat(page)
    context.close()
    phone.close()
