"""Calls between services go where their URL says, and nowhere that an answer sends them."""

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from backend.kit.http.calling import Ask
from backend.kit.http.client import HttpTransport
from tests.serving import serving


async def test_an_answer_sends_nobody_elsewhere():
    asked: list[str] = []

    async def elsewhere(request: Request) -> Response:
        asked.append(request.headers["authorization"])
        return JSONResponse({"status": "success", "response": {}})

    async def moved(_request: Request) -> Response:
        return RedirectResponse("/elsewhere", status_code=307)

    app = Starlette(routes=[Route("/elsewhere", elsewhere), Route("/moved", moved)])
    async with serving(app) as url, aiohttp.ClientSession() as session:
        transport = HttpTransport(url, session)
        papers = {"Authorization": "SoSa-Service papers"}
        direct = Ask(method="GET", path="/elsewhere", query="", body=b"", headers=papers)
        assert (await transport.send(direct))[0] == 200
        assert asked == ["SoSa-Service papers"]
        sent = Ask(method="GET", path="/moved", query="", body=b"", headers=papers)
        assert (await transport.send(sent))[0] == 307
        assert len(asked) == 1
