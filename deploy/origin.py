"""How members reach the product, as the operator says it."""

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send


class PublicScheme:
    """ASGI middleware that has redirects keep members on the scheme of the public origin.

    TLS ends before us, and no header of a stranger is asked about it. Without this, /register sent
    members of a house with TLS to port 80.
    """

    def __init__(self, app: ASGIApp, origin: str) -> None:
        self._app = app
        self._scheme = urlsplit(origin).scheme

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = {**scope, "scheme": self._scheme} if scope["type"] == "http" else scope
        await self._app(known, receive, send)
