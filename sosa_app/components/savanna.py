"""The pictures: a sunset with company, a fire, a lonely tree. All our own drawing."""

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
    says_at: int = 0
    """How far to the side of the face it is written, so that it hides nobody."""


_GUESTS = (
    _Guest("turnip", 784, 512, "#5b7f95"),
    _Guest("pizza-roll", 936, 512, "#8a5a83", "is it pizza o'clock?", 60),
    _Guest("rhubarb", 712, 528, "#c9803f"),
    _Guest("kiwi", 1008, 528, "#4f8a63"),
    _Guest("ada", 656, 558, "#7a4f6d", "so the giraffe says…", 0),
    _Guest("sunny", 1064, 558, "#b3564a"),
    _Guest("mango", 1136, 532, "#56688f"),
)


def savanna() -> rx.Component:
    """The scene of the front page, in the page itself so that its colours follow the theme."""
    crowd = "".join(_seated(guest) for guest in _GUESTS) + "".join(_saying(it) for it in _GUESTS)
    return rx.html(
        (_HERE / "savanna.svg").read_text().replace("@crowd@", crowd), class_name="scene"
    )


def campfire() -> rx.Component:
    """The fire that stands for a room."""
    return rx.el.img(src="/campfire.svg", alt="", class_name="fire flicker")


def lost_acacia() -> rx.Component:
    """One tree, far from everything."""
    return rx.el.img(src="/lost.svg", alt="", class_name="lost-picture")


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
    width = 30 + 8.2 * len(guest.says)
    return (
        f'<g class="saying" transform="translate({guest.x} {guest.y - 68})">'
        f'<path class="bubble" d="M-9 -2 0 16 11 -2Z"/><rect class="bubble"'
        f' x="{guest.says_at - width / 2:.0f}" y="-38" width="{width:.0f}" height="38" rx="19"/>'
        f'<text text-anchor="middle" x="{guest.says_at}" y="-13">{guest.says}'
        "</text></g>"
    )
