"""What can be done with a message that is there."""

from typing import Annotated

import msgspec

from backend.kit.ids import MessageId, RoomId
from backend.kit.values import Request
from backend.messaging.contract.requests import ClientId

Emoji = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


class Edit(Request, tag="edit", tag_field="kind"):
    """Say it differently. The earlier words stay, for whoever asks."""

    text: str


class Delete(Request, tag="delete", tag_field="kind"):
    """Take it back: its words, the earlier ones and its reactions are gone for good."""


class React(Request, tag="react", tag_field="kind"):
    """Give an emoji, or take one's own back."""

    emoji: Emoji
    on: bool = True


class Pin(Request, tag="pin", tag_field="kind"):
    """Keep a message at hand for everyone, or no more."""

    on: bool = True


Deed = Edit | Delete | React | Pin


class Change(Request):
    """A change of one message. `id` is the client's, as a draft's is, and makes it once."""

    room_id: RoomId
    message_id: MessageId
    id: ClientId
    do: Deed
