"""Who may open a connection. One rule, whichever host is asked."""

from collections.abc import Iterable

from backend.kit import refusals
from backend.kit.errors import CrossOriginError, MalformedRequestError, SosaError
from backend.messaging.live.gateway import SUBPROTOCOL


def check_handshake(headers: Iterable[tuple[str, str]], origin: str) -> None:
    """Refuse a page of another site, and who does not speak our protocol.

    Raises CrossOriginError or MalformedRequestError. Whoever passes is of the product's own origin:
    they said so, or are no page and are taken to be.
    """
    try:
        _check([(name.lower(), value) for name, value in headers], origin)
    except SosaError as error:
        refusals.note("live_handshake", error)
        raise


def _check(lines: list[tuple[str, str]], origin: str) -> None:
    _check_origin(lines, origin)
    offered = [value for name, value in lines if name == "sec-websocket-protocol"]
    if SUBPROTOCOL not in {part.strip() for value in offered for part in value.split(",")}:
        raise MalformedRequestError(f"This door speaks the subprotocol {SUBPROTOCOL}.")


def _check_origin(lines: list[tuple[str, str]], origin: str) -> None:
    # A browser sends `Origin` with every WebSocket handshake and no script can change it, so what
    # comes without one is no page; a bot need not pretend to be one. Whatever looks like a browser
    # all the same (it sends fetch metadata or cookies) is refused, lest a way is found to make one
    # leave the header out. A sandboxed page's `null` is nobody's origin. Several of them are not
    # what a browser sends, and each must be ours: hosts differ in which one they would show us.
    sent = [value for name, value in lines if name == "origin"]
    is_browser = any(name == "cookie" or name.startswith("sec-fetch-") for name, _ in lines)
    if any(value != origin for value in sent) or (is_browser and not sent):
        raise CrossOriginError("That connection came from another site, so we left it alone.")
