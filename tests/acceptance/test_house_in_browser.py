"""A house gets its first owner, who minds it; and a plain member has no part in that."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from backend.kit.ids import new_id
from tests.acceptance.conftest import Product
from tests.album import Album, new_album
from tests.visitors import (
    LOADED,
    PASSWORD,
    enter_password,
    fill_in,
    in_the_chat,
    new_visitor,
    open_menu,
    register,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

STALE = '{"status":"failure","errors":[{"code":"step_up_required","message":"Show us once more."}]}'


@pytest.fixture
def two(browser: Browser) -> Iterator[tuple[Page, Page]]:
    """The pages of two people."""
    desk = new_visitor(browser, viewport={"width": 1440, "height": 900}, color_scheme="dark")
    hand = new_visitor(browser, viewport={"width": 390, "height": 844}, color_scheme="light")
    yield desk.new_page(), hand.new_page()
    desk.close()
    hand.close()


# The others' operator's tools are on machines of their own.
@pytest.mark.parametrize("product", ["monolith", "split"], indirect=True)
def test_the_first_owner_claims_the_house_and_minds_it(
    two: tuple[Page, Page], product: Product, admin: Callable[..., str]
):
    owner, ben = two
    album = new_album()
    olga = claim(owner, product.ui, admin, album)
    name = register(ben, product.ui, "ben")
    is_closed_to(ben, product.ui, album)
    find(owner, name)
    suspend(owner, name, album)
    is_kept_out(ben, product.ui, name, "mango", album)
    let_in(owner, ben, name)
    ban(owner, name)
    is_kept_out(ben, product.ui, name, "hippo", album)
    let_in(owner, ben, name)
    make_moderator(owner, name)
    minds_some_of_it(ben, product.ui, olga, album)


def claim(page: Page, url: str, admin: Callable[..., str], album: Album) -> str:
    """From the page of a stranger, by way of the register, to the house. Returns the name."""
    told = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", admin("first-run-code"))
    assert told, "this house has its owner already"
    page.goto(f"{url}/first-run")
    make_one = page.get_by_role("link", name="Make one")
    expect(make_one).to_be_visible(timeout=LOADED)
    album.look(page, "first-run-stranger")
    make_one.click()
    name = fill_in(page, f"olga-{new_id()[-8:]}")
    page.wait_for_url(re.compile("/first-run"), timeout=LOADED)
    code = page.get_by_label("The code that the start has shown")
    expect(code).to_be_focused(timeout=LOADED)
    code.fill("AAAAA-AAAAA")
    code.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    album.look(page, "first-run-wrong")
    code.fill(told[0].lower())
    code.press("Enter")
    page.wait_for_url(re.compile("/house"), timeout=LOADED)
    expect(page.get_by_role("heading", name="Who has keys")).to_be_visible(timeout=LOADED)
    album.look(page, "house")
    page.goto(f"{url}/chat")
    open_menu(page)
    album.look(page, "menu-of-the-owner")
    page.get_by_role("link", name="Mind the house").click()
    return name


def is_closed_to(page: Page, url: str, album: Album) -> None:
    open_menu(page)
    expect(page.get_by_role("link", name="Your corner")).to_be_visible()
    expect(page.get_by_role("link", name="Mind the house")).to_have_count(0)
    page.goto(f"{url}/first-run")
    expect(page.get_by_text("This house has its owner already")).to_be_visible(timeout=LOADED)
    expect(page.get_by_role("textbox")).to_have_count(0)
    album.look(page, "first-run-taken")
    page.goto(f"{url}/house")
    expect(page.get_by_text("for those who mind the house")).to_be_visible(timeout=LOADED)
    expect(page.get_by_role("textbox")).to_have_count(0)
    album.look(page, "house-closed")
    page.get_by_role("link", name="Back to the fire").click()
    in_the_chat(page)


def find(page: Page, name: str) -> None:
    box = page.get_by_label("Their username")
    box.fill(f"nobody-{new_id()[-8:]}")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    box.fill(name.upper())
    box.press("Enter")
    expect(someone(page, name)).to_be_focused()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(someone(page, name)).to_contain_text("Is welcome here")


def suspend(page: Page, name: str, album: Album) -> None:
    """As if ten minutes had passed: the first answer says so, and the rest is real."""
    page.route("**/suspension", lambda route: route.fulfill(status=403, body=STALE), times=1)
    page.get_by_label("Why?").fill("You ate somebody's mango.")
    album.look(page, "house-someone", page.locator("#find"))
    page.get_by_role("button", name="Show them out").click()
    dialog = page.get_by_role("dialog", name="Is it still you?")
    password = dialog.get_by_label("Password", exact=True)
    expect(password).to_be_focused()
    album.look(page, "house-step-up")
    password.fill(PASSWORD)
    password.press("Enter")
    expect(dialog).to_have_count(0)
    expect(someone(page, name)).to_contain_text("Has to stay away until")
    album.look(page, "house-suspended", page.locator("#find"))


def ban(page: Page, name: str) -> None:
    page.get_by_label("For how long").select_option("For good")
    page.get_by_label("Why?").fill("You sold somebody's hippo.")
    page.get_by_role("button", name="Show them out").click()
    expect(someone(page, name)).to_contain_text("Has to stay away for good")


def is_kept_out(page: Page, url: str, name: str, reason: str, album: Album) -> None:
    """Whoever was shown out falls out, is told why, and only after their password."""
    expect(page).to_have_url(re.compile("/sign-in"), timeout=LOADED)
    enter_password(page, name, "not the right one at all")
    expect(page.get_by_role("alert")).to_be_visible(timeout=LOADED)
    expect(page.get_by_role("alert")).not_to_contain_text(reason)
    enter_password(page, name)
    expect(page.get_by_role("alert")).to_contain_text(reason, timeout=LOADED)
    album.look(page, f"kept-out-{reason}")


def let_in(owner: Page, page: Page, name: str) -> None:
    owner.get_by_role("button", name="Let them in again").click()
    expect(someone(owner, name)).to_contain_text("Is welcome here")
    enter_password(page, name)
    in_the_chat(page)


def make_moderator(page: Page, name: str) -> None:
    moderator = someone(page, name).get_by_role("button", name="Moderator")
    expect(moderator).to_have_attribute("aria-pressed", "false")
    moderator.click()
    expect(moderator).to_have_attribute("aria-pressed", "true")
    # What cannot be taken back is asked for twice.
    someone(page, name).get_by_role("button", name="Owner").click()
    expect(someone(page, name).get_by_role("button", name="Really? Owner")).to_be_visible()
    page.get_by_label("Their username").focus()
    expect(someone(page, name).get_by_role("button", name="Owner", exact=True)).to_have_attribute(
        "aria-pressed", "false"
    )


def minds_some_of_it(page: Page, url: str, other: str, album: Album) -> None:
    """A moderator sees what moderators may do, and no more."""
    page.goto(f"{url}/house")
    box = page.get_by_label("Their username")
    expect(box).to_be_visible(timeout=LOADED)
    box.fill(other)
    box.press("Enter")
    expect(someone(page, other)).to_contain_text("Is welcome here")
    expect(page.get_by_label("For how long").locator("option")).to_have_text(
        ["A day", "A week", "A month"]
    )
    expect(page.get_by_text("Keys they hold")).to_have_count(0)
    expect(page.get_by_text("Who has keys")).to_have_count(0)
    album.look(page, "house-of-a-moderator")


def someone(page: Page, name: str) -> Locator:
    """What the house shows of a member."""
    return page.get_by_role("group", name=f"@{name}")
