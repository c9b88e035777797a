"""The pictures: a sunset with company, a fire, a tree with nobody under it. All drawn here, none fetched."""

from dataclasses import dataclass
from pathlib import Path

import reflex as rx

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class _Guest:
    """Somebody at the fire: a generated face, and perhaps something to say."""

    face: str
    x: int
    y: int
    blanket: str
    says: str = ""


_GUESTS = (
    _Guest("meerkat", 786, 536, "#5b7f95"),
    _Guest("pizza-roll", 934, 536, "#8a5a83", "is it pizza o'clock?"),
    _Guest("ada", 710, 552, "#c9803f"),
    _Guest("otter", 1010, 552, "#4f8a63"),
    _Guest("ben", 648, 584, "#7a4f6d", "…so the giraffe says:"),
    _Guest("cleo", 1072, 584, "#b3564a"),
    _Guest("toast", 1134, 566, "#56688f"),
)


def savanna() -> rx.Component:
    """The scene of the front page. It lies in the page itself, so that its colours follow the theme."""
    crowd = "".join(_seated(guest) for guest in _GUESTS) + "".join(_saying(it) for it in _GUESTS)
    return rx.html((_HERE / "savanna.svg").read_text().replace("@crowd@", crowd), class_name="scene")


def campfire() -> rx.Component:
    """The fire that stands for a room."""
    return rx.el.img(src="/campfire.svg", alt="", width="72", height="72", class_name="flicker")


def lost_acacia() -> rx.Component:
    """One tree, far from everything."""
    return rx.el.img(src="/lost.svg", alt="", width="320", height="220", class_name="lost-picture")


def _seated(guest: _Guest) -> str:
    return (
        f'<g transform="translate({guest.x} {guest.y})">'
        f'<use href="#blanket" y="20" fill="{guest.blanket}"/><g class="bob"><circle r="37"'
        f' class="seat"/><image href="/profiles/v1/faces/{guest.face}.svg" x="-33" y="-33"'
        f' width="66" height="66" clip-path="url(#round)"/></g></g>'
    )


def _saying(guest: _Guest) -> str:
    if not guest.says:
        return ""
    width = 26 + 9.4 * len(guest.says)
    return (
        f'<g class="saying" transform="translate({guest.x} {guest.y - 62})">'
        f'<path class="bubble" d="M-7 -1 0 14 12 -1Z"/><rect class="bubble" x="{-width / 2:.0f}" y="-38"'
        f' width="{width:.0f}" height="38" rx="19"/><text text-anchor="middle" y="-13">{guest.says}'
        "</text></g>"
    )
