"""What makes a face somebody's: most wear nothing, some glasses, a flower, a leaf or a bow."""

from collections.abc import Callable

from backend.profiles.faces.palette import TRIMS, far_from
from backend.profiles.faces.seed import Choices, Trait
from backend.profiles.faces.shapes import ellipse, line, num, path, placed, spot
from backend.profiles.faces.sketch import Sketch


def extra(choices: Choices, sketch: Sketch) -> str:
    """Something worn, or nothing."""
    colour = choices.pick(Trait.EXTRA_COLOUR, far_from(sketch.coat.base, TRIMS))
    return choices.pick(Trait.EXTRA, EXTRAS)(sketch, colour)


def _nothing(_sketch: Sketch, _colour: str) -> str:
    return ""


def _glasses(sketch: Sketch, colour: str) -> str:
    size = num(sketch.eye_gap - 1.9)
    rims = "".join(
        f'<circle cx="{num(50 + side * sketch.eye_gap)}" cy="{num(sketch.eye_y)}" r="{size}"/>'
        for side in (-1, 1)
    )
    return f'<g fill="none" stroke="{colour}">{rims}</g>'


def _flower(_sketch: Sketch, colour: str) -> str:
    petals = path(
        "M-2-2C-6-9 6-9 2-2C6-9 12 1 2.6 1.6C11 5 3 12 0 3.4C-3 12-11 5-2.6 1.6C-12 1-6-9-2-2Z",
        colour,
        ' stroke-width="2"',
    )
    return placed(petals + spot(0, 0, 2.8, 2.8, "#f4d35e"), 71, 29, 10)


def _leaf(_sketch: Sketch, _colour: str) -> str:
    blade = path("M0 0C-8-3-8-12 0-17C8-12 8-3 0 0Z", "#7ac256", ' stroke-width="2.4"')
    return placed(blade + line("M0 2V-9", 2), 53, 26, 24)


def _bow(_sketch: Sketch, colour: str) -> str:
    loops = path("M0 0C-4-9-12-8-12-5V5C-12 8-4 9 0 0C4 9 12 8 12 5V-5C12-8 4-9 0 0Z", colour)
    return placed(loops + ellipse(0, 0, 3.2, 3.2, colour), 31, 29, -24)


EXTRAS: tuple[Callable[[Sketch, str], str], ...] = (
    _nothing, _nothing, _nothing, _nothing, _glasses, _flower, _leaf, _nothing, _bow, _nothing,
)  # fmt: skip
