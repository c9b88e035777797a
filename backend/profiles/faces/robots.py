"""Bots: a tin head, an aerial, and eyes that say it all."""

from backend.profiles.faces import palette
from backend.profiles.faces.palette import INK, PAPER, Coat
from backend.profiles.faces.seed import Choices, Trait
from backend.profiles.faces.shapes import dots, ellipse, line, mirrored, patch, path, spot
from backend.profiles.faces.sketch import Sketch

METALS = (
    palette.MIST, palette.SLATE, palette.LAGOON, palette.LILAC, palette.APRICOT, palette.MINT,
    palette.ROSE, palette.HONEY,
)  # fmt: skip
BOX = "M30 27H70C75 27 78 30 78 35V68C78 74 75 77 69 77H31C25 77 22 74 22 68V35C22 30 25 27 30 27Z"
DOME = "M22 51C22 34 34 25 50 25S78 34 78 51V69C78 74 75 77 70 77H30C25 77 22 74 22 69Z"
KETTLE = "M36 26H64C73 26 80 40 80 54S73 77 64 77H36C27 77 20 68 20 54S27 26 36 26Z"

BULB = line("M50 27V17") + ellipse(50, 13, 5, 5, "LAMP")
SPRING = line("M50 27L46 24L54 21L46 18L50 15") + ellipse(50, 11.5, 4.6, 4.6, "LAMP")
RABBIT_EARS = (
    line("M45 27L36 13") + line("M55 27L64 13") + mirrored(ellipse(36, 12, 3.8, 3.8, "LAMP"))
)
FLOWER = (
    line("M50 27V19")
    + dots("44 13,56 13,50 8,46 18,54 18", 6.5, "LAMP")
    + spot(50, 13, 3, 3, PAPER)
)
PROPELLER = line("M50 27V16") + ellipse(41, 15, 8.5, 3, "LAMP") + ellipse(59, 15, 8.5, 3, "LAMP")

_GRILLE = (
    "M38 64H62C64 64 65 65 65 67V69C65 71 64 72 62 72H38C36 72 35 71 35 69V67C35 65 36 64 38 64Z"
)
GRILLE = path(_GRILLE, INK) + line(
    "M42 65.5V70.5M47.3 65.5V70.5M52.6 65.5V70.5M58 65.5V70.5", 2, PAPER
)
LIGHTS = dots("41 68,47 68,53 68,59 68", 4.4, "LAMP")
ZIGZAG = line("M38 69L42 66L46 69L50 66L54 69L58 66L62 69", 2.8)
SLOT = path("M40 66H60C62 66 62 71 60 71H40C38 71 38 66 40 66Z", PAPER)


def robot(choices: Choices) -> Sketch:
    """Somebody with a secret of their own. Only the eyes show the mood; the mouth is for show."""
    metal = choices.pick(Trait.COAT, METALS)
    lamp = choices.pick(Trait.EXTRA_COLOUR, palette.TRIMS)
    aerial = choices.pick(Trait.TOP, (BULB, SPRING, RABBIT_EARS, FLOWER, PROPELLER))
    grille = choices.pick(Trait.MOUTH, (GRILLE, LIGHTS, ZIGZAG, SLOT))
    knobs = mirrored(path("M23 47H18C15 47 14 49 14 52V56C14 59 15 61 18 61H23Z", metal.dark))
    return Sketch(
        coat=metal,
        outline=choices.pick(Trait.JAW, (BOX, DOME, KETTLE)),
        behind=aerial.replace("LAMP", lamp) + knobs,
        marks=_panel(choices, metal),
        front=grille.replace("LAMP", lamp),
        eye_y=49,
        eye_gap=choices.between(Trait.EYE_GAP, 11, 13.5),
        eye_size=1.12,
        mouth=None,
        cheek=(60, 21),
    )


def _panel(choices: Choices, metal: Coat) -> str:
    """A face plate, rivets, or a patch where something was mended."""
    plate = patch(
        "M31 37H69C72 37 73 38 73 41V58C73 61 72 62 69 62H31C28 62 27 61 27 58V41"
        "C27 38 28 37 31 37Z",
        metal.light,
    )
    rivets = dots("28 33,72 33,28 71,72 71", 3, metal.dark)
    mended = patch("M58 27L80 27L80 40L62 40Z", metal.light) + line(
        "M58 27L62 40L80 40", 1.8, metal.dark
    )
    return choices.pick(Trait.MARKS, (plate, plate + rivets, rivets, mended + rivets))


KINDS = (robot,)
