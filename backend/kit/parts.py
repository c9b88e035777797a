"""What a service is built from: all it needs comes in through here, so that tests can choose."""

from dataclasses import dataclass
from typing import Any, Generic

from typing_extensions import TypeVar

from backend.kit.channels import Together
from backend.kit.clock import Clock
from backend.kit.database import Database
from backend.kit.ephemera import Ephemera, RateLimits
from backend.kit.events import Outbox
from backend.kit.keyring import Keyring
from backend.kit.push import Push
from backend.kit.settings import Settings
from backend.kit.tokens.revocations import Revocations

P = TypeVar("P", default=Any)


@dataclass(frozen=True, slots=True)
class Parts(Generic[P]):
    """The parts of one service. `P` is a Protocol with the peers that the service calls."""

    settings: Settings
    clock: Clock
    database: Database
    outbox: Outbox
    ephemera: Ephemera
    limits: RateLimits
    keyring: Keyring
    revocations: Revocations
    peers: P
    """The other services, as this one may call them."""
    together: Together | None = None
    """For working beside other processes that serve the same; None when there are none."""
    push: Push | None = None
    """Reaches sockets that another machine holds; None where this process holds its own."""
