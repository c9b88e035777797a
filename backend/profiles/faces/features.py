"""What every face has: eyes that show the mood, brows, a mouth, cheeks."""

from collections.abc import Callable

from backend.profiles.faces.palette import BLUSH, INK, PAPER, TONGUE
from backend.profiles.faces.seed import Choices, Trait
from backend.profiles.faces.shapes import ellipse, line, path, placed, spot
from backend.profiles.faces.sketch import Sketch

MOODS = ("calm", "happy", "sleepy", "surprised", "wink")

HAPPY_EYE = "M-5.5 2C-4-4 4-4 5.5 2"
SLEEPY_EYE = "M-5.5-1C-4 4.5 4 4.5 5.5-1"
WINKING_EYE = "M-5.5 1.5C-2-3 3-3 5.5 0L7.5-1.5"


def eyes(choices: Choices, mood: str, sketch: Sketch) -> str:
    """Two eyes. The mood changes them and nothing else. Raises KeyError for no mood."""
    gaze = choices.between(Trait.GAZE, -1.1, 1.1)
    open_eye = choices.pick(Trait.EYES, OPEN_EYES)(gaze, sketch.coat.base)
    happy, sleepy, winking = (
        line(shape, 3.4, sketch.closed_eye) for shape in (HAPPY_EYE, SLEEPY_EYE, WINKING_EYE)
    )
    left, right = {
        "calm": (open_eye, open_eye),
        "happy": (happy, happy),
        "sleepy": (sleepy, sleepy),
        "surprised": (_startled(gaze), _startled(gaze)),
        "wink": (open_eye, winking),
    }[mood]
    gap, y, size = sketch.eye_gap, sketch.eye_y, sketch.eye_size
    return placed(left, 50 - gap, y, 0, size) + placed(right, 50 + gap, y, 0, size)


def _bead(gaze: float, _lid: str) -> str:
    return (
        spot(0, 0, 4.4, 5.4, INK)
        + spot(1.4 + gaze * 0.3, -2, 1.7, 1.7, PAPER)
        + spot(-1.4, 2.2, 0.8, 0.8, PAPER)
    )


def _round(gaze: float, _lid: str) -> str:
    return ellipse(0, 0, 7, 7.2, PAPER, ' stroke-width="2.4"') + _pupil(gaze * 1.3, 0.4, 4.1)


def _tall(gaze: float, _lid: str) -> str:
    return ellipse(0, -1, 6, 8.2, PAPER, ' stroke-width="2.4"') + _pupil(gaze, 0.8, 3.9)


def _easy(gaze: float, lid: str) -> str:
    """Half under the lid: someone whom nothing hurries."""
    return (
        ellipse(0, 0, 7, 7, PAPER, ' stroke-width="2.4"')
        + _pupil(gaze * 1.2, 1.4, 3.8)
        + path("M-7-1.2A7 7 0 0 1 7-1.2Z", lid, ' stroke-width="2.4"')
    )


def _startled(gaze: float) -> str:
    return ellipse(0, -0.6, 8.2, 9, PAPER, ' stroke-width="2.6"') + _pupil(gaze * 0.8, -0.4, 3)


def _pupil(x: float, y: float, size: float) -> str:
    return spot(x, y, size, size * 1.08, INK) + spot(
        x + size * 0.35, y - size * 0.4, size * 0.36, size * 0.36, PAPER
    )


OPEN_EYES: tuple[Callable[[float, str], str], ...] = (_bead, _round, _tall, _bead, _easy, _round)


def brows(choices: Choices, y: float, gap: float, colour: str) -> str:
    """Two brows, one of which has its own opinion."""
    lift = choices.pick(Trait.BROWS, (0.0, 2.5, -1.5, 1.0))
    turn = choices.pick(Trait.TILT, (-8, 4, 10, -2))
    stroke = line("M-5 1C-2-2 2-2.4 5 0", 3.2, colour)
    return placed(stroke, 50 - gap, y + 0.5, -4 - turn / 3) + placed(
        stroke, 50 + gap, y - lift, turn
    )


def mouth(choices: Choices, x: float, y: float, width: float) -> str:
    """A mouth that hangs from (x, y). It always means well."""
    lean = choices.between(Trait.MOUTH_LEAN, -5, 5)
    return placed(choices.pick(Trait.MOUTH, MOUTHS), x, y, lean, width / 10)


def _grin() -> str:
    return (
        path("M-9-1C-5 1 5 1 9-1C8.5 7 4.5 10 0 10S-8.5 7-9-1Z", "#6b2430")
        + f'<path d="M-5 7.6C-3 4.8 3 4.8 5 7.6C3 9 1.5 9 0 9S-3 9-5 7.6Z" fill="{TONGUE}"'
        ' stroke="none"/>'
    )


def _tooth() -> str:
    return line("M-8 0C-5 5.4 5 5.4 8 0") + path(
        "M1.5 3.6L1.8 7.4L6 6.2L5.6 2.4", PAPER, ' stroke-width="2"'
    )


def _cheeky() -> str:
    return path("M0 3.5V7.4A3.4 3.4 0 0 0 6.8 6.4V2.4Z", TONGUE, ' stroke-width="2.2"') + line(
        "M-8 0C-5 4.8 5 5 8-.6"
    )


MOUTHS = (
    line("M-8 0C-5 5.8 5 5.8 8 0"),
    _grin(),
    line("M-7 1.4C-3 5 5 4.6 8.6-1.6"),
    _tooth(),
    line("M-8 0C-7 5-1 5 0 .6C1 5 7 5 8 0"),
    _cheeky(),
    line("M-4.5 1C-3 4 3 4 4.5 1"),
    _grin(),
)


def cheeks(choices: Choices, y: float, gap: float) -> str:
    """A little colour, on most."""
    strength = choices.pick(Trait.CHEEKS, (0.0, 0.3, 0.38, 0.3, 0.45))
    if not strength:
        return ""
    extra = f' opacity="{strength}"'
    return spot(50 - gap, y, 5, 3.4, BLUSH, extra) + spot(50 + gap, y, 5, 3.4, BLUSH, extra)
