"""Generated faces: everybody looks like somebody before they upload a picture."""

from backend.profiles.faces.drawing import draw_face
from backend.profiles.faces.features import MOODS

__all__ = ["MOODS", "draw_face"]
