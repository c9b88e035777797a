"""Tokens for somebody whom a provider vouched for, and who has not said yes yet."""

import secrets
from dataclasses import dataclass

from backend.kit.keyring import Keyring

_LABEL = "link token 1"


@dataclass(frozen=True, slots=True)
class LinkTokens:
    """Makes tokens and knows them again. Kept is a MAC only."""

    keyring: Keyring

    def issue(self) -> tuple[str, str]:
        """A token that is given out once, and what to keep of it."""
        token = secrets.token_urlsafe()
        return token, self.keyring.mac(_LABEL, token)

    def is_right(self, kept: str | None, token: str) -> bool:
        """Whether it is the token of what was kept."""
        return kept is not None and self.keyring.is_mac(kept, _LABEL, token)
