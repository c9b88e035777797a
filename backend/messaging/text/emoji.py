"""Which messages are emoji and nothing else."""

import re

MOST_BIG = 27
"""More than these are a text of a kind, and drawn as one."""

# By block where Unicode has set one aside for pictures, one by one where they live among letters
# and signs (UTS #51). A new emoji of the next years is in one of these blocks already.
_PICTURE = (
    "\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u23cf\u23e9-\u23f3"
    "\u23f8-\u23fa\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b07"
    "\u2b1b\u2b1c\u2b50\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001faff"
)
_ONE = (
    f"(?:[{_PICTURE}\u00a9\u00ae]\ufe0f?[\U0001f3fb-\U0001f3ff]?"
    "[\U000e0020-\U000e007f]*"
    "|[\U0001f1e6-\U0001f1ff]{2}"
    "|[0-9#*]\ufe0f?\u20e3)"
)
_EMOJI = re.compile(f"{_ONE}(?:\u200d{_ONE})*")


def count_emoji(text: str) -> int | None:
    """How many emoji a text is made of; None where there is anything else but space."""
    # What most people say; and no emoji is all ASCII, keycaps neither.
    if text.isascii():
        return None if text.strip() else 0
    bare = "".join(text.split())
    count = position = 0
    while position < len(bare):
        found = _EMOJI.match(bare, position)
        if found is None:
            return None
        count, position = count + 1, found.end()
    return count
