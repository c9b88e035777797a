"""What a message says, read: a tree that a page draws without ever making HTML of it (ADR-0014).

In JSON a node is a string, or an array that begins with the name of its kind: `["b", ["hi"]]`.
docs/protocol.md shows each. A reader that does not know a kind draws what is inside.
"""

from typing import Literal

from backend.kit.values import Value

MAX_DEPTH = 8
"""Nodes in nodes. What is nested deeper is shown as it was written."""
MAX_BODY_BYTES = 6_000
"""Of a body as JSON. A page of history and the frames of a gateway have limits of their own."""


class Paragraph(Value, array_like=True, tag="p"):
    """Lines that belong together. There is none around what is the only one."""

    inside: tuple["Node", ...]


class Bold(Value, array_like=True, tag="b"):
    """`**so**`."""

    inside: tuple["Node", ...]


class Italic(Value, array_like=True, tag="i"):
    """`*so*` or `_so_`."""

    inside: tuple["Node", ...]


class Strike(Value, array_like=True, tag="s"):
    """`~~so~~`."""

    inside: tuple["Node", ...]


class Code(Value, array_like=True, tag="c"):
    """Code within a line."""

    text: str


class CodeBlock(Value, array_like=True, tag="pre"):
    """Lines of code, with their spaces."""

    language: str
    """As the author named it; "" where they did not."""
    text: str


class Quotation(Value, array_like=True, tag="q"):
    """What somebody else said: lines that began with `>`."""

    inside: tuple["Node", ...]


class Bullets(Value, array_like=True, tag="ul"):
    """A list, each item of it nodes."""

    items: tuple[tuple["Node", ...], ...]


class Numbers(Value, array_like=True, tag="ol"):
    """A list that counts, from `start`."""

    start: int
    items: tuple[tuple["Node", ...], ...]


class Link(Value, array_like=True, tag="a"):
    """A way out of the house."""

    url: str
    """http, https or mailto, with its host in ASCII and nobody's name or password in it."""
    inside: tuple["Node", ...]
    host: str
    """Where it leads, to be shown beside it because its words may say otherwise; else ""."""


class Veil(Value, array_like=True, tag="v"):
    """Hidden until the reader asks for it."""

    inside: tuple["Node", ...]
    why: Literal["spoiler", "nsfw"]


class Mention(Value, array_like=True, tag="at"):
    """Somebody who may read the room, by the name that was written."""

    name: str
    user_id: str


class CustomEmoji(Value, array_like=True, tag="e"):
    """An emoji of the community's own."""

    name: str
    id: str


class Luck(Value, array_like=True, tag="luck"):
    """What chance said, drawn by the server. Nobody can write one."""

    kind: Literal["dice", "coin", "8ball"]
    asked: str
    """`2d6+1` for dice, "" for the rest."""
    shown: tuple[int, ...]
    """What each die shows."""
    result: str


Node = (
    str | Paragraph | Bold | Italic | Strike | Code | CodeBlock | Quotation | Bullets | Numbers
    | Link | Veil | Mention | CustomEmoji | Luck
)  # fmt: skip
"""A string is text, and a newline in it breaks the line."""


class Body(Value, omit_defaults=True):
    """A message that is more than its text. A message without one is its text."""

    nodes: tuple[Node, ...]
    is_big: bool = False
    """Emoji and nothing else: drawn large."""
    style: Literal["action"] | None = None
    """`action`: something that the author does, told after their name."""
