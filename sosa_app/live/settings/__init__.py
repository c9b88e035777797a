"""The sections of the settings page. They talk to the services past Reflex, as the forms do."""

from pathlib import Path
from typing import Any

import reflex as rx

# The components import its scripts, which are in the build because of this.
import sosa_app.live.device  # pyright: ignore[reportUnusedImport]
import sosa_app.live.forms  # noqa: F401  # pyright: ignore[reportUnusedImport]

for _script in sorted(Path(__file__).parent.glob("*.js*")):
    rx.asset(_script.name, shared=True)


class Settings(rx.NoSSRComponent):
    """All sections of the settings of whoever is signed in."""

    library = "$/public/external/sosa_app/live/settings/Settings.jsx"
    tag = "Settings"
    strings: rx.Var[dict[str, Any]]
    """What is written, by section."""


settings = Settings.create
