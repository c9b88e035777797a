"""Who is asking. The annotation of an operation's `caller` is its guard."""

from backend.kit.ids import DeviceId, SessionId, UserId
from backend.kit.values import Value


class Visitor(Value, tag="visitor"):
    """Anyone, known only by the network the request came from."""

    network: str


class Member(Value, tag="member"):
    """A signed-in person or bot, proven by an access token and a proof of its device."""

    user_id: UserId
    session_id: SessionId
    device_id: DeviceId
    roles: tuple[str, ...]
    acr: str
    """How surely they were recognised: `low`, `std` or `high`."""
    auth_time: int
    """When they last proved who they are, in Unix seconds. Step-up looks at it."""


class Service(Value, tag="service"):
    """Another service of the house, proven by its identity key (in one process, by wiring)."""

    name: str


Caller = Visitor | Member | Service
