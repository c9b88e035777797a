"""The headers that every answer carries, and a browser acts on."""

from collections.abc import Mapping
from urllib.parse import urlsplit


def security_headers(origin: str, media_origin: str = "") -> Mapping[str, str]:
    """Headers for every answer of the house, pages included.

    Scripts come from this origin only, and never from a string: Reflex evaluates some events that
    a handler returns, so handlers here return none of those, and `unsafe-eval` stays out. Inline
    scripts are in Reflex's prerendered pages. Frames are refused: nothing here is meant to be
    looked at through another site. Where pictures lie in a bucket, `media_origin` is its, and the
    one place elsewhere that a page may show something from and send something to. Names below ours
    are bound to TLS with us (ASVS 5.0.0 V3.4.1): one in the clear could set cookies that reach us.
    """
    media = f" {media_origin}" if media_origin else ""
    socket = f"{'wss' if origin.startswith('https') else 'ws'}://{urlsplit(origin).netloc}"
    policy = (
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data: blob:{media}; font-src 'self'; connect-src 'self' {socket}{media}; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }
    if origin.startswith("https"):
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return headers
