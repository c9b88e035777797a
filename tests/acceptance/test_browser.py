"""Members in a real Chromium: what they see, and how soon."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from backend.kit.ids import new_id
from tests.acceptance.conftest import Product
from tests.visitors import (
    LOADED,
    PASSWORD,
    enter_password,
    in_the_chat,
    message,
    new_visitor,
    register,
    say,
    sign_out,
)

pytestmark = pytest.mark.browser

Visit = Callable[[str], Page]


@pytest.fixture
def contexts(browser: Browser) -> Iterator[Callable[[], BrowserContext]]:
    """Makes browsers that know nothing of each other."""
    opened: list[BrowserContext] = []

    def open_context() -> BrowserContext:
        opened.append(new_visitor(browser, viewport={"width": 1440, "height": 900}))
        return opened[-1]

    yield open_context
    for context in opened:
        context.close()


@pytest.fixture
def visit(contexts: Callable[[], BrowserContext], product: Product) -> Visit:
    """Registers somebody of that name in a browser of their own; returns their chat page."""

    def come_in(name: str) -> Page:
        page = contexts().new_page()
        register(page, product.ui, name)
        return page

    return come_in


def test_two_members_talk_live_reload_and_a_third_reads_back(visit: Visit, product: Product):
    ada, ben = visit("ada"), visit("ben")
    hello, hi = f"hello {new_id()}", f"hi {new_id()}"
    say(ada, hello)
    expect(message(ben, hello)).to_be_visible(timeout=product.soon)
    say(ben, hi)
    expect(message(ada, hi)).to_be_visible(timeout=product.soon)
    expect(message(ada, hello)).to_have_attribute("data-state", "sent")
    for page in (ada, ben):
        page.reload()
        expect(message(page, hello)).to_have_count(1, timeout=LOADED)
        expect(message(page, hi)).to_have_count(1)
    cleo = visit("cleo")
    expect(message(cleo, hello)).to_have_count(1, timeout=LOADED)
    expect(message(cleo, hi)).to_have_count(1)


def test_who_comes_is_seen_and_who_leaves_is_gone(visit: Visit):
    ada, ben = visit("ada"), visit("ben")
    people = ada.get_by_test_id("person")
    expect(people.filter(has_text=re.compile("ben-"))).not_to_have_count(0, timeout=LOADED)
    before = people.count()
    ben.context.close()
    expect(people).to_have_count(before - 1, timeout=LOADED)


def test_rooms_are_apart_and_an_unseen_message_marks_its_room(visit: Visit, product: Product):
    ada, ben = visit("ada"), visit("ben")
    ben.get_by_test_id("room").filter(has_text="games").click()
    text = f"anyone for chess? {new_id()}"
    say(ben, text)
    expect(message(ben, text)).to_have_attribute("data-state", "sent")
    games = ada.get_by_test_id("room").filter(has_text="games")
    expect(games).to_have_attribute("data-unread", "true", timeout=product.soon)
    expect(message(ada, text)).to_have_count(0)
    games.click()
    expect(message(ada, text)).to_be_visible()


def test_a_member_signs_out_and_in_again(contexts: Callable[[], BrowserContext], product: Product):
    page = contexts().new_page()
    name = register(page, product.ui, "ada")
    sign_out(page, product.ui)
    page.goto(f"{product.ui}/chat")
    page.wait_for_url(re.compile("/sign-in"))
    enter_password(page, name.upper())
    in_the_chat(page)


def test_a_wrong_password_is_told_at_the_form_and_what_was_typed_stays(
    contexts: Callable[[], BrowserContext], product: Product
):
    page = contexts().new_page()
    page.goto(f"{product.ui}/sign-in")
    page.get_by_label("Username or e-mail address").fill("nobody-here")
    page.get_by_label("Password", exact=True).fill("not the right one at all")
    page.get_by_role("button", name="Back to the fire").click()
    expect(page.locator(".form-error")).to_be_visible(timeout=LOADED)
    expect(page.get_by_label("Username or e-mail address")).to_have_value("nobody-here")


def test_a_password_never_passes_through_reflex_and_keys_cannot_be_exported(
    contexts: Callable[[], BrowserContext], product: Product
):
    page = contexts().new_page()
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda f: frames.append(str(f))))
    register(page, product.ui, "ada")
    assert frames, "the page has sockets, so there is something to look through"
    assert not [frame for frame in frames if PASSWORD in frame]
    kinds = page.evaluate(EXPORT_EVERY_KEY)
    assert len(kinds) >= 5, "the keys are where we look for them"
    assert set(kinds) == {"InvalidAccessError"}


EXPORT_EVERY_KEY = """async () => {
  const keys = [];
  const collect = (value) => {
    if (value instanceof CryptoKey) keys.push(value);
    else if (value && typeof value === "object") Object.values(value).forEach(collect);
  };
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise((done) => {
      indexedDB.open(name).onsuccess = (event) => done(event.target.result);
    });
    for (const store of db.objectStoreNames) {
      await new Promise((done) => {
        db.transaction(store).objectStore(store).getAll().onsuccess = (event) => {
          event.target.result.forEach(collect);
          done();
        };
      });
    }
    db.close();
  }
  return Promise.all(keys.map((key) =>
    crypto.subtle.exportKey("raw", key).then(() => "exported", (error) => error.name)));
}"""


def test_a_phone_shows_one_pane_at_a_time(visit: Visit):
    ada = visit("ada")
    ada.set_viewport_size({"width": 390, "height": 844})
    expect(ada.get_by_test_id("composer")).to_be_visible()
    expect(ada.get_by_test_id("room").first).to_be_hidden()
    ada.get_by_test_id("pane-rooms").click()
    expect(ada.get_by_test_id("room").first).to_be_visible()
    expect(ada.get_by_test_id("composer")).to_be_hidden()
    width = ada.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_pages_load_without_an_error_in_the_console(
    contexts: Callable[[], BrowserContext], product: Product
):
    page = contexts().new_page()
    errors: list[str] = []
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    for path in ("/", "/register", "/sign-in"):
        page.goto(f"{product.ui}{path}")
        page.wait_for_load_state("networkidle")
    assert errors == []


def test_a_page_that_is_not_there_says_so_with_a_smile(
    contexts: Callable[[], BrowserContext], product: Product
):
    page = contexts().new_page()
    answer = page.goto(f"{product.ui}/the/wrong/waterhole")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading").first).to_be_visible()
    expect(page).to_have_title(re.compile("SoSa"))


def test_public_pages_are_readable_without_scripts(browser: Browser, product: Product):
    context = new_visitor(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto(product.ui)
    expect(page.get_by_role("heading").first).to_be_visible()
    expect(page.get_by_role("link", name="Let me in!").first).to_be_visible()
    context.close()
