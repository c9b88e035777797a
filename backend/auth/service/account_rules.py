"""What names, addresses and networks look like."""

import ipaddress
import re
import unicodedata

from backend.kit.errors import InvalidRequestError

MAX_EMAIL = 254
_USERNAME = re.compile(r"[A-Za-z0-9_-]{3,32}")
# Without what means something in the header of a mail: it is one person who is written to.
_PLAIN = r"@\s,;:<>()\[\]\"\\"
_EMAIL = re.compile(rf"[^{_PLAIN}]{{1,64}}@[^{_PLAIN}.]+(\.[^{_PLAIN}.]+)+")


def check_username(username: str, field: str = "username") -> str:
    """The username as it is looked up: without regard to case. Raises InvalidRequestError."""
    if not _USERNAME.fullmatch(username):
        raise InvalidRequestError(
            "Names have 3 to 32 letters, digits, _ or -. Emoji are for chatting.", field
        )
    return username.lower()


def check_email(email: str) -> str:
    """The address as it is hashed. Raises InvalidRequestError."""
    normal = normal_email(email)
    if len(normal) > MAX_EMAIL or not _EMAIL.fullmatch(normal):
        raise InvalidRequestError("That does not look like an e-mail address.", "email")
    return normal


def normal_email(email: str) -> str:
    """The one spelling of an address.

    The local part loses its case too: in theory two mailboxes may differ by it, in practice a
    person who typed a capital once would never be found again.
    """
    return unicodedata.normalize("NFC", email.strip()).casefold()


def network_of(address: str) -> str:
    """What one person typically controls: a /24, or a /64 of IPv6. Limits count per network."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    prefix = 24 if mapped.version == 4 else 64  # noqa: PLR2004 - the two kinds of addresses
    return str(ipaddress.ip_network(f"{mapped}/{prefix}", strict=False))
