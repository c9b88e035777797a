"""The parts of one face, before they are put together."""

from dataclasses import dataclass

from backend.profiles.faces.palette import INK, Coat


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """Markup by layer, from back to front, and where eyes and mouth go."""

    coat: Coat
    outline: str
    """The path of the head."""
    behind: str = ""
    """Ears, mane, hair at the back."""
    marks: str = ""
    """Stripes, spots and masks; clipped to the head."""
    front: str = ""
    """Muzzle, nose, trunk: below the eyes."""
    over: str = ""
    """Fringe, horns, tufts: above everything."""
    brow: str | None = None
    """Colour of the brows; None where the kind has none."""
    eye_y: float = 47
    eye_gap: float = 12
    eye_size: float = 1
    closed_eye: str = INK
    """Colour of a shut eye: ink would be lost on a dark mask."""
    mouth: tuple[float, float, float] | None = None
    """x, y and width; None where the kind draws its own."""
    cheek: tuple[float, float] = (60, 20)
    """y, and distance from the middle."""
    neck: str | None = None
    """Colour of a long neck; None where the head sits on the shoulders."""
