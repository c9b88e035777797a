"""What a nickname and an identity may be."""

import unicodedata

import msgspec

from backend.kit.errors import InvalidRequestError
from backend.profiles.contract import UpdateMyProfile

SHORTEST, LONGEST = 4, 32
LONGEST_IDENTITY = 40

_JOINERS = "\u200c\u200d"
"""Without these, Persian falls apart and families of emoji with it."""


def first_nickname(username: str) -> str:
    """What a member is called until they say otherwise."""
    nickname = username if len(username) >= SHORTEST else f"{username} of SoSa"
    return nickname[:LONGEST]


def tidy_changes(request: UpdateMyProfile) -> dict[str, str]:
    """The columns to change. Raises InvalidRequestError naming the field."""
    changes: dict[str, str] = {}
    if request.nickname is not msgspec.UNSET:
        changes["nickname"] = _tidy(request.nickname, "nickname", SHORTEST, LONGEST)
    if request.identity is not msgspec.UNSET:
        changes["identity"] = _tidy(request.identity, "identity", 1, LONGEST_IDENTITY)
    if request.face is not msgspec.UNSET:
        changes["face"] = request.face
    return changes


def _tidy(text: str, field: str, shortest: int, longest: int) -> str:
    """The text as it is kept: trimmed, and composed, so that what looks the same is the same."""
    tidied = unicodedata.normalize("NFC", text).strip()
    if any(_is_hidden(character) for character in tidied):
        raise InvalidRequestError("Only characters that others can see, please.", field)
    visible = sum(character not in _JOINERS for character in tidied)
    if visible < shortest or len(tidied) > longest:
        size = f"{shortest} to {longest}" if shortest > 1 else f"up to {longest}"
        raise InvalidRequestError(f"Make it {size} characters.", field)
    return tidied


def _is_hidden(character: str) -> bool:
    # Format characters include those that turn the direction of text. With one of them a name could
    # dress up as another, or write over what stands next to it.
    if character in _JOINERS:
        return False
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
