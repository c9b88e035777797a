"""Where a request came from."""

import ipaddress
from collections.abc import Iterable

UNKNOWN = "unknown"
"""Behind a Unix socket nobody has an address."""
Networks = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]


def read_networks(text: str) -> Networks:
    """Networks, with commas between. Raises ValueError."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def network_of(peer: str | None, forwarded_for: Iterable[str], trusted_proxies: int) -> str:
    """The address that rate limits count against.

    `peer` is who is connected to us, `forwarded_for` the values of `X-Forwarded-For`.

    Anyone can send that header, and whoever chooses their own address escapes every limit that
    counts by it, or spends somebody else's. So nobody is believed unless the operator says how many
    proxies of theirs stand in front. Each of those appends the address that it was called from, so
    with n of them the n-th entry from the right was written by the outermost one, which saw the
    client itself; all further left is hearsay. A list that is too short did not come through all of
    them, and an entry that is no address was not written by them: then the peer counts, which
    nobody can forge.
    """
    seen = peer or UNKNOWN
    if not trusted_proxies:
        return seen
    entries = [entry.strip() for value in forwarded_for for entry in value.split(",")]
    if len(entries) < trusted_proxies:
        return seen
    try:
        return str(ipaddress.ip_address(entries[-trusted_proxies]))
    except ValueError:
        return seen
