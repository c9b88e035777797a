"""Distinct types for distinct ids, and the one way to make them."""

import os
import time
import uuid
from typing import NewType

UserId = NewType("UserId", str)
SessionId = NewType("SessionId", str)
DeviceId = NewType("DeviceId", str)
CommunityId = NewType("CommunityId", str)
RoomId = NewType("RoomId", str)
MessageId = NewType("MessageId", str)
FileId = NewType("FileId", str)

GONE = UserId("gone")
"""In the place of everyone who has left for good: what they said stays, who said it does not."""


def new_id() -> str:
    """A UUID version 7 as text: unique anywhere, and sorted by the time it was made.

    RFC 9562 5.7. Stands in for `uuid.uuid7` until Python 3.14 is the oldest version served.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))
