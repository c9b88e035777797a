"""A product of two services, as somebody who found it would use it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from backend.kit.ids import new_id
from tests.serving import free_port
from tests.shapes.processes import Process, answers_http, status_of

pytestmark = pytest.mark.browser

PASSWORD = "twelve giraffes in a lift"


@pytest.fixture
def nametag(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    process = Process(
        "nametag",
        [sys.executable, "-m", "examples.nametag"],
        tmp_path / "nametag.log",
        {"SOSA_PORT": str(port), "SOSA_DATA_DIR": str(tmp_path / "data")},
    )
    process.start()
    process.wait_until(lambda: answers_http(port), 30)
    yield f"http://localhost:{port}"
    process.stop()


def test_somebody_gets_a_tag_writes_on_it_and_comes_back(browser: Browser, nametag: str):
    page = browser.new_context().new_page()
    page.goto(nametag)
    name = f"ada-{new_id()[-8:]}"
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Give me a tag").click()
    expect(page.get_by_text(name)).to_be_visible(timeout=20_000)
    page.get_by_label("and I am a").fill("Pizza Roll")
    with page.expect_response("**/profiles/v1/me") as answer:
        page.get_by_role("button", name="Write it down").click()
    assert answer.value.status == 200
    page.reload()
    expect(page.get_by_label("and I am a")).to_have_value("Pizza Roll", timeout=20_000)
    page.get_by_role("button", name="Hand the tag back").click()
    expect(page.get_by_role("button", name="Give me a tag")).to_be_visible()
    page.get_by_label("Password").fill("something else altogether")
    page.get_by_role("button", name="I have one already").click()
    expect(page.get_by_role("alert")).not_to_be_empty()
    page.context.close()


@pytest.mark.parametrize("path", ["/messaging/v1/rooms", "/community/v1/communities", "/keys/x.py"])
def test_what_it_does_not_use_is_not_there(nametag: str, path: str):
    port = int(nametag.rpartition(":")[2])
    assert status_of(port, "/profiles/v1/me") == 401
    assert status_of(port, path) == 404
