"""A face from a seed: an SVG of our own drawing."""

from collections.abc import Callable

from backend.profiles.faces import cats, grazers, robots
from backend.profiles.faces.extras import extra
from backend.profiles.faces.features import brows, cheeks, eyes, mouth
from backend.profiles.faces.folk import folk
from backend.profiles.faces.palette import BACKGROUNDS, INK, JUMPERS, PAPER, far_from
from backend.profiles.faces.seed import Choices, Trait
from backend.profiles.faces.shapes import STROKE, line, num, patch, path
from backend.profiles.faces.sketch import Sketch

KINDS: tuple[Callable[[Choices], Sketch], ...] = (
    cats.lion, grazers.zebra, grazers.elephant, grazers.giraffe, cats.meerkat, folk,
    grazers.hippo, cats.cheetah, folk, grazers.rhino, cats.bushbaby, grazers.warthog,
    cats.hyena, folk, grazers.ostrich, folk,
)  # fmt: skip
"""As many kinds of folk as make a crowd, and more animals than people, as on any savanna."""


ROBOT = "bot-"
"""Begins the seeds of bots' faces."""


def draw_face(seed: str, mood: str = "calm") -> str:
    """A seed's face as a complete SVG of less than 4 KB. Raises KeyError for an unknown mood.

    Any seed will do. It is hashed and never written, so nothing in it can reach the markup.
    """
    choices = Choices(seed)
    kinds = robots.KINDS if seed.startswith(ROBOT) else KINDS
    sketch = choices.pick(Trait.KIND, kinds)(choices)
    background = choices.pick(Trait.BACKGROUND, far_from(sketch.coat.base, BACKGROUNDS))
    tilt = num(choices.between(Trait.TILT, -5, 5))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" role="img">'
        "<title>A cartoon face</title>"
        f'<circle cx="50" cy="50" r="50" fill="{background}"/>'
        f'<g stroke="{INK}" stroke-width="{STROKE}" stroke-linejoin="round" stroke-linecap="round">'
        f"{_shoulders(choices, sketch, background)}"
        f'<g transform="rotate({tilt} 50 80) translate(-4 -3.4) scale(1.08)">'
        f"{_head(choices, sketch, mood)}</g></g></svg>"
    )


def _head(choices: Choices, sketch: Sketch, mood: str) -> str:
    return "".join(
        (
            sketch.behind,
            _skull(choices, sketch),
            sketch.front,
            cheeks(choices, *sketch.cheek),
            mouth(choices, *sketch.mouth) if sketch.mouth else "",
            eyes(choices, mood, sketch),
            sketch.over,
            brows(choices, sketch.eye_y - 11, sketch.eye_gap, sketch.brow) if sketch.brow else "",
            extra(choices, sketch),
        )
    )


def _skull(choices: Choices, sketch: Sketch) -> str:
    """The head with the marks on it, clipped to it, and the outline above them.

    The clip is named after the digest: two faces inlined in one page must not share one.
    """
    if not sketch.marks:
        return path(sketch.outline, sketch.coat.base)
    return (
        f'<clipPath id="{choices.name}"><path d="{sketch.outline}"/></clipPath>'
        f'<g clip-path="url(#{choices.name})">'
        f"{patch('M0 0H100V100H0Z', sketch.coat.base)}{sketch.marks}</g>"
        f"{path(sketch.outline, 'none')}"
    )


def _shoulders(choices: Choices, sketch: Sketch, background: str) -> str:
    """A jumper, cut off by the disc (whose lower arc is part of the path, so no clip is needed)."""
    colour = choices.pick(Trait.JUMPER, far_from(background, JUMPERS))
    long_neck = "M41 60C41 72 40 80 38 88H62C60 80 59 72 59 60Z"
    neck = path(long_neck, sketch.neck) if sketch.neck else ""
    top = "M14.5 85.2C22 78 34 76 50 76S78 78 85.5 85.2"
    body = patch(f"{top}A50 50 0 0 1 14.5 85.2Z", colour) + line(top)
    return neck + body + choices.pick(Trait.COLLAR, COLLARS)


COLLARS = (
    "",
    line("M26 90C40 84.5 60 84.5 74 90", 3, PAPER),
    line("M36 77C40 85 60 85 64 77", 2.6),
)
