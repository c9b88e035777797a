"""Base64url without padding (RFC 4648 5), in its one canonical spelling."""

import base64


def encode(data: bytes) -> str:
    """The text of some bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of a text. Raises ValueError for any spelling that `encode` would not have chosen.

    The last character of a text may carry bits that mean nothing, so that several texts mean the
    same bytes. Were those accepted, a token would have siblings that are byte-wise different and
    equally valid, and whatever is keyed by a token's text (replay marks, caches) could be walked
    around.
    """
    # The decoder overlooks padding that is too much, and letters that are not of the alphabet. What
    # it made of them is spelled otherwise.
    data = base64.urlsafe_b64decode(text + "==")
    if encode(data) != text:
        raise ValueError("not canonical base64url")
    return data
