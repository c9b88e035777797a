"""Who asks auth, beyond the callers that every service knows. Their guards are in `api.py`."""

from backend.kit.callers import Member
from backend.kit.ids import DeviceId, SessionId, UserId
from backend.kit.values import Value


class Applicant(Value, tag="applicant"):
    """Whoever began, proven by the keys of the beginning. Nobody else can bring it to an end."""

    preauth_id: str
    jti: str
    """The request's name; the sealed answer repeats it."""
    network: str
    has_to_wait: bool
    """Whether this browser was told lately to come back when older."""
    known_device: str = ""
    """The cookie by which a browser is known again, unchecked."""


class Bot(Value, tag="bot"):
    """A bot that fetches tokens, proven by the keys of its present secret."""

    bot_id: UserId
    device_id: DeviceId
    """The device that stands for the secret."""
    jti: str
    """The request's name; the sealed answer repeats it."""


class Holder(Value, tag="holder"):
    """A device with a refresh cookie, proven by the key of the device the cookie was given to."""

    session_id: SessionId
    refresh_hash: str
    jti: str


class Keyholder(Value, tag="keyholder"):
    """A device that is known by its keys alone: its cookie is lost."""

    device_id: DeviceId
    jti: str
    """The request's name; the sealed answer repeats it."""


class Leaver(Value, tag="leaver"):
    """A browser that signs out: a Holder, or a refresh cookie alone on a page of ours.

    Signing out must never be impossible, so it works when the device's keys are lost.
    """

    session_id: SessionId | None
    """None when the session is over already."""


class Recipient(Value, tag="recipient"):
    """A Member who can be answered under seal."""

    member: Member
    jti: str
    """The request's name; the sealed answer repeats it."""


class Confirmed(Value, tag="confirmed"):
    """A Member who proved who they are within the last ten minutes.

    So that a screen left open for a moment is not enough to take an account over.
    """

    member: Member
    jti: str
    """The request's name; the sealed answer repeats it."""
