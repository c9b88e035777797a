"""Browsers that have signed in to an account before, known by a cookie of theirs.

The cookie lets nobody in. It moves its bearer's tries at a password out of everybody's lane.
"""

import secrets
from dataclasses import dataclass

from backend.kit.keyring import SealBrokenError
from backend.kit.parts import Parts

LIFE_SECONDS = 365 * 86_400
_PLACE = ("auth_known_device", "cookie", "")


@dataclass(frozen=True, slots=True)
class Known:
    """What a good cookie says."""

    user_id: str
    lane: str
    """Names this cookie alone."""


class KnownDevices:
    """Makes and reads the cookies. Nothing is kept: each is sealed, so nobody can make one up."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def issue(self, user_id: str) -> str:
        """A cookie for a browser that has just signed in."""
        text = f"{user_id} {secrets.token_hex(8)} {int(self._parts.clock.now())}"
        return self._parts.keyring.seal(*_PLACE, text.encode())

    def find(self, cookie: str) -> Known | None:
        """What a cookie says, if it is one of ours and not too old."""
        if not cookie:
            return None
        try:
            text = self._parts.keyring.open_sealed(*_PLACE, cookie).decode()
        except SealBrokenError:
            return None
        user_id, lane, issued = text.split()
        is_fresh = self._parts.clock.now() - int(issued) < LIFE_SECONDS
        return Known(user_id, lane) if is_fresh else None
