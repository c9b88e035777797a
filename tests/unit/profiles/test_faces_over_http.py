from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

import aiohttp
import msgspec
import pytest
from starlette.applications import Starlette
from yarl import URL

from backend.kit.http.middleware import Edge, security_headers
from backend.profiles import api
from backend.profiles.faces import MOODS, draw_face
from tests.serving import serving


@dataclass(frozen=True, slots=True)
class Seen:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def error(self) -> dict[str, Any]:
        """The one error of a failure."""
        answer = msgspec.json.decode(self.text)
        assert answer["status"] == "failure"
        (error,) = answer["errors"]
        return error


class Browser:
    """Looks at faces in the real server, behind what wraps every answer."""

    def __init__(self, base_url: str, session: aiohttp.ClientSession) -> None:
        self._base_url = base_url
        self._session = session

    async def look(self, seed: str, query: str = "", known: str | None = None) -> Seen:
        path = f"/profiles/v1/faces/{quote(seed, safe='')}.svg{query}"
        headers = {"If-None-Match": known} if known else {}
        url = URL(self._base_url + path, encoded=True)
        async with self._session.get(url, headers=headers) as response:
            return Seen(response.status, response.headers, await response.text())


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    nothing = cast("Any", None)
    app = Edge(
        Starlette(routes=api.routes(nothing, nothing)), security_headers("https://sosa.test")
    )
    async with serving(app) as base_url, aiohttp.ClientSession() as session:
        yield Browser(base_url, session)


async def test_anyone_may_look_at_a_face(browser: Browser):
    seen = await browser.look("ada-1")
    assert seen.status == 200
    assert seen.text == draw_face("ada-1")
    assert seen.headers["content-type"].startswith("image/svg+xml")


async def test_a_face_is_kept_for_a_year_and_may_do_nothing(browser: Browser):
    headers = (await browser.look("ada-1")).headers
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("shape", ["{}", "W/{}", '"other", {}', "*"])
async def test_a_face_that_is_known_is_not_sent_again(browser: Browser, shape: str):
    etag = (await browser.look("ada-1")).headers["etag"]
    again = await browser.look("ada-1", known=shape.format(etag))
    assert again.status == 304
    assert again.headers["etag"] == etag
    assert again.text == ""


async def test_another_face_is_sent_in_full(browser: Browser):
    etag = (await browser.look("ada-1")).headers["etag"]
    other = await browser.look("ben-1", known=etag)
    assert other.status == 200
    assert other.headers["etag"] != etag


@pytest.mark.parametrize("mood", MOODS)
async def test_a_face_shows_its_mood(browser: Browser, mood: str):
    assert (await browser.look("ada-1", f"?mood={mood}")).text == draw_face("ada-1", mood)


@pytest.mark.parametrize("seed", ["Ada", "ada_1", "x" * 65, "ada\n", "<b>", "ad.a", "é", "\0"])
async def test_a_bad_seed_is_nobody(browser: Browser, seed: str):
    assert (await browser.look("x" * 64)).status == 200
    seen = await browser.look(seed)
    assert seen.status == 404
    assert seen.error["code"] == "not_found"
    assert seen.headers["cache-control"] == "no-store"


async def test_a_bad_mood_is_named(browser: Browser):
    seen = await browser.look("ada-1", "?mood=furious")
    assert seen.status == 422
    assert seen.error["field"] == "mood"
    assert "furious" not in seen.text


async def test_an_unknown_field_is_refused(browser: Browser):
    seen = await browser.look("ada-1", "?size=9")
    assert seen.status == 422
    assert seen.error["code"] == "unknown_field"
    assert seen.error["field"] == "size"
