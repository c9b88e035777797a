"""Generated faces: everybody looks like somebody before they upload a picture."""

from backend.profiles.faces.drawing import ROBOT, draw_face
from backend.profiles.faces.features import MOODS

__all__ = ["MOODS", "ROBOT", "draw_face"]
