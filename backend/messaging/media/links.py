"""Links that open one file for a while, for a browser that cannot prove itself at each picture.

An `<img>` sends no token and no proof, and a cookie that would be enough by itself is just what
this house does not have (ADR-0007). So a member asks, with a proof, for links; each names the file,
the member, their session and its end, under a key that messaging alone has. It is worth that one
file and nothing else; the door asks again whether the session goes on and whether the member may
still read the room. Who finds the link within its minutes sees what its owner could show them
anyway (ADR-0015).
"""

from dataclasses import dataclass

from backend.kit.callers import Member
from backend.kit.clock import Clock
from backend.kit.errors import NotFoundError
from backend.kit.ids import FileId, SessionId, UserId
from backend.kit.keyring import Keyring

VIEW_SECONDS = 900
"""A link is good until the end of the next such span: for one to two of them. Within a span it
stays the same, or a browser would fetch each picture anew."""
UPLOAD_SECONDS = 3_600

VIEW, UPLOAD = "media view", "media upload"
"""Labels of keys. What may be looked at may not be written, so they are worlds apart."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a link was made for, and until when it is good (Unix seconds)."""

    user_id: UserId
    session_id: SessionId
    until: int


class Links:
    """Makes links, and reads them."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock

    def view_end(self) -> int:
        """When links end that are made now, in Unix seconds."""
        return (int(self._clock.now()) // VIEW_SECONDS + 2) * VIEW_SECONDS

    def to_view(self, caller: Member, file_id: FileId, variant: str) -> str:
        """Where the caller's browser finds a variant of the file."""
        token = self._token(VIEW, caller, file_id, self.view_end())
        return f"/messaging/v1/files/{file_id}/{variant}?t={token}"

    def to_upload(self, caller: Member, file_id: FileId, until: int) -> str:
        """Where the caller's browser puts the bytes of the file."""
        return f"/messaging/v1/uploads/{file_id}?t={self._token(UPLOAD, caller, file_id, until)}"

    def read(self, label: str, file_id: str, token: str) -> Holder:
        """Whom the token of a link was made for. Raises NotFoundError, whatever is wrong."""
        user_id, _, rest = token.partition("~")
        session_id, _, rest = rest.partition("~")
        until, _, tag = rest.partition("~")
        # Checked before anything in it is believed.
        if not self._keyring.is_mac(tag, label, _said(file_id, user_id, session_id, until)):
            raise _nothing_here()
        if int(until) <= self._clock.now():
            raise _nothing_here()
        return Holder(UserId(user_id), SessionId(session_id), int(until))

    def _token(self, label: str, caller: Member, file_id: FileId, until: int) -> str:
        words = (caller.user_id, caller.session_id, str(until))
        parts = (*words, self._keyring.mac(label, _said(file_id, *words)))
        # None of it needs quoting in a URL: ids are ours, and the tag is base64url.
        return "~".join(parts)


def _said(*words: str) -> str:
    # None of the words has the character between them, or they could be cut elsewhere.
    return "\n".join(words)


def _nothing_here() -> NotFoundError:
    return NotFoundError("There is nothing here.")
