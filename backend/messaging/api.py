"""The live door inside Starlette: the handshake, and a socket for each connection."""

from starlette.datastructures import Headers
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket

from backend.kit.errors import CrossOriginError, MalformedRequestError, SosaError
from backend.kit.http.routes import refuse
from backend.kit.parts import Parts
from backend.messaging.live.asgi import AsgiSocket
from backend.messaging.live.connection import Connection
from backend.messaging.live.gateway import PATH, SUBPROTOCOL, Gateway, Peers
from backend.messaging.live.ports import LiveMessaging


def routes(service: LiveMessaging, parts: Parts[Peers]) -> list[BaseRoute]:
    gateway = Gateway(
        service,
        parts.peers,
        parts.revocations,
        parts.clock,
        origin=parts.settings.origin,
        rate_limit_scale=parts.settings.rate_limit_scale,
    )

    async def live(websocket: WebSocket) -> None:
        try:
            check_handshake(websocket.headers, gateway.origin)
            _check_subprotocol(websocket)
        except SosaError as error:
            await websocket.send_denial_response(refuse(error))
            return
        await websocket.accept(SUBPROTOCOL)
        await _converse(gateway, websocket)

    return [WebSocketRoute(PATH, live)]


def check_handshake(headers: Headers, origin: str) -> None:
    """Refuse a page of another site. Raises CrossOriginError.

    A browser sends `Origin` with every WebSocket handshake and no script can change it, so what
    comes without one is no page; a bot need not pretend to be one. Whatever looks like a browser
    all the same (it sends fetch metadata or cookies) is refused, lest a way is found to make one
    leave the header out. A sandboxed page's `null` is nobody's origin.
    """
    sent = headers.get("origin")
    if sent is None:
        is_browser = "cookie" in headers or any(name.startswith("sec-fetch-") for name in headers)
        if not is_browser:
            return
    elif sent == origin:
        return
    raise CrossOriginError("That connection came from another site, so we left it alone.")


def _check_subprotocol(websocket: WebSocket) -> None:
    if SUBPROTOCOL not in websocket.scope.get("subprotocols", []):
        raise MalformedRequestError(f"This door speaks the subprotocol {SUBPROTOCOL}.")


async def _converse(gateway: Gateway, websocket: WebSocket) -> None:
    socket = AsgiSocket(websocket)
    network = websocket.client.host if websocket.client else "unknown"
    # A ticket is for the product's own origin, and so is taken to be whoever sent none.
    origin = websocket.headers.get("origin", gateway.origin)
    connection = Connection(gateway, socket, origin, network)
    connection.opened()
    try:
        await socket.run(connection.heard)
    finally:
        await connection.gone()
