"""Reads a message before it is written: parsers first, then names, then Markdown."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Protocol

import msgspec
import structlog

from backend.kit.counts import Count
from backend.kit.ids import UserId
from backend.messaging.contract.body import (
    MAX_BODY_BYTES,
    Body,
    Bullets,
    CodeBlock,
    CustomEmoji,
    Node,
    Numbers,
    Paragraph,
    Quotation,
    Veil,
)
from backend.messaging.text.emoji import MOST_BIG, count_emoji
from backend.messaging.text.markdown import is_plain, read_markdown
from backend.messaging.text.parsers import Parser, Reading, load
from backend.messaging.text.process import ParserProcess, ParserSkippedError
from backend.messaging.text.rules import MENTION, SHORTCODE, Named

MOST_NAMES = 20
"""Different members, and different emoji, that one message can name. The rest stays text."""
STRIKES = 3
"""Times in a row that a parser may be slow or crash before it rests."""
REST_SECONDS = 60.0

_AS_WRITTEN = Reading()
_BLOCKS = (Paragraph, Quotation, CodeBlock, Bullets, Numbers)

_log = structlog.get_logger("sosa.messaging.text")
_skipped = Count("sosa_message_parsers_skipped", "Messages read without a parser.", "parser", "why")
_unread = Count("sosa_messages_unread", "Messages shown as they were written, by a fault of ours.")


class Names(Protocol):
    """Knows what names in one room stand for. Each is asked at most once for a message."""

    async def find_members(self, names: Collection[str]) -> Mapping[str, UserId]:
        """Of these, the members who may read the room, by the name as it was written."""
        ...

    async def find_emoji(self, names: Collection[str]) -> Mapping[str, str]:
        """Of these, the emoji that the community has, by name."""
        ...


class Reader:
    """Reads messages with the parsers of these modules, until it is closed."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._parsers = load(modules)
        self._reads_more_than_commands = any(one.markers for one in self._parsers.values())
        self._process = ParserProcess(modules)
        self._strikes = dict.fromkeys(self._parsers, 0)
        self._rests_until = dict.fromkeys(self._parsers, 0.0)

    async def read(
        self, text: str, names: Names | None = None, *, is_edit: bool = False
    ) -> Body | None:
        """The body of a tidy text; None where the text is all there is to it. Never raises.

        Takes at most 1 s for each parser that the message concerns, nearly always none, and up to
        5 s more where their process must be started.
        """
        try:
            reading = await self._parse(text, is_edit=is_edit)
            return _checked(await _compose(text, reading, names))
        except Exception:  # noqa: BLE001 - whatever is wrong with us, the message goes on
            _unread.add()
            _log.exception("message_unread")
            return None

    async def close(self) -> None:
        """End what was started."""
        await self._process.close()

    async def _parse(self, text: str, *, is_edit: bool) -> Reading:
        whole = _AS_WRITTEN
        # Nearly every message, on the way to a commit that others wait for.
        if not (text.startswith("/") or self._reads_more_than_commands):
            return whole
        for parser in self._parsers.values():
            if is_edit and not parser.reads_edits:
                continue
            asked = parser.wants(text if whole.text is None else whole.text)
            if asked is not None and (found := await self._ask(parser, asked)) is not None:
                whole = _both(whole, found)
        return whole

    async def _ask(self, parser: Parser, text: str) -> Reading | None:
        now = asyncio.get_running_loop().time()
        if now < self._rests_until[parser.name]:
            _skipped.add(parser.name, "resting")
            return None
        try:
            reading = await self._process.run(parser.name, text)
        except ParserSkippedError as error:
            self._strike(parser.name, error.why, now)
            return None
        self._strikes[parser.name] = 0
        return reading

    def _strike(self, parser: str, why: str, now: float) -> None:
        _skipped.add(parser, why)
        _log.warning("message_parser_skipped", parser=parser, why=why)
        if why not in {"slow", "crashed"}:
            return
        self._strikes[parser] += 1
        if self._strikes[parser] >= STRIKES:
            # Each time costs somebody a second, and everybody a new process.
            self._strikes[parser] = 0
            self._rests_until[parser] = now + REST_SECONDS
            _log.error("message_parser_rests", parser=parser, seconds=REST_SECONDS)


def _both(first: Reading, then: Reading) -> Reading:
    return Reading(
        text=first.text if then.text is None else then.text,
        nodes=first.nodes + then.nodes,
        style=then.style or first.style,
        veil=then.veil or first.veil,
    )


async def _compose(text: str, reading: Reading, names: Names | None) -> Body | None:
    words = text if reading.text is None else reading.text
    nodes = await _nodes(words, names)
    is_big = 1 <= (_count_emoji(nodes or (words,)) or 0) <= MOST_BIG
    if nodes is None and not is_big and reading == _AS_WRITTEN:
        return None
    drawn = _below(nodes or tuple(filter(None, (words,))), reading.nodes)
    if reading.veil is not None:
        drawn = (Veil(inside=drawn, why=reading.veil),)
    return Body(nodes=drawn, is_big=is_big and not reading.nodes, style=reading.style)


async def _nodes(words: str, names: Names | None) -> tuple[Node, ...] | None:
    if is_plain(words):
        return None
    named = Named()
    if names is not None:
        members = _first_few(found[1] for found in MENTION.finditer(words))
        emoji = _first_few(found[1] for found in SHORTCODE.finditer(words))
        named = Named(
            members=await names.find_members(members) if members else {},
            emoji=await names.find_emoji(emoji) if emoji else {},
        )
    return read_markdown(words, named)


def _first_few(names: Iterable[str]) -> list[str]:
    """Each name once, in order."""
    return list(islice(dict.fromkeys(names), MOST_NAMES))


def _below(nodes: tuple[Node, ...], below: tuple[Node, ...]) -> tuple[Node, ...]:
    if not nodes or not below:
        return nodes + below
    if any(isinstance(node, _BLOCKS) for node in nodes):
        return (*nodes, *below)
    return (Paragraph(inside=nodes), *below)


def _count_emoji(nodes: tuple[Node, ...]) -> int | None:
    """How many emoji these are, ours and the house's; None where there is anything else."""
    count = 0
    for node in nodes:
        found = 1 if isinstance(node, CustomEmoji) else None
        if isinstance(node, str):
            found = count_emoji(node)
        if found is None:
            return None
        count += found
    return count


def _checked(body: Body | None) -> Body | None:
    """The body, unless it has grown out of proportion, by a parser or by an endless address."""
    if body is None or len(msgspec.json.encode(body)) > MAX_BODY_BYTES:
        return None
    return body
