"""Every shape that tests can start, by name."""

from pathlib import Path
from typing import Protocol

from tests.shapes.metal.house import Metal
from tests.shapes.ministack import MiniStack
from tests.shapes.monolith import Monolith
from tests.shapes.split import Databases, Split
from tests.shapes.strict import Strict

SHAPES = ("monolith", "split", "strict", "ministack", "metal")


class Shape(Protocol):
    """A way to run the product."""

    @property
    def url(self) -> str: ...

    def start(self) -> None: ...

    def stop(self) -> object: ...


def shape_of(name: str, folder: Path, databases: Databases, mail_url: str = "") -> Shape:
    """A shape that is not started yet, which sends mail if told where to."""
    match name:
        case "split":
            return Split(folder, databases, mail_url=mail_url)
        case "metal":
            return Metal(folder)
        case "strict":
            return Strict(folder, databases, mail_url=mail_url)
        case "ministack":
            return MiniStack(folder, databases, mail_url=mail_url)
        case "monolith":
            return Monolith(folder, mail_url=mail_url)
        case _:
            raise ValueError(f"There is no shape called {name}.")
