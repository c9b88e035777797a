"""Writing frames to uvicorn's sockets as they are.

A server's frames are the same bytes for every reader, so one message to a thousand members needs to
be made into a WebSocket frame once. ASGI cannot say that: each `send` makes its own. This protocol
class offers the app, as an extension of the scope, to write finished frames; a host without it is
served through `send`.
"""

from typing import cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from backend.messaging.live.asgi import EXTENSION


class WireProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol, with the extension. Give it to uvicorn as `ws`."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            extensions = cast("dict[str, object]", self.scope.setdefault("extensions", {}))
            extensions[EXTENSION] = self

    def write_wire(self, frames: bytes) -> None:
        """Write whole frames."""
        # Every other frame of this connection is written whole as well, so ours never lands inside
        # one.
        if not self.close_sent and not self.transport.is_closing():
            self.transport.write(frames)

    def waiting_bytes(self) -> int:
        """The bytes that wait to be sent; none when they never will be."""
        if self.close_sent or self.transport.is_closing():
            return 0
        return self.transport.get_write_buffer_size()

    def abort(self) -> None:
        """Drop the connection with whatever waits: the reader does not read."""
        self.transport.abort()
