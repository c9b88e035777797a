"""Lions, cheetahs, hyenas, meerkats and bushbabies: round heads, small noses."""

from backend.profiles.faces import palette
from backend.profiles.faces.palette import INK, PAPER
from backend.profiles.faces.seed import Choices, Trait
from backend.profiles.faces.shapes import (
    dots,
    ellipse,
    head_outline,
    line,
    mirrored,
    patch,
    path,
    placed,
    scallops,
    spot,
)
from backend.profiles.faces.sketch import Sketch

NOSE = path("M-5-2.4C-3-4 3-4 5-2.4C5 0 2 2.6 0 2.6S-5 0-5-2.4Z", INK, ' stroke-width="1.6"')
SHINE = spot(-1.4, -1.8, 1.5, 0.8, PAPER, ' opacity=".55"')


def round_ears(choices: Choices, x: float, y: float, size: float, fill: str, inner: str) -> str:
    """Two round ears, one a little lower than the other."""
    drop = choices.between(Trait.LEFT_EAR, -1.6, 1.6)
    ear = ellipse(0, 0, size, size, fill) + spot(0, size * 0.18, size * 0.52, size * 0.52, inner)
    return placed(ear, 50 - x, y + drop) + placed(ear, 50 + x, y - drop)


def lion(choices: Choices) -> Sketch:
    """A mane first, and somebody in it."""
    coat = choices.pick(
        Trait.COAT, (palette.SAND, palette.HONEY, palette.APRICOT, palette.CREAM, palette.ROSE)
    )
    mane = choices.pick(Trait.HAIR_COLOUR, (coat.dark, "#8a4a2a", "#c8642d", "#5b3727"))
    lobes = choices.pick(Trait.TOP, (11, 13, 9))
    behind = path(scallops(50, 50, 34, lobes, 0.3), mane) + round_ears(
        choices, 23, 27, 8, coat.base, coat.inner
    )
    width = choices.between(Trait.WIDTH, 25, 28)
    return Sketch(
        coat=coat,
        outline=head_outline(50, width, 25, 26, choices.between(Trait.JAW, 0.6, 0.74)),
        behind=behind,
        marks=patch("M44 22C46 29 46 33 50 38C54 33 54 29 56 22Z", coat.light),
        front=muzzle(coat.light, 62, 14, 10) + placed(NOSE + SHINE, 50, 57.5),
        eye_y=46.5,
        mouth=(50, 62.6, 8.4),
        cheek=(57, 20),
    )


def cheetah(choices: Choices) -> Sketch:
    """Spots, and two lines that run from the eyes."""
    coat = choices.pick(Trait.COAT, (palette.HONEY, palette.SAND, palette.CREAM, palette.BLOSSOM))
    spots = dots(
        "39 30,50 27,61 30,45 35,56 36,27 54,73 55,31 61,69 62,33 37,67 38", 4.4, coat.dark
    )
    tears = mirrored(line("M40 52C39.5 57 38 60 37.5 65", 3, coat.dark))
    return Sketch(
        coat=coat,
        outline=head_outline(50, choices.between(Trait.WIDTH, 26, 29), 26, 25, 0.64),
        behind=round_ears(choices, 22, 28, 9, coat.base, coat.dark),
        marks=spots + tears,
        front=muzzle(coat.light, 63, 13, 9.5) + placed(NOSE + SHINE, 50, 58),
        eye_y=46,
        mouth=(50, 63, 8),
        cheek=(58, 21),
    )


def hyena(choices: Choices) -> Sketch:
    """Big ears, a tuft, and the joke of the evening."""
    coat = choices.pick(Trait.COAT, (palette.TAN, palette.MIST, palette.COCOA, palette.LILAC))
    spots = dots("28 44,72 43,30 57,70 58,37 33,63 32,24 51,76 50", 5, coat.dark)
    tuft = path(
        "M36 27C35 19 40 15 42 12C44 15 45 16 46 17C47 12 50 10 53 7C54 11 55 13 55 15"
        "C58 13 61 13 63 12C62 18 64 22 63 27C55 22 45 22 36 27Z",
        coat.dark,
    )
    return Sketch(
        coat=coat,
        outline=head_outline(50, choices.between(Trait.WIDTH, 25, 28), 26, 27, 0.56),
        behind=round_ears(choices, 25, 27, 11.5, coat.base, coat.inner),
        marks=spots + spot(50, 71, 14.5, 13, coat.light),
        front=placed(NOSE + SHINE, 50, 60, 0, 1.15),
        over=placed(tuft, 0, 1, 0),
        eye_y=46.5,
        mouth=(50, 65, 8.6),
        cheek=(58, 19),
    )


def meerkat(choices: Choices) -> Sketch:
    """On watch."""
    coat = choices.pick(Trait.COAT, (palette.TAN, palette.CREAM, palette.SAND, palette.MIST))
    masks = mirrored(
        f'<ellipse cx="38" cy="47.5" rx="8.6" ry="11" fill="{coat.dark}" stroke="none"'
        ' transform="rotate(28 38 47)"/>'
    )
    tuft = line("M47 25C46 21 47 19 48 17M52 25C52 20 54 18 56 17", 3)
    return Sketch(
        coat=coat,
        outline=head_outline(50, choices.between(Trait.WIDTH, 24, 27), 27, 29, 0.42),
        behind=round_ears(choices, 25, 41, 7, coat.dark, coat.inner),
        marks=masks + spot(50, 70, 13, 14, coat.light),
        front=placed(NOSE + SHINE, 50, 62, 0, 0.95),
        over=tuft,
        eye_y=47,
        eye_gap=11.5,
        closed_eye=coat.light,
        mouth=(50, 67, 6.6),
        cheek=(61, 18),
    )


def bushbaby(choices: Choices) -> Sketch:
    """Up all night, with the eyes for it."""
    coat = choices.pick(
        Trait.COAT, (palette.MIST, palette.TAN, palette.CHARCOAL, palette.PLUM, palette.COCOA)
    )
    ear = ellipse(0, 0, 9, 13, coat.base) + spot(0, 1.5, 4.8, 8, coat.inner)
    lean = choices.between(Trait.LEFT_EAR, -7, 7)
    rings = mirrored(spot(37, 48, 11.5, 11, coat.dark))
    stripe = patch("M46.5 22H53.5C52.5 36 52.5 46 54 58H46C47.5 46 47.5 36 46.5 22Z", coat.light)
    return Sketch(
        coat=coat,
        outline=head_outline(50, choices.between(Trait.WIDTH, 26, 28), 25, 25, 0.58),
        behind=placed(ear, 26, 29, -38 + lean) + placed(ear, 74, 29, 38 + lean),
        marks=rings + stripe + spot(50, 68, 14, 11, coat.light),
        front=placed(NOSE + SHINE, 50, 60, 0, 0.8),
        eye_y=47.5,
        eye_gap=12.5,
        eye_size=1.22,
        closed_eye=coat.light,
        mouth=(50, 65, 6.6),
        cheek=(60, 20),
    )


def muzzle(fill: str, y: float, width: float, height: float) -> str:
    """Two soft pads, as cats have."""
    return patch(
        f"M50 {y - height + 2}C{50 + width} {y - height} {50 + width + 3} {y + height} 50"
        f" {y + height + 1}C{50 - width - 3} {y + height} {50 - width} {y - height} 50"
        f" {y - height + 2}Z",
        fill,
    )
