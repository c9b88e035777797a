"""What members write, read: as a tree for programs, and drawn for eyes."""

import pytest
from playwright.sync_api import Browser, expect

from backend.kit.ids import new_id
from tests.acceptance.conftest import Product
from tests.members import Arrive
from tests.visitors import message, new_visitor, register, say


async def test_markup_and_commands_come_as_a_tree_to_everybody(arrive: Arrive):
    ada, ben = await arrive("ada"), await arrive("ben")
    hers, his = await ada.connect(), await ben.connect()
    room = ada.rooms["games"]
    await hers.join(room)
    texts = ("so **very** plain", "hello there", "/me waves", "/roll 3d6")
    drafts = [{"id": new_id(), "text": text} for text in texts]
    await hers.ask({"t": "send", "room": room, "messages": drafts})
    joined = await his.join(room)
    very, plain, deed, dice = joined["messages"][-4:]
    assert very["body"] == {"nodes": ["so ", ["b", ["very"]], " plain"]}
    assert "body" not in plain
    assert deed["body"] == {"nodes": ["waves"], "style": "action"}
    (kind, which, asked, shown, result), = dice["body"]["nodes"]  # fmt: skip
    assert (kind, which, asked, int(result)) == ("luck", "dice", "3d6", sum(shown))
    assert [said["text"] for said in joined["messages"][-4:]] == list(texts)


@pytest.mark.browser
def test_a_message_is_drawn_as_it_was_meant_and_never_as_markup(browser: Browser, product: Product):
    contexts = [new_visitor(browser, viewport={"width": 1440, "height": 900}) for _ in range(2)]
    ada, ben = (context.new_page() for context in contexts)
    register(ada, product.ui, "ada")
    register(ben, product.ui, "ben")
    mark = new_id()
    say(ada, f"{mark} **bold** ||secret|| [bank.example](https://evil.example/x) <img src=x>")
    said = message(ben, mark)
    expect(said.locator("strong")).to_have_text("bold", timeout=product.soon)
    expect(said.get_by_test_id("words").locator("img")).to_have_count(0)
    expect(said).to_contain_text("bank.example (evil.example) <img src=x>")
    link = said.get_by_role("link")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow ugc")
    expect(said.get_by_text("secret")).to_be_hidden()
    said.get_by_test_id("veil").press("Enter")
    expect(said.get_by_text("secret")).to_be_visible()
    ada.get_by_test_id("open-emoji").click()
    ada.get_by_test_id("emoji-search").fill("zebra")
    expect(ada.get_by_test_id("emoji-picker").get_by_label("zebra").first).to_be_visible()
    ada.get_by_test_id("emoji-search").press("Enter")
    expect(ada.get_by_test_id("composer")).to_have_value("🦓 ")
    for context in contexts:
        context.close()
