"""The pages of those who mind the house. They talk to auth past Reflex, as the forms do."""

from pathlib import Path
from typing import Any

import reflex as rx

# The components import its scripts, which are in the build because of these.
import sosa_app.live.device  # pyright: ignore[reportUnusedImport]
import sosa_app.live.forms  # pyright: ignore[reportUnusedImport]
import sosa_app.live.settings  # noqa: F401  # pyright: ignore[reportUnusedImport]

for _script in sorted(Path(__file__).parent.glob("*.js*")):
    rx.asset(_script.name, shared=True)

_FOLDER = "$/public/external/sosa_app/live/house"


class House(rx.NoSSRComponent):
    """Members, their roles, and who has to stay away."""

    library = f"{_FOLDER}/House.jsx"
    tag = "House"
    strings: rx.Var[dict[str, Any]]


class FirstRun(rx.NoSSRComponent):
    """Where the first owner says the code."""

    library = f"{_FOLDER}/FirstRun.jsx"
    tag = "FirstRun"
    strings: rx.Var[dict[str, Any]]


house = House.create
first_run = FirstRun.create
