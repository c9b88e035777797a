"""What a browser may keep."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOREVER = b"public, max-age=31536000, immutable"
ASK_FIRST = b"no-cache"


class CacheControl:
    """ASGI middleware that lets browsers keep what never changes, and ask about what may.

    Files below /assets carry a hash of their content in their name. A page without a hash must be
    asked for, or an old one would go on loading assets that a newer release no longer has. Answers
    of the services say for themselves, and are left alone.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                if rule := _rule(path, message["status"], dict(headers)):
                    message["headers"] = [*headers, (b"cache-control", rule)]
            await send(message)

        await self._app(scope, receive, send_marked)


def _rule(path: str, status: int, headers: dict[bytes, bytes]) -> bytes | None:
    if b"cache-control" in headers:
        return None
    if path.startswith("/assets/"):
        # A missing asset may be there a moment later, on the newer release.
        return FOREVER if status in {200, 304} else ASK_FIRST
    return ASK_FIRST if b"etag" in headers else None
