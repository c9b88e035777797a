"""What of files is HTTP in itself: bytes that come to our own door, and bytes that leave it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from backend.kit.errors import CrossOriginError, SosaError
from backend.kit.http.answering import refuse
from backend.kit.http.origins import check_same_origin
from backend.kit.http.requests import RawRequest
from backend.messaging.media.store import Served

HEADERS = {
    # A file that is opened by itself is a document of our own origin. Whatever it is, it runs
    # nothing, loads nothing, and belongs to no origin at all.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # No page of another site may embed it, not even to learn whether it is there.
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Shown(Protocol):
    """What is behind a link."""

    @property
    def place(self) -> Path | str: ...

    @property
    def served(self) -> Served: ...


class Showing(Protocol):
    """Knows what is behind a link."""

    async def show(self, file_id: str, variant: str, token: str) -> Shown: ...


class Receiving(Protocol):
    """Takes bytes."""

    async def receive(self, file_id: str, token: str, chunks: AsyncIterator[bytes]) -> None: ...


class Counter(Protocol):
    """Both, side by side."""

    @property
    def incoming(self) -> Receiving: ...

    @property
    def outgoing(self) -> Showing: ...


def media_routes(incoming: Receiving, outgoing: Showing, origin: str) -> list[BaseRoute]:
    """The two doors. Neither asks who is there: the link says it."""

    async def put(request: Request) -> Response:
        try:
            check_same_origin(_raw(request), origin)
            await incoming.receive(
                request.path_params["file_id"], request.query_params.get("t", ""), request.stream()
            )
        except SosaError as error:
            return refuse(error)
        return Response(status_code=204, headers={"Cache-Control": "no-store"})

    async def get(request: Request) -> Response:
        try:
            _check_not_embedded(request)
            shown = await outgoing.show(
                request.path_params["file_id"],
                request.path_params["variant"],
                request.query_params.get("t", ""),
            )
        except SosaError as error:
            return refuse(error)
        return _answer(shown)

    return [
        Route("/messaging/v1/uploads/{file_id}", put, methods=["PUT"]),
        Route("/messaging/v1/files/{file_id}/{variant}", get, methods=["GET"]),
    ]


def _answer(shown: Shown) -> Response:
    if isinstance(shown.place, str):
        # The address is good for seconds and must not be kept for longer; the link is asked again.
        headers = {**HEADERS, "Cache-Control": "no-store"}
        return RedirectResponse(shown.place, status_code=307, headers=headers)
    # Ranges come with it (RFC 9110 14), for whoever goes on with a download.
    return FileResponse(
        shown.place,
        media_type=shown.served.media_type,
        headers={**HEADERS, **shown.served.headers},
    )


def _check_not_embedded(request: Request) -> None:
    # `Sec-Fetch-Site` cannot be set by a script. A person who opens a link themselves sends `none`.
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise CrossOriginError("That request came from another site, so we left it alone.")


def _raw(request: Request) -> RawRequest:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return RawRequest(
        method=request.method,
        path=request.url.path,
        query=b"",
        headers=headers,
        body=b"",
        network="",
    )
