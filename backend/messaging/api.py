"""The live door inside Starlette: the handshake, and a socket for each connection."""

from typing import Protocol

from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket

from backend.kit.errors import SosaError
from backend.kit.http.answering import refuse
from backend.kit.http.network import network_of
from backend.kit.parts import Parts
from backend.kit.settings import SettingError, variable_of
from backend.messaging.live.asgi import AsgiSocket
from backend.messaging.live.connection import Connection
from backend.messaging.live.gateway import PATH, SUBPROTOCOL, Gateway, Peers, open_gateway
from backend.messaging.live.handshake import check_handshake
from backend.messaging.live.ports import LiveMessaging, RemoteMessaging
from backend.messaging.live.remote import RemoteDoor
from backend.messaging.media.doors import Counter, media_routes


class ServedMessaging(LiveMessaging, Protocol):
    """The service as its own doors see it."""

    @property
    def files(self) -> Counter: ...


def routes(service: ServedMessaging, parts: Parts[Peers]) -> list[BaseRoute]:
    gateway = open_gateway(service, parts)

    async def live(websocket: WebSocket) -> None:
        try:
            check_handshake(websocket.headers.items(), gateway.origin)
        except SosaError as error:
            await websocket.send_denial_response(refuse(error))
            return
        await websocket.accept(SUBPROTOCOL)
        network = network_of(
            websocket.client.host if websocket.client else None,
            websocket.headers.getlist("x-forwarded-for"),
            parts.settings.trusted_proxies,
        )
        await _converse(gateway, websocket, network)

    files = service.files
    media = media_routes(files.incoming, files.outgoing, parts.settings.origin)
    return [WebSocketRoute(PATH, live), *media]


def door(service: RemoteMessaging, parts: Parts[Peers]) -> RemoteDoor:
    if parts.push is None:
        raise SettingError(f"{variable_of('push_url')} must say where sockets are held.")
    return RemoteDoor(service, open_gateway(service, parts), parts.push)


async def _converse(gateway: Gateway, websocket: WebSocket, network: str) -> None:
    socket = AsgiSocket(websocket, gateway.turn)
    connection = Connection(gateway, socket, gateway.origin, network)
    connection.opened()
    try:
        await socket.run(connection.heard)
    finally:
        await connection.gone()
