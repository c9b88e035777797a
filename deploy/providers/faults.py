"""What a provider may get wrong, or do wrong. Tests turn these knobs; nothing else does."""

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass
class Faults:
    """All of them off is a provider as it should be."""

    claims: dict[str, Any] = field(default_factory=dict[str, Any])
    """Claims of the id_token that are other than they should be; None leaves one out."""
    signed_in_ago: int = 0
    """Seconds since whoever consents signed in, whatever it was asked to see to about that."""
    signing: Literal["right", "none", "foreign", "secret"] = "right"
    """How the id_token is signed: not at all, by somebody else, or with the client secret."""
    sends_id_token: bool = True
    answers_as: str | None = None
    """The `iss` of its authorisation answers, where it is not its own; "" leaves it out."""
    documented_as: str | None = None
    """The issuer in its discovery document, where it is not its own."""
    algorithms: tuple[str, ...] = ("RS256",)
    """What its discovery document says that it signs with."""
    kid: str = "pretended-1"
    """What its key is called. Another name is another key to whoever has the first."""
    is_down: bool = False
    """Whether whoever asks for a token is told to come again."""
    tokens_asked: int = 0
    """How often somebody did."""
