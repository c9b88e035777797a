"""From a seed to choices: the same in every process, on every machine, in every version."""

import hashlib
from collections.abc import Sequence
from enum import IntEnum, unique
from typing import TypeVar

T = TypeVar("T")


@unique
class Trait(IntEnum):
    """What is chosen, and which byte of the digest chooses it.

    A new trait takes a free byte. Nothing here is ever renumbered, because that would give
    everybody another face overnight.
    """

    KIND = 0
    COAT = 1
    BACKGROUND = 2
    JUMPER = 3
    TILT = 4
    WIDTH = 5
    HEIGHT = 6
    JAW = 7
    EARS = 8
    LEFT_EAR = 9
    RIGHT_EAR = 10
    EYES = 11
    EYE_GAP = 12
    GAZE = 13
    MOUTH = 14
    MOUTH_LEAN = 15
    BROWS = 16
    TOP = 17
    MARKS = 18
    CHEEKS = 19
    EXTRA = 20
    EXTRA_COLOUR = 21
    HAIR_COLOUR = 22
    COLLAR = 23


class Choices:
    """The choices that one seed makes."""

    def __init__(self, seed: str) -> None:
        self._digest = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).digest()
        self.name = f"f{self._digest[-4:].hex()}"
        """Tells this face from others in the same page."""

    def pick(self, trait: Trait, options: Sequence[T]) -> T:
        """One of at most 256 options."""
        return options[self._digest[trait] % len(options)]

    def between(self, trait: Trait, low: float, high: float) -> float:
        """A number from low to high."""
        return low + (high - low) * self._digest[trait] / 255
