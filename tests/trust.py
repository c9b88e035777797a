"""Whom clients of the tests trust: whom the machine trusts, and shapes that say who they are."""

import ssl

TRUSTED = ssl.create_default_context()
"""A shape with a certificate of its own adds it here."""


def trust_for(url: str) -> ssl.SSLContext | None:
    """What a socket to this address has to check; None where nothing is encrypted."""
    return TRUSTED if url.startswith(("https:", "wss:")) else None
