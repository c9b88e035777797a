"""The colours of faces, chosen to sit well on the dark page (#121211) and on white alike."""

from typing import NamedTuple

INK = "#2b211d"
"""Every outline. A warm near-black, so that faces look drawn and not printed."""
PAPER = "#fffaf0"
TONGUE = "#f2777a"
BLUSH = "#ff6f61"


class Coat(NamedTuple):
    """Fur, hide or skin: the main colour, a darker one for marks, a lighter one for muzzles."""

    base: str
    dark: str
    light: str
    inner: str
    """Inside the ears."""


SAND = Coat("#f0b95b", "#a8602a", "#fde6b8", "#f39a7b")
HONEY = Coat("#f6cf6d", "#b5702c", "#fff0c7", "#f5a98b")
APRICOT = Coat("#f39c5a", "#9c4a26", "#fddcb5", "#f7c1a5")
TAN = Coat("#d6a878", "#6f4a35", "#f6e1c4", "#eba58c")
COCOA = Coat("#a9744f", "#5b3727", "#e9c7a0", "#e39d84")
UMBER = Coat("#7f563f", "#442c22", "#d9b08a", "#c98270")
SLATE = Coat("#93a4b5", "#5d6d80", "#cfdae2", "#f1a9b2")
MIST = Coat("#b7bfc4", "#767f88", "#e6eaea", "#f3b1b0")
LAGOON = Coat("#71b9bb", "#357a83", "#c3e6e1", "#f4b3a6")
LILAC = Coat("#b09bd1", "#6f5a9c", "#e0d6f2", "#f3adc6")
ROSE = Coat("#ec9fae", "#a9566d", "#fbd9dc", "#d9748b")
PLUM = Coat("#9a7092", "#5c3c5e", "#dcc0d6", "#eb9fb0")
CHALK = Coat("#fbf6ea", "#3b3436", "#fffdf8", "#f4b6b0")
CREAM = Coat("#f9e9cd", "#744a35", "#fff8ea", "#f2ae98")
MINT = Coat("#dff3e4", "#2f6b67", "#f6fdf5", "#f5b5a7")
BLOSSOM = Coat("#fde2e4", "#7d4468", "#fff6f5", "#f08fa5")
CHARCOAL = Coat("#6a6670", "#38353d", "#b9b3b8", "#d98f95")

SKINS = (
    Coat("#ffdcc0", "#d98a6a", "#ffe9d6", "#f3b18f"),
    Coat("#f6c49a", "#c97f54", "#fbd9ba", "#e59f76"),
    Coat("#e0a573", "#a8683d", "#eec197", "#c9855a"),
    Coat("#bd7f52", "#86502d", "#d39d73", "#a2653c"),
    Coat("#95603d", "#633a22", "#b17d58", "#7b4a2c"),
    Coat("#6e4530", "#442719", "#8d6048", "#583423"),
)
HAIRS = ("#2f2523", "#513326", "#8a5130", "#c9752f", "#e9b44c", "#d9d3cb", "#e0607e", "#3f8f9b",
         "#7c63b5")  # fmt: skip

BACKGROUNDS = (
    "#7ac256", "#f0ad4e", "#f96854", "#5bb5c4", "#8a7cc9", "#f4a9b8", "#3f7f86", "#f4d35e",
    "#4f6da8", "#c7577f", "#a8d5a2", "#f2c9a1",
)  # fmt: skip
JUMPERS = (
    "#f96854", "#7ac256", "#f0ad4e", "#3f7f86", "#f3dfb8", "#4f6da8", "#c7577f", "#8a7cc9",
    "#f4d35e", "#5a4a44",
)  # fmt: skip
TRIMS = ("#f96854", "#7ac256", "#f4d35e", "#5bb5c4", "#c7577f", "#fffaf0", "#8a7cc9")


FAR = 105
"""Found by looking: below it, ears vanish into the background at 32 pixels."""


def far_from(colour: str, options: tuple[str, ...]) -> tuple[str, ...]:
    """The options that stand out against a colour, so that nobody melts into the background."""
    return tuple(option for option in options if _distance(colour, option) > FAR)


def _distance(one: str, other: str) -> float:
    """Weighted distance in RGB: nearer to what eyes see than the plain one, and cheap."""
    red, green, blue = (
        int(one[place : place + 2], 16) - int(other[place : place + 2], 16) for place in (1, 3, 5)
    )
    return (2 * red**2 + 4 * green**2 + 3 * blue**2) ** 0.5 / 1.5
