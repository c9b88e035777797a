"""What is asked of a provider, and which answer is the answer to it."""

import hmac

import msgspec


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """What the answer of a provider is checked against. Kept under seal, and used once."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str

    def __repr__(self) -> str:
        return "<Exchange>"

    def is_answer(self, state: str) -> bool:
        """Whether the answer with this state is to this exchange."""
        return hmac.compare_digest(state.encode(), self.state.encode())
