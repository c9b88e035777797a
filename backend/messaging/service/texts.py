"""What may be said: the rules for the text of a message."""

import re
import unicodedata

from backend.kit.errors import InvalidRequestError
from backend.messaging.contract import MAX_TEXT, EmptyMessageError, MessageTooLongError

# Control characters can move the cursor of a terminal that shows a log and end a string in software
# that is older than we are; half a surrogate pair cannot be written as UTF-8 at all. None of them
# can be seen, so that taking them out loses nothing, while refusing would punish a person for what
# they pasted.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# What joins signs into one emoji (UTS #51): joiners, variation selectors, tags of flags.
_JOINS = re.compile("[\u200d\ufe0f\U000e0020-\U000e007f]")
_KEYCAP = re.compile("[0-9#*]\ufe0f?\u20e3")
_LINE_ENDS = re.compile("\r\n?")


def tidy(text: str, *, may_be_empty: bool = False) -> str:
    """The text as it is kept: ends trimmed, control characters out, lines ended by a newline.

    Raises EmptyMessageError or MessageTooLongError.
    """
    kept = _UNSEEN.sub("", _LINE_ENDS.sub("\n", text)).strip()
    if not any(_is_visible(character) for character in kept):
        if may_be_empty:
            return ""
        raise EmptyMessageError("There is nothing in this message yet. Say something!", "text")
    if len(kept) > MAX_TEXT:
        raise MessageTooLongError(
            f"That is {len(kept):,} characters, and {MAX_TEXT:,} fit. Maybe make it two?", "text"
        )
    return kept


def check_emoji(emoji: str) -> None:
    """Raises InvalidRequestError for what is not one emoji, or another sign of that kind."""
    # By the properties that Python knows: a list of emoji would be another one every autumn. What
    # matters is that nobody hangs words under a message.
    signs = [sign for sign in emoji if not _JOINS.match(sign)]
    is_sign = all(unicodedata.category(sign) in {"So", "Sk"} for sign in signs)
    if not (_KEYCAP.fullmatch(emoji) or (signs and is_sign)):
        raise InvalidRequestError("One emoji, please. Words go into an answer.", "do.emoji")


def _is_visible(character: str) -> bool:
    # A message of zero-width joiners would be an empty row on every screen.
    return unicodedata.category(character)[0] not in "CZ"
