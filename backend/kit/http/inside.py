"""Who may see what is the house's own: counters, readiness, and what services say to each other."""

import ipaddress

from starlette.datastructures import Headers
from starlette.types import Scope

from backend.kit.http.network import Networks, network_of

_PASSED_ON = ("forwarded", "via", "x-forwarded-for", "x-real-ip")


def is_inside(scope: Scope, networks: Networks, trusted_proxies: int) -> bool:
    """Whether a request came from one of the networks, or from this machine's Unix socket.

    Behind a proxy on the same machine everybody seems to be at home. So what was passed on counts
    by the address that our own proxies tell, and where there are none of ours by nothing at all.
    """
    headers = Headers(scope=scope)
    if not trusted_proxies and any(name in headers for name in _PASSED_ON):
        return False
    client: tuple[str, int] | None = scope.get("client")
    forwarded = headers.getlist("x-forwarded-for")
    if client is None and not forwarded:
        return True
    seen = network_of(client[0] if client else None, forwarded, trusted_proxies)
    try:
        address = ipaddress.ip_address(seen)
    except ValueError:
        return False
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain in network for network in networks)
