"""Who is in the crowd and what it says: `script.toml`, read and checked."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("script.toml")
MENTION = re.compile(r"@([a-z]+)\b")


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the crowd."""

    key: str
    """What the script calls them; also the username they ask for."""
    nickname: str
    identity: str
    replies: tuple[str, ...]
    """What they say when a person mentions them."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something that one of them says, after a pause in seconds."""

    key: str
    pause: float
    text: str


@dataclass(frozen=True, slots=True)
class Script:
    """The whole show."""

    crowd: tuple[Figure, ...]
    greetings: tuple[str, ...]
    """What one of them says when a person first speaks."""
    scenes: dict[str, tuple[tuple[Line, ...], ...]]
    """By the name of the room."""


def read_script(path: Path = SCRIPT) -> Script:
    """The script. Raises KeyError for a line by, or a mention of, somebody who is not there."""
    raw = tomllib.loads(path.read_text())
    crowd = tuple(
        Figure(item["key"], item["nickname"], item["identity"], tuple(item["replies"]))
        for item in raw["crowd"]
    )
    known = {figure.key: figure for figure in crowd}
    scenes: dict[str, tuple[tuple[Line, ...], ...]] = {}
    for scene in raw["scene"]:
        lines = tuple(_line(item, known) for item in scene["lines"])
        scenes[scene["room"]] = (*scenes.get(scene["room"], ()), lines)
    return Script(crowd, tuple(raw["greetings"]), scenes)


def _line(raw: list[Any], known: dict[str, Figure]) -> Line:
    key, pause, text = raw
    for mentioned in (key, *MENTION.findall(text)):
        known[mentioned]
    return Line(key, float(pause), text)
