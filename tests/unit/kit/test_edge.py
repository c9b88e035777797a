"""What wraps every answer, and what a process tells about itself."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from backend.kit.database import Database
from backend.kit.health import health_routes
from backend.kit.http.middleware import Edge, security_headers
from tests.serving import serving


async def own(_request: Request) -> Response:
    return PlainTextResponse("own", headers={"Content-Security-Policy": "default-src 'none'"})


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(f"sqlite+aiosqlite:///{tmp_path / 'health.db'}")


@pytest.fixture
async def http(database: Database) -> AsyncIterator[aiohttp.ClientSession]:
    app = Starlette(routes=[*health_routes([database]), Route("/own", own)])
    async with (
        serving(Edge(app, security_headers("https://sosa.test"))) as url,
        aiohttp.ClientSession(url) as session,
    ):
        yield session
    await database.close()


async def test_every_answer_carries_the_security_headers(http: aiohttp.ClientSession):
    async with http.get("/nowhere") as response:
        policy = response.headers["Content-Security-Policy"]
        assert response.status == 404
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "wss://sosa.test" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    promise = response.headers["Strict-Transport-Security"]
    assert promise == "max-age=31536000; includeSubDomains"


async def test_a_stricter_header_of_a_route_stays(http: aiohttp.ClientSession):
    async with http.get("/own") as response:
        assert response.headers.getall("Content-Security-Policy") == ["default-src 'none'"]


def test_plain_http_promises_no_tls():
    assert "Strict-Transport-Security" not in security_headers("http://localhost:3000")


async def test_a_good_request_id_is_kept_and_a_bad_one_replaced(http: aiohttp.ClientSession):
    async with http.get("/own", headers={"X-Request-Id": "abc-1234"}) as response:
        assert response.headers["X-Request-Id"] == "abc-1234"
    async with http.get("/own", headers={"X-Request-Id": "a\tb"}) as response:
        assert len(response.headers["X-Request-Id"]) == 36


async def test_a_process_that_serves_is_healthy_and_ready(http: aiohttp.ClientSession):
    for path in ("/healthz", "/readyz"):
        async with http.get(path) as response:
            assert (response.status, await response.json()) == (200, {"status": "ok"})


async def test_a_process_whose_database_is_gone_is_healthy_but_not_ready(tmp_path: Path):
    # A folder where the file should be: it can never be opened.
    (tmp_path / "gone.db").mkdir()
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'gone.db'}")
    app = Starlette(routes=health_routes([database]))
    async with serving(app) as url, aiohttp.ClientSession(url) as session:
        async with session.get("/readyz") as response:
            assert response.status == 503
        async with session.get("/healthz") as response:
            assert response.status == 200
    await database.close()


async def test_metrics_count_by_route_and_not_by_path(http: aiohttp.ClientSession):
    async with http.get("/own"), http.get("/wp-admin.php"):
        pass
    async with http.get("/metrics") as response:
        text = await response.text()
    assert 'sosa_http_requests_total{method="GET",route="/own",status="200"}' in text
    assert "wp-admin" not in text
