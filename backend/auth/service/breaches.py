"""Whether a password is known from a breach, asked so that nobody learns which password it is."""

import hashlib
from importlib import import_module
from typing import Protocol

import structlog

TIMEOUT_SECONDS = 2.0
PREFIX_CHARS = 5
"""Of the SHA-1 in hex: about a thousand breached passwords share them."""

_log = structlog.get_logger("sosa.auth")


class Breaches(Protocol):
    """Knows breached passwords."""

    async def contain(self, password: str) -> bool: ...


class NoBreaches:
    """Asks nobody. What is easy to guess is refused without it."""

    async def contain(self, password: str) -> bool:  # noqa: ARG002
        return False


class BreachRange:
    """Asks a range API: it is told five characters of a hash, and answers with all that share them.

    That answer is padded, so that its length tells nothing to whoever watches the line.
    """

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    async def contain(self, password: str) -> bool:
        # SHA-1 is what such services speak; nothing is kept by it here.
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        prefix, rest = digest[:PREFIX_CHARS], digest[PREFIX_CHARS:]
        # Imported when somebody is asked: most houses ask nobody.
        http = import_module("aiohttp")
        timeout = http.ClientTimeout(total=TIMEOUT_SECONDS)
        try:
            async with (
                http.ClientSession(timeout=timeout, raise_for_status=True) as session,
                session.get(
                    f"{self._url}/{prefix}", headers={"Add-Padding": "true"}, allow_redirects=False
                ) as answer,
            ):
                text = await answer.text()
        except (http.ClientError, TimeoutError, OSError):
            # A list that is away must not keep people from choosing a password.
            _log.warning("breach_range_away")
            return False
        found = dict(line.strip().upper().split(":") for line in text.splitlines() if ":" in line)
        # Padding has a count of 0.
        return found.get(rest, "0") != "0"


def breaches_of(url: str) -> Breaches:
    """Whoever knows, as the settings say."""
    return BreachRange(url) if url else NoBreaches()
