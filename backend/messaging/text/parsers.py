"""What a message parser is, and where those of a house are found.

A house plugs its own in by naming their modules in `SOSA_MESSAGE_PARSERS`; each has `PARSERS`.
They run in a process of their own (`process.py`), so a parser may be slow, wrong or even crash:
then it is skipped, and the message is read without it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Literal

import msgspec

from backend.kit.settings import SettingError, variable_of
from backend.kit.values import Value
from backend.messaging.contract.body import CodeBlock, Luck

_SETTING = variable_of("message_parsers")

MOST_TEXT = 2_000
"""Characters that a parser may make of a message."""
MOST_NODES = 10


class Reading(Value, omit_defaults=True):
    """What a parser makes of a message."""

    text: Annotated[str, msgspec.Meta(max_length=MOST_TEXT)] | None = None
    """Markdown to be read instead of what was written; None leaves it."""
    nodes: Annotated[tuple[Luck | CodeBlock, ...], msgspec.Meta(max_length=MOST_NODES)] = ()
    """Put below the text. All else is said in Markdown, whose links and depth are looked after."""
    style: Literal["action"] | None = None
    veil: Literal["spoiler", "nsfw"] | None = None
    """Hide all of it until the reader asks."""


@dataclass(frozen=True, slots=True)
class Parser:
    """One way to read messages, asked only for those that could concern it."""

    name: str
    read: Callable[[str], Reading | None]
    """Takes the text, or for a command what follows it; None when it is nothing after all."""
    commands: frozenset[str] = frozenset()
    """Words that make it read a message which begins with `/` and one of them."""
    markers: tuple[str, ...] = ()
    """Or it reads every message that has one of these in it."""
    reads_edits: bool = True
    """False for what must not happen again: who edits a message does not roll the dice again."""

    def wants(self, text: str) -> str | None:
        """What to give it to read of a text; None for nothing."""
        command, _, rest = text.partition(" ")
        if command[:1] == "/" and command[1:].lower() in self.commands:
            return rest.strip()
        return text if any(marker in text for marker in self.markers) else None


def modules_of(setting: str) -> list[str]:
    """The modules that `SOSA_MESSAGE_PARSERS` names."""
    return [name.strip() for name in setting.split(",") if name.strip()]


def load(modules: Sequence[str]) -> dict[str, Parser]:
    """The parsers of these modules by name, in their order.

    Raises SettingError for a module without them, and for a name or command that is taken.
    """
    parsers: dict[str, Parser] = {}
    commands: set[str] = set()
    for module in modules:
        for parser in _parsers_of(module):
            if parser.name in parsers or commands & parser.commands:
                raise SettingError(f"{_SETTING}: there are two of {parser.name}.")
            parsers[parser.name] = parser
            commands |= parser.commands
    return parsers


def _parsers_of(module: str) -> tuple[Parser, ...]:
    try:
        return import_module(module).PARSERS
    except (ImportError, AttributeError) as error:
        raise SettingError(f"{_SETTING}: {module} has no PARSERS.") from error
