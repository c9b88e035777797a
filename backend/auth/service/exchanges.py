"""What is asked of a provider, kept under seal until its answer comes."""

import secrets

import msgspec

from backend.kit.oauth.exchange import Exchange
from backend.kit.parts import Parts

_TABLE = "auth_preauth"


def new_exchange(parts: Parts, provider: str, verifier: str) -> Exchange:
    """What a beginning asks a provider. Each provider is sent back to an address of its own.

    So an answer that one gives can never be taken for another's (RFC 9700 4.4.2).
    """
    return Exchange(
        state=secrets.token_urlsafe(),
        nonce=secrets.token_urlsafe(),
        verifier=verifier,
        redirect_uri=f"{parts.settings.origin}/auth/callback/{provider}",
    )


def seal_exchange(parts: Parts, preauth_id: str, exchange: Exchange) -> str:
    """The value of the column `sealed_exchange`; it opens in that row only."""
    plain = msgspec.json.encode(exchange)
    return parts.keyring.seal(_TABLE, "sealed_exchange", preauth_id, plain)


def open_exchange(parts: Parts, preauth_id: str, sealed: str) -> Exchange:
    """What is in the column `sealed_exchange` of a row."""
    plain = parts.keyring.open_sealed(_TABLE, "sealed_exchange", preauth_id, sealed)
    return msgspec.json.decode(plain, type=Exchange)
