"""What SoSa reads beyond Markdown: spoilers, mentions, emoji of the house, and one famous shrug."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from backend.kit.ids import UserId

MENTION = re.compile(r"(?<![\w@])@([\w-]{2,32})")
"""A username, or a nickname without spaces."""
SHORTCODE = re.compile(r"(?<![\w:]):([a-z0-9_+-]{2,32}):")
_SHRUG = r"¯\_(ツ)_/¯"


@dataclass(frozen=True, slots=True)
class Named:
    """Who and what the names in a message stand for. Names that are not in it stay text."""

    members: Mapping[str, UserId] = field(default_factory=dict[str, UserId])
    emoji: Mapping[str, str] = field(default_factory=dict[str, str])


def install(markdown: MarkdownIt) -> None:
    """Add the rules to a parser. Its `env` has a `Named` under "named"."""
    for character in "|¯":
        markdown.inline.add_terminator_char(character)
    # Before Markdown's escapes, which would take the arm off.
    markdown.inline.ruler.before("escape", "shrug", _shrug)
    markdown.inline.ruler.push("veil", _veil)
    markdown.inline.ruler.push("mention", _mention)
    markdown.inline.ruler.push("shortcode", _shortcode)


def _shrug(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the library's signature
    if not state.src.startswith(_SHRUG, state.pos):
        return False
    if not silent:
        state.append_pending(_SHRUG)
    state.pos += len(_SHRUG)
    return True


def _veil(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the library's signature
    # Only the mark. Which two belong together shows in the tree, where marks inside code are none.
    if not state.src.startswith("||", state.pos):
        return False
    if not silent:
        state.push("veil_mark", "", 0)
    state.pos += 2
    return True


def _mention(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the library's signature
    named: Named = state.env["named"]
    found = MENTION.match(state.src, state.pos)
    # A link leads to one place; a name inside its words would be a second one.
    if found is None or state.linkLevel > 0:
        return False
    user_id = named.members.get(found[1])
    if user_id is None:
        return False
    if not silent:
        token = state.push("mention", "", 0)
        token.content, token.meta = found[1], {"id": user_id}
    state.pos = found.end()
    return True


def _shortcode(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the library's signature
    named: Named = state.env["named"]
    found = SHORTCODE.match(state.src, state.pos)
    emoji = found and named.emoji.get(found[1])
    if not found or not emoji:
        return False
    if not silent:
        token = state.push("shortcode", "", 0)
        token.content, token.meta = found[1], {"id": emoji}
    state.pos = found.end()
    return True
