"""People: skin, hair, a nose, and now and then a pair of borrowed ears."""

from backend.profiles.faces import palette
from backend.profiles.faces.palette import SKINS
from backend.profiles.faces.seed import Choices, Trait
from backend.profiles.faces.shapes import (
    dots,
    ellipse,
    head_outline,
    line,
    mirrored,
    patch,
    path,
    scallops,
    spot,
)
from backend.profiles.faces.sketch import Sketch


def folk(choices: Choices) -> Sketch:
    """Somebody from next door."""
    skin = choices.pick(Trait.COAT, SKINS)
    hair = choices.pick(Trait.HAIR_COLOUR, palette.far_from(skin.base, palette.HAIRS))
    back, front = choices.pick(Trait.TOP, HAIRCUTS)
    is_veiled = back == SCARF
    ears = mirrored(ellipse(25.5, 53, 5, 6, skin.base) + spot(26, 53.5, 2, 2.8, skin.inner))
    freckles = dots("33 56,36.5 58,32.5 60,64 57,67 59,68 55.5", 2.1, skin.dark)
    return Sketch(
        coat=skin,
        outline=head_outline(
            50,
            choices.between(Trait.WIDTH, 23.5, 26),
            26,
            26,
            choices.between(Trait.JAW, 0.56, 0.78),
        ),
        behind=back.replace("HAIR", hair) + ("" if is_veiled else ears),
        marks=choices.pick(Trait.MARKS, ("", freckles, "")),
        front=line(choices.pick(Trait.EARS, NOSES), 2.6, skin.dark),
        over=front.replace("HAIR", hair),
        brow=skin.dark if is_veiled else hair,
        eye_y=50,
        eye_gap=11,
        mouth=(50, 64, 9),
        cheek=(60, 17),
    )


NOSES = (
    "M49 53C48 56 47.5 58 51 58.5",
    "M47 57C48 59.5 52 59.5 53 57",
    "M48 58.5C50 59.5 52 58.5 52 57",
)

CROP = path(
    "M25 47C22 30 33 20 50 20S78 30 75 47C73 42 71 39 69 36C58 38 44 37 36 33C33 37 28 41 25 47Z",
    "HAIR",
)
BOB = path(
    "M21 52C18 28 32 17 50 17S82 28 79 52C79 58 79 62 78 66C77 71 73 72 69 71H31C27 72 23 71 22 66"
    "C21 62 21 58 21 52Z",
    "HAIR",
)
LONG = path(
    "M21 50C18 28 32 17 50 17S82 28 79 50C80 60 82 66 82 72C82 78 78 81 73 80H27C22 81 18 78 18 72"
    "C18 66 20 60 21 50Z",
    "HAIR",
)
_FRINGE_EDGE = "M25 47C38 42 61 40 66 35C68 38 70 42 75 47"
_PARTING_EDGE = "M25 48C37 42 50 36 56 27C64 34 70 42 75 48"
FRINGE = patch(f"{_FRINGE_EDGE}C77 30 66 20 50 20S23 30 25 47Z", "HAIR") + line(_FRINGE_EDGE)
PARTING = patch(f"{_PARTING_EDGE}C77 30 66 20 50 20S23 30 25 48Z", "HAIR") + line(_PARTING_EDGE)
SWEEP = path(f"{_PARTING_EDGE}C77 30 65 20 50 20S23 30 25 48Z", "HAIR")
CLOUD = path(scallops(50, 40, 30, 12, 0.2), "HAIR")
HAIRLINE = path(
    "M27 43C28 28 38 23 50 23S72 28 73 43C69 37 64 34 60 35C55 32 45 32 40 35C36 34 31 37 27 43Z",
    "HAIR",
)
BUN = ellipse(54, 14, 9, 8.5, "HAIR")
PUFFS = ellipse(25, 23, 10.5, 10.5, "HAIR") + ellipse(75, 23, 10.5, 10.5, "HAIR")
QUIFF = path(
    "M27 43C23 32 27 25 33 22C33 14 46 9 62 12C72 14 77 22 73 30C75 34 75 38 73.5 43"
    "C71 38 68 35 65 33C52 36 38 34 33 32C30 35 28 39 27 43Z",
    "HAIR",
)
CREST = path(
    "M41 31C36 22 38 12 44 6C46 9 47 10 48 12C50 8 53 6 57 4C58 8 58 10 58 12C61 11 63 11 65 11"
    "C65 19 63 26 59 31C53 28 47 28 41 31Z",
    "HAIR",
)
CURLS = path(
    "M27 44C20 42 21 33 27 32C25 24 33 19 38 22C41 14 52 14 55 20C61 15 70 19 69 26"
    "C76 27 79 35 74 38C76 41 75 43 73 44C70 40 68 38 65 38C62 41 57 40 55 37C51 41 45 40 43 37"
    "C40 41 35 40 33 38C30 39 28 41 27 44Z",
    "HAIR",
)
SCARF = path("M22 66C17 40 26 17 50 17S83 40 78 66C76 77 66 84 50 84S24 77 22 66Z", "HAIR")
_BAND_EDGE = "M26.5 56C25 44 32 33 50 33S75 44 73.5 56"
BAND = patch(f"{_BAND_EDGE}L78 50C78 30 66 20 50 20S22 30 22 50Z", "HAIR") + line(_BAND_EDGE)

HAIRCUTS = (
    ("", CROP),
    (BOB, FRINGE),
    (CLOUD, HAIRLINE),
    (BUN, SWEEP),
    (PUFFS, HAIRLINE),
    ("", QUIFF),
    (LONG, PARTING),
    ("", CURLS),
    ("", CREST),
    (SCARF, BAND),
    (LONG, FRINGE),
)
