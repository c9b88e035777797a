"""SoSa for programs: sign in, join rooms, speak and listen."""

from sosa_client.bots import BotSecret
from sosa_client.client import Client
from sosa_client.errors import (
    MoreAskedError,
    NotSentError,
    OfflineError,
    ProtocolError,
    RefusedError,
    SignedOutError,
    SosaClientError,
)
from sosa_client.values import (
    Event,
    Message,
    MessageChanged,
    MessageGone,
    MessagePosted,
    PeopleChanged,
    Position,
    Reaction,
    Receipt,
    Room,
    RoomLeft,
    RoomRestarted,
    User,
)

__all__ = [
    "BotSecret",
    "Client",
    "Event",
    "Message",
    "MessageChanged",
    "MessageGone",
    "MessagePosted",
    "MoreAskedError",
    "NotSentError",
    "OfflineError",
    "PeopleChanged",
    "Position",
    "ProtocolError",
    "Reaction",
    "Receipt",
    "RefusedError",
    "Room",
    "RoomLeft",
    "RoomRestarted",
    "SignedOutError",
    "SosaClientError",
    "User",
]
