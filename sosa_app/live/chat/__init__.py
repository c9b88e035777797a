"""The live chat: rooms left, conversation middle, who is online right, over one socket.

The conversation does not live in Reflex state: a message would cost a state delta for each member
instead of one frame (docs/protocol.md). This is the Python face of a client component; it hands
over who is here and which rooms there are, once, and hears nothing back.
"""

from pathlib import Path
from typing import Any

import reflex as rx

# The scripts import device.js, which is in the build because of this.
import sosa_app.live.device  # noqa: F401  # pyright: ignore[reportUnusedImport]

# Files declared by one module land beside each other, so that they import one another relatively.
# All are declared, not only the entrance: what is not declared is not copied into the build.
for _script in sorted(Path(__file__).parent.iterdir()):
    if _script.suffix in {".js", ".jsx", ".css"}:
        rx.asset(_script.name, shared=True)


class ChatPane(rx.NoSSRComponent):
    """The component of ChatPane.jsx. It needs a WebSocket and storage, so no server draws it."""

    library = "$/public/external/sosa_app/live/chat/ChatPane.jsx"
    tag = "ChatPane"

    rooms: rx.Var[list[dict[str, Any]]]
    """`{id, name, topic, community}` of each room, in their order."""
    me: rx.Var[dict[str, Any]]
    """`{user_id, username, nickname, face}` of the member; empty until it is known."""
    community: rx.Var[str]
    """The community's name, above the rooms."""


chat_pane = ChatPane.create
