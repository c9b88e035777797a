"""Zebras, giraffes, elephants, hippos, rhinos, warthogs, and a bird: long faces and large noses."""

from backend.profiles.faces import palette
from backend.profiles.faces.palette import INK, PAPER
from backend.profiles.faces.seed import Choices, Trait
from backend.profiles.faces.shapes import (
    ellipse,
    head_outline,
    line,
    mirrored,
    patch,
    path,
    placed,
    spot,
    tube,
)
from backend.profiles.faces.sketch import Sketch

LEAF = "M-5.5 2C-10-7-7-19 0-24C7-19 10-7 5.5 2Z"
INNER_LEAF = "M-2.4 0C-5-7-3.5-13 0-17.5C3.5-13 5-7 2.4 0Z"


SMILES = (
    "M43 73C46 76.5 54 76.5 57 73",
    "M42 73C46 77 54 76 58 71.5",
    "M45 73.5C47 76 53 76 55 73.5",
)


def leaf_ears(choices: Choices, x: float, y: float, lean: float, coat: palette.Coat) -> str:
    """Two pointed ears, each listening to something else."""
    ear = path(LEAF, coat.base) + patch(INNER_LEAF, coat.inner)
    left = lean + choices.between(Trait.LEFT_EAR, -9, 9)
    right = lean + choices.between(Trait.RIGHT_EAR, -9, 9)
    return placed(ear, 50 - x, y, -left) + placed(ear, 50 + x, y, right)


def zebra(choices: Choices) -> Sketch:
    """Stripes in the house colours, and a brush of hair."""
    coat = choices.pick(
        Trait.COAT, (palette.CHALK, palette.CREAM, palette.MINT, palette.BLOSSOM, palette.CHALK)
    )
    stripes = mirrored(
        patch("M18 37L37 41.5L19 45.5Z", coat.dark)
        + patch("M18 48.5L35.5 54L21 57.5Z", coat.dark)
        + patch("M24 26L41 35L20 34.5Z", coat.dark)
        + patch("M22 60L33 62.5L25 66Z", coat.dark)
    ) + patch("M47 34L50 44L53 34Z", coat.dark)
    brush = path(
        "M40 28C38 21 39 15 43 11C45 12 46 12 47 13C48 11 50 9 52 8C54 10 55 11 55 12"
        "C57 12 58 11 60 11C62 17 62 22 60 28C54 32 46 32 40 28Z",
        coat.dark,
    )
    return Sketch(
        coat=coat,
        outline=head_outline(50, choices.between(Trait.WIDTH, 23.5, 26), 28, 31, 0.76),
        behind=leaf_ears(choices, 19, 31, 26, coat),
        marks=stripes + spot(50, 80, 27, 19, coat.dark),
        front=mirrored(spot(43, 66.5, 2.4, 1.9, coat.inner))
        + line(choices.pick(Trait.MOUTH, SMILES), 2.8, coat.inner),
        over=brush,
        eye_y=47,
        eye_gap=11.5,
        mouth=None,
        cheek=(58.5, 17),
    )


def giraffe(choices: Choices) -> Sketch:
    """The only one who can see the exit."""
    coat = choices.pick(Trait.COAT, (palette.HONEY, palette.SAND, palette.CREAM, palette.APRICOT))
    horn = tube("M0 0C0-6-1-9-1-13", 4, coat.base) + ellipse(-1, -15, 4.4, 4.4, coat.dark)
    horns = placed(horn, 41, 28, -6) + placed(horn, 59, 28, 8)
    patches = (
        patch("M20 38L32 36L36 44L30 49L20 48Z", coat.dark)
        + patch("M80 36L69 37L65 43L70 51L80 49Z", coat.dark)
        + patch("M43 18L58 18L57 30L50 34L43 30Z", coat.dark)
        + patch("M24 54L32 56L33 63L26 66Z", coat.dark)
        + patch("M76 56L68 57L67 64L75 66Z", coat.dark)
    )
    return Sketch(
        coat=coat,
        outline=head_outline(50, choices.between(Trait.WIDTH, 22, 24.5), 25, 31, 0.72),
        behind=horns + leaf_ears(choices, 17, 36, 60, coat),
        marks=patches + spot(50, 77, 26, 18, coat.light),
        front=mirrored(spot(44, 65, 1.9, 1.5, coat.dark)),
        eye_y=47,
        eye_gap=11.5,
        mouth=(50, 70.5, 8),
        cheek=(59.5, 16),
    )


def elephant(choices: Choices) -> Sketch:
    """Ears to fly with, and a trunk that goes its own way."""
    coat = choices.pick(
        Trait.COAT, (palette.SLATE, palette.MIST, palette.LAGOON, palette.LILAC, palette.ROSE)
    )
    tilt = choices.between(Trait.LEFT_EAR, -8, 8)
    ear = path("M4-16C-8-24-24-16-23 1C-22 14-10 22-1 15C6 10 8-10 4-16Z", coat.base) + patch(
        "M0-10C-8-15-17-9-16.5 1C-16 9-8 13-2 9C2 5 3-7 0-10Z", coat.inner
    )
    side = choices.pick(Trait.RIGHT_EAR, (1, -1))
    trunk = tube("M50 54C50 62 48 68 51 73C54 78 62 77 62 71", 10, coat.base)
    wrinkles = line("M45.5 62H51M46 67.5H51", 2, coat.dark)
    whole = trunk + wrinkles
    return Sketch(
        coat=coat,
        outline=head_outline(50, choices.between(Trait.WIDTH, 23, 26), 27, 24, 0.66),
        behind=placed(ear, 29, 48, tilt)
        + f'<g transform="matrix(-1 0 0 1 100 0)">{placed(ear, 29, 48, -tilt / 2)}</g>',
        front=whole if side == 1 else f'<g transform="matrix(-1 0 0 1 100 0)">{whole}</g>',
        over=choices.pick(
            Trait.TOP, ("", line("M49 23C48 19 49 16 47 14M52 23C52 19 54 17 56 16", 3))
        ),
        brow=choices.pick(Trait.BROWS, (None, coat.dark)),
        eye_y=45,
        eye_gap=12.5,
        cheek=(57, 17),
    )


def hippo(choices: Choices) -> Sketch:
    """Mostly muzzle, all heart."""
    coat = choices.pick(
        Trait.COAT, (palette.LILAC, palette.SLATE, palette.ROSE, palette.PLUM, palette.LAGOON)
    )
    ear = ellipse(0, 0, 6, 7, coat.base) + spot(0, 1, 3, 4, coat.inner)
    tilt = choices.between(Trait.LEFT_EAR, -10, 10)
    face = ellipse(50, 65.5, 29, 17.5, coat.base) + mirrored(
        spot(40, 57, 2.8, 2.2, coat.dark) + spot(29, 66, 5, 3.4, palette.BLUSH, ' opacity=".3"')
    )
    teeth = path("M38 72.5V78H43V74M57 74V78H62V72.5", PAPER, ' stroke-width="2.2"')
    smile = line("M30 69C36 76 64 76 70 69")
    return Sketch(
        coat=coat,
        outline=head_outline(50, choices.between(Trait.WIDTH, 23, 26), 28, 28, 0.8),
        behind=placed(ear, 31, 29, -28 + tilt) + placed(ear, 69, 29, 28 + tilt),
        front=face + choices.pick(Trait.MOUTH, (teeth, "", teeth)) + smile,
        eye_y=42.5,
        eye_gap=11.5,
        cheek=(50, 60),
    )


def rhino(choices: Choices) -> Sketch:
    """Thick skin outside."""
    coat = choices.pick(Trait.COAT, (palette.SLATE, palette.MIST, palette.LILAC, palette.LAGOON))
    lean = choices.between(Trait.TOP, -5, 5)
    horn = placed(
        path("M-7 4C-7-8-2-17 3-22C4-14 7-6 7 4C3 7-3 7-7 4Z", palette.CREAM.base), 50, 56, lean
    )
    small = placed(
        path("M-4 2C-4-3-1-8 1-11C2-7 4-3 4 2C2 4-2 4-4 2Z", palette.CREAM.base), 50, 35, lean
    )
    return Sketch(
        coat=coat,
        outline=head_outline(50, choices.between(Trait.WIDTH, 25, 28), 25, 29, 0.8),
        behind=leaf_ears(choices, 20, 32, 30, coat),
        marks=spot(50, 79, 30, 17, coat.light) + line("M43 27C47 29 53 29 57 27", 2, coat.dark),
        front=small + horn + mirrored(spot(37.5, 66, 2.6, 2, coat.dark)),
        eye_y=46.5,
        eye_gap=14.5,
        mouth=(50, 69.5, 8),
        cheek=(58, 20),
    )


def warthog(choices: Choices) -> Sketch:
    """Tusks, a wild fringe, no vanity at all."""
    coat = choices.pick(Trait.COAT, (palette.COCOA, palette.UMBER, palette.TAN, palette.ROSE))
    tusks = mirrored(path("M35 68C29 67 26 62 27 57C31 58 36 61 39 65Z", PAPER))
    snout = ellipse(50, 64, 14.5, 10, coat.light) + mirrored(spot(45, 63, 2.4, 3, coat.dark))
    fringe = path(
        "M37 30C33 24 34 17 37 12C39 15 41 16 43 17C44 13 47 10 50 8C51 12 53 14 55 16"
        "C58 15 61 13 64 13C66 19 66 25 63 30C57 26 43 26 37 30Z",
        coat.dark,
    )
    return Sketch(
        coat=coat,
        outline=head_outline(50, choices.between(Trait.WIDTH, 25, 28), 26, 29, 0.66),
        behind=leaf_ears(choices, 20, 34, 52, coat),
        front=tusks + snout,
        over=fringe,
        eye_y=45,
        eye_gap=12.5,
        mouth=(50, 75, 5.5),
        cheek=(57, 19),
    )


def ostrich(choices: Choices) -> Sketch:
    """All lashes and neck."""
    coat = choices.pick(Trait.COAT, (palette.BLOSSOM, palette.CREAM, palette.MIST, palette.LILAC))
    beak = choices.pick(Trait.MARKS, ("#f0ad4e", "#f58a5b", "#f4d35e"))
    bill = path("M35 52C40 47 60 47 65 52C62 61 56 65 50 65S38 61 35 52Z", beak) + line(
        "M36 54C43 58 57 58 64 54", 2.6
    )
    feathers = line("M50 24C49 16 46 12 42 9M50 24C50 15 51 11 50 6M50 24C52 16 55 13 60 10", 3.4)
    return Sketch(
        coat=coat,
        outline=head_outline(44, choices.between(Trait.WIDTH, 22, 24), 24, 23, 0.75),
        behind=feathers,
        front=bill + mirrored(spot(46.5, 51.5, 1, 1.3, INK)),
        eye_y=39,
        eye_gap=11,
        cheek=(50, 16),
        neck=coat.light,
    )
