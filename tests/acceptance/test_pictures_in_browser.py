"""A picture goes from the disk of one member to the eyes of another."""

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from backend.kit.ids import new_id
from tests.acceptance.conftest import Product
from tests.pictures import jpeg
from tests.visitors import message, new_visitor, register

# The stores and shapes are asked without a browser (test_pictures.py); what a page does with a
# picture is the same in all of them, but for who passes its bytes on.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("product", ["monolith", "split"], indirect=True),
]


def test_a_picture_is_attached_seen_and_opened(browser: Browser, product: Product):
    visitors = [new_visitor(browser, viewport={"width": 1440, "height": 900}) for _ in range(2)]
    ada, ben = (visitor.new_page() for visitor in visitors)
    register(ada, product.ui, "ada")
    register(ben, product.ui, "ben")
    words = f"from the hill {new_id()}"
    sunset = FilePayload(name="sunset.jpg", mimeType="image/jpeg", buffer=jpeg(800, 500))
    with ada.expect_file_chooser() as chooser:
        ada.get_by_test_id("attach").click()
    chooser.value.set_files([sunset])
    expect(ada.get_by_test_id("tray-item")).to_have_attribute("data-state", "ready", timeout=10_000)
    ada.get_by_test_id("composer").fill(words)
    ada.get_by_test_id("send").click()
    expect(ada.get_by_test_id("tray-item")).to_have_count(0)

    picture = message(ben, words).get_by_test_id("picture")
    expect(picture).to_have_attribute("data-there", "true", timeout=5_000)
    picture.click()
    lightbox = ben.get_by_test_id("lightbox")
    opened = lightbox.locator("img").last
    expect(opened).to_be_visible()
    assert opened.evaluate("image => image.decode().then(() => image.naturalWidth)") == 800
    ben.keyboard.press("Escape")
    expect(lightbox).to_have_count(0)
    for visitor in visitors:
        visitor.close()
