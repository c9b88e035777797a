"""From the library's tokens to the tree of a message."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markdown_it.tree import SyntaxTreeNode

from backend.messaging.contract.body import (
    MAX_DEPTH,
    Body,
    Bold,
    Bullets,
    Code,
    CodeBlock,
    CustomEmoji,
    Italic,
    Link,
    Luck,
    Mention,
    Node,
    Numbers,
    Paragraph,
    Quotation,
    Strike,
    Veil,
)
from backend.messaging.text.links import host_to_show, may_link

Inside = tuple[Node, ...]


class TooDeepError(Exception):
    """Nested deeper than MAX_DEPTH."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """`||`, until it is known what belongs to it."""


_MARK = _Mark()


def draw(root: SyntaxTreeNode) -> Inside:
    """The nodes of a whole message. Raises TooDeepError."""
    drawing = _Drawing()
    nodes = drawing.inside(root, 0)
    if drawing.lone_marks > 1:
        # The two ends of a spoiler are in different paragraphs, or cross the ends of something
        # bold. Rather everything is veiled than the one thing that should have been.
        return (Veil(inside=nodes, why="spoiler"),)
    return _unwrapped(nodes)


class _Drawing:
    """One walk through the tokens of one message."""

    def __init__(self) -> None:
        self.lone_marks = 0

    def inside(self, parent: SyntaxTreeNode, depth: int) -> Inside:
        if depth > MAX_DEPTH:
            raise TooDeepError
        drawn: list[Node | _Mark] = []
        for child in parent.children:
            drawn.extend(self._node(child, depth))
        return _joined(self._veiled(drawn))

    def _node(self, node: SyntaxTreeNode, depth: int) -> Iterator[Node | _Mark]:
        if node.type == "inline" or (node.type == "paragraph" and node.hidden):
            yield from self._unveiled(node, depth)
        elif node.type in _WRAPPERS:
            yield _WRAPPERS[node.type](self.inside(node, depth + 1))
        elif node.type in _LEAVES:
            yield _LEAVES[node.type](node)
        elif node.type == "bullet_list":
            yield Bullets(items=self._items(node, depth))
        elif node.type == "ordered_list":
            start = node.attrs.get("start", 1)
            yield Numbers(start=int(start), items=self._items(node, depth))
        elif node.type == "link":
            yield from self._link(node, depth)
        else:
            raise TypeError(f"A token nobody draws: {node.type}")

    def _unveiled(self, node: SyntaxTreeNode, depth: int) -> Iterator[Node | _Mark]:
        # Its siblings are those of its parent: a mark here may belong to one beside it.
        for child in node.children:
            yield from self._node(child, depth)

    def _items(self, node: SyntaxTreeNode, depth: int) -> tuple[Inside, ...]:
        return tuple(_unwrapped(self.inside(item, depth + 1)) for item in node.children)

    def _link(self, node: SyntaxTreeNode, depth: int) -> Inside:
        url = str(node.attrs["href"])
        inside = self.inside(node, depth + 1)
        # Asked again where the link is made: the library lets `[words]()` pass unasked.
        if not may_link(url):
            return inside
        host = host_to_show(url, words_of(inside))
        return (Link(url=url, inside=inside or (url,), host=host),)

    def _veiled(self, drawn: Sequence[Node | _Mark]) -> list[Node]:
        """Every two marks become a veil over what is between them; an odd one stays text."""
        open_at: int | None = None
        nodes: list[Node] = []
        for item in drawn:
            if not isinstance(item, _Mark):
                nodes.append(item)
            elif open_at is None:
                open_at = len(nodes)
                nodes.append("||")
            elif len(nodes) > open_at + 1:
                nodes[open_at:] = [Veil(inside=_joined(nodes[open_at + 1 :]), why="spoiler")]
                open_at = None
            else:
                # Nothing between them: `||||` is no spoiler.
                nodes.append("||")
                open_at = None
        self.lone_marks += open_at is not None
        return nodes


COVER = "▒▒▒▒"
"""Stands for what is veiled, where nobody can ask to see it."""


def glimpse(text: str, body: Body | None) -> str:
    """A message in plain words and without what is veiled: for quotes of it, lists and notices."""
    return text if body is None else words_of(body.nodes, cover=COVER).strip()


def words_of(nodes: Sequence[Node], cover: str | None = None) -> str:
    """What there is to read in nodes, without any formatting; `cover` in the place of veils."""
    return "".join(
        _words(node, cover) if cover is None or not isinstance(node, Veil) else cover
        for node in nodes
    )


def _words(node: Node, cover: str | None) -> str:
    match node:
        case str():
            words = node
        case Code() | CodeBlock():
            words = node.text
        case Bullets() | Numbers():
            words = "\n".join(words_of(item, cover) for item in node.items)
        case Mention():
            words = f"@{node.name}"
        case CustomEmoji():
            words = f":{node.name}:"
        case Luck():
            words = node.result
        case Paragraph() | Quotation():
            words = f"{words_of(node.inside, cover)}\n"
        case _:
            words = words_of(node.inside, cover)
    return words


def _joined(nodes: Sequence[Node]) -> Inside:
    """Neighbouring texts as one."""
    joined: list[Node] = []
    for node in nodes:
        last = joined[-1] if joined else None
        if isinstance(node, str) and isinstance(last, str):
            joined[-1] = last + node
        elif node != "":
            joined.append(node)
    return tuple(joined)


def _unwrapped(nodes: Inside) -> Inside:
    """Without the paragraph around what is the only one."""
    match nodes:
        case (Paragraph(inside=only),):
            return only
        case _:
            return nodes


def _heading(inside: Inside) -> Paragraph:
    # Nobody shouts over the others with larger letters.
    return Paragraph(inside=(Bold(inside=inside),))


def _code_block(node: SyntaxTreeNode) -> CodeBlock:
    return CodeBlock(language=node.info.strip(), text=node.content.rstrip("\n"))


_WRAPPERS: dict[str, Callable[[Inside], Node]] = {
    "paragraph": lambda inside: Paragraph(inside=inside),
    "heading": _heading,
    "blockquote": lambda inside: Quotation(inside=_unwrapped(inside)),
    "strong": lambda inside: Bold(inside=inside),
    "em": lambda inside: Italic(inside=inside),
    "s": lambda inside: Strike(inside=inside),
}
_LEAVES: dict[str, Callable[[SyntaxTreeNode], Node | _Mark]] = {
    "text": lambda node: node.content,
    "softbreak": lambda _: "\n",
    "hardbreak": lambda _: "\n",
    "code_inline": lambda node: Code(text=node.content),
    "fence": _code_block,
    "veil_mark": lambda _: _MARK,
    "mention": lambda node: Mention(name=node.content, user_id=node.meta["id"]),
    "shortcode": lambda node: CustomEmoji(name=node.content, id=node.meta["id"]),
}
