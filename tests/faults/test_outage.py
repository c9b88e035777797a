"""What a member sees while the server is away: nothing is lost, and nobody has to reload."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.kit.ids import new_id
from tests.shapes.monolith import Monolith
from tests.visitors import LOADED, in_the_chat, message, register, say

pytestmark = [pytest.mark.browser, pytest.mark.faults, pytest.mark.timeout(240)]


@pytest.fixture
def monolith(tmp_path: Path) -> Iterator[Monolith]:
    product = Monolith(tmp_path)
    product.start()
    yield product
    product.stop()


def test_what_is_written_during_an_outage_arrives_once_when_it_is_over(
    monolith: Monolith, browser: Browser
):
    ada, ben = (browser.new_context().new_page() for _ in range(2))
    for page, name in ((ada, "ada"), (ben, "ben")):
        register(page, monolith.url, name)
    before, during = f"before {new_id()}", f"during {new_id()}"
    say(ada, before)
    expect(message(ben, before)).to_be_visible()
    monolith.kill()
    expect(banner(ada)).to_be_visible(timeout=LOADED)
    say(ada, during)
    expect(message(ada, during)).to_have_attribute("data-state", re.compile("pending|failed"))
    monolith.start()
    expect(message(ben, during)).to_be_visible(timeout=60_000)
    expect(message(ada, during)).to_have_attribute("data-state", "sent")
    for page in (ada, ben):
        page.reload()
        in_the_chat(page)
        expect(message(page, during)).to_have_count(1, timeout=LOADED)
        page.context.close()


def banner(page: Page):
    return page.get_by_test_id("banner").filter(has_text=re.compile(r"\w"))
