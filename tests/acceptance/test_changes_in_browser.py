"""What members do with messages, as three of them see it."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from backend.kit.ids import new_id
from tests.acceptance.conftest import Product
from tests.visitors import LOADED, message, new_visitor, register, say

pytestmark = pytest.mark.browser

Visit = Callable[[str], Page]


@pytest.fixture
def visit(browser: Browser, product: Product) -> Iterator[Visit]:
    """Registers somebody of that name in a browser of their own; returns their chat page."""
    opened: list[BrowserContext] = []

    def come_in(name: str) -> Page:
        opened.append(new_visitor(browser, viewport={"width": 1440, "height": 900}))
        page = opened[-1].new_page()
        register(page, product.ui, name)
        return page

    yield come_in
    for context in opened:
        context.close()


def act(page: Page, said: Locator, name: str) -> None:
    """Open what can be done with a message, and pick one of it."""
    said.hover()
    said.get_by_test_id("actions").click()
    page.get_by_test_id(f"action-{name}").click()


def test_messages_are_changed_before_everybodys_eyes(visit: Visit, product: Product):
    ada, ben = visit("ada"), visit("ben")
    first, better, answer = (f"{word} {new_id()}" for word in ("helo", "hello", "well met"))
    say(ada, first)
    at_ben = message(ben, first)
    expect(at_ben).to_be_visible(timeout=product.soon)
    expect(message(ada, first)).to_have_attribute("data-state", "sent")

    # Arrow up in an empty box changes the last message.
    ada.get_by_test_id("composer").press("ArrowUp")
    ada.get_by_test_id("composer").fill(better)
    ada.get_by_test_id("composer").press("Enter")
    at_ben = message(ben, better)
    expect(at_ben).to_contain_text("(edited)", timeout=product.soon)

    at_ben.hover()
    at_ben.get_by_test_id("actions").click()
    ben.get_by_test_id("quick-reaction").first.click()
    expect(at_ben.get_by_test_id("reaction")).to_have_attribute("aria-pressed", "true")
    at_ada = message(ada, better)
    expect(at_ada.get_by_test_id("reaction")).to_contain_text("1", timeout=product.soon)
    at_ada.get_by_test_id("reaction").click()
    expect(at_ben.get_by_test_id("reaction")).to_contain_text("2", timeout=product.soon)

    act(ben, at_ben, "reply")
    expect(ben.get_by_test_id("task")).to_contain_text(better)
    say(ben, answer)
    expect(message(ada, answer).get_by_test_id("quote")).to_contain_text(
        better, timeout=product.soon
    )
    act(ben, message(ben, answer), "pin")
    expect(message(ada, answer)).to_have_attribute("data-pinned", "true", timeout=product.soon)

    cleo = visit("cleo")
    expect(message(cleo, better).get_by_test_id("reaction")).to_contain_text("2", timeout=LOADED)
    expect(message(cleo, answer).get_by_test_id("quote")).to_contain_text(better)
    expect(message(cleo, first)).to_have_count(0)

    act(ada, at_ada, "delete")
    expect(at_ada).to_be_visible()
    ada.get_by_test_id("action-delete").click()
    for page in (ada, ben, cleo):
        expect(message(page, better)).to_have_count(0, timeout=product.soon)
        expect(message(page, answer)).to_contain_text("is gone")
    for page in (ada, ben):
        page.reload()
        expect(message(page, answer)).to_have_count(1, timeout=LOADED)
        expect(message(page, better)).to_have_count(0)


def test_what_is_not_mine_is_not_mine_to_change(visit: Visit, product: Product):
    ada, ben = visit("ada"), visit("ben")
    words = f"mine {new_id()}"
    say(ada, words)
    expect(message(ben, words)).to_be_visible(timeout=product.soon)
    for page, count in ((ada, 1), (ben, 0)):
        said = message(page, words)
        expect(said).to_have_attribute("data-state", "sent")
        said.hover()
        said.get_by_test_id("actions").click()
        expect(page.get_by_test_id("action-reply")).to_have_count(1)
        expect(page.get_by_test_id("action-edit")).to_have_count(count)
        expect(page.get_by_test_id("action-delete")).to_have_count(count)
        page.keyboard.press("Escape")


def test_what_i_do_while_the_line_is_cut_is_done_when_it_is_back(visit: Visit, product: Product):
    ada, ben = visit("ada"), visit("ben")
    words = f"patience {new_id()}"
    say(ben, words)
    said = message(ada, words)
    expect(said).to_be_visible(timeout=product.soon)
    ada.context.set_offline(True)
    said.hover()
    said.get_by_test_id("actions").click()
    ada.get_by_test_id("quick-reaction").first.click()
    expect(said.get_by_test_id("reaction")).to_contain_text("1")
    expect(message(ben, words).get_by_test_id("reaction")).to_have_count(0)
    ada.context.set_offline(False)
    expect(message(ben, words).get_by_test_id("reaction")).to_contain_text("1", timeout=LOADED)
