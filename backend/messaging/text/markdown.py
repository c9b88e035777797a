"""The Markdown of messages, and nothing of what was said around it is lost.

CommonMark is made for documents. Where it differs from what people mean in a chat, this differs
from it: a newline breaks the line, a quote ends with its line, and a paragraph never slips into
the list above it.
"""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from backend.messaging.contract.body import Node, Paragraph
from backend.messaging.text.links import may_link
from backend.messaging.text.rules import Named, install
from backend.messaging.text.tree import TooDeepError, draw, words_of

MAX_BRACKETS = 64
"""Opening brackets up to which links are looked for: each of them looks for its end."""

_RULES = (
    "newline", "escape", "backticks", "emphasis", "strikethrough", "link", "autolink", "linkify",
    "fence", "blockquote", "list", "heading",
)  # fmt: skip
# Blocks nested deeper than that are cut off by the library, which is why the tree refuses them
# long before (MAX_DEPTH).
_LIBRARY_DEPTH = 24

_SYNTAX = re.compile(
    r"[*_~`\\\[<]|\|\||://|(?<!\w)@\w|:[a-z0-9_+-]{2,32}:|^\s*(?:>|#|[-+*]\s|\d{1,9}[.)]\s)",
    re.MULTILINE,
)
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_MARKED = re.compile(r"\s*(?:>|[-+*]\s|\d{1,9}[.)]\s)")


class _Markdown(MarkdownIt):
    """The parser, made once. It keeps nothing of what it reads."""

    def __init__(self, *left_out: str) -> None:
        super().__init__("zero", {"maxNesting": _LIBRARY_DEPTH, "linkify": True})
        self.enable([rule for rule in _RULES if rule not in left_out])
        if self.linkify is not None:
            # `example.org` without a scheme may as well be the end of a sentence.
            without_scheme = {"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False}
            self.linkify.set(without_scheme)  # pyright: ignore[reportUnknownMemberType] - untyped there
        install(self)

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        return may_link(url)


_markdown = _Markdown()
_without_links = _Markdown("link")


def is_plain(text: str) -> bool:
    """Whether there is nothing to read in a text. Cheap: most of what people say is plain."""
    return _SYNTAX.search(text) is None


def read_markdown(text: str, named: Named) -> tuple[Node, ...] | None:
    """The tree of a text; None where it is just the text, or too deep to be meant."""
    markdown = _markdown if text.count("[") <= MAX_BRACKETS else _without_links
    tokens = markdown.parse(_set_apart(text), {"named": named})
    try:
        nodes = draw(SyntaxTreeNode(_whole(tokens)))
    except TooDeepError:
        return None
    return None if _says_the_same(nodes, text) else nodes


def _set_apart(text: str) -> str:
    """An empty line between what is marked as quote or list, and what follows without a mark."""
    lines: list[str] = []
    is_marked = is_fenced = False
    for line in text.split("\n"):
        is_fence = _FENCE.match(line) is not None
        is_fenced ^= is_fence
        if is_marked and line.strip() and not (line[0].isspace() or _MARKED.match(line)):
            lines.append("")
        if not line[:1].isspace():
            is_marked = not (is_fenced or is_fence) and _MARKED.match(line) is not None
        lines.append(line)
    return "\n".join(lines)


def _whole(tokens: list[Token]) -> list[Token]:
    """Code with its first line, where that is more than the name of a language."""
    for token in tokens:
        if token.type == "fence" and (info := token.info.strip()):
            is_language = re.fullmatch(r"[\w+#.-]{1,20}", info) is not None
            if not is_language or not token.content.strip():
                token.info, token.content = "", f"{info}\n{token.content}"
    return tokens


def _says_the_same(nodes: Sequence[Node], text: str) -> bool:
    """Whether the page would show as much without a tree; space it then keeps as it was written."""
    words = words_of(nodes)
    return not words.strip() or (
        all(_is_text(node) for node in nodes) and "".join(words.split()) == "".join(text.split())
    )


def _is_text(node: Node) -> bool:
    match node:
        case str():
            return True
        case Paragraph(inside=inside):
            return all(isinstance(inner, str) for inner in inside)
        case _:
            return False
