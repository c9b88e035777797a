"""The typeface: Nunito, a variable font under the SIL Open Font License, bundled from its npm package.

It is served by SoSa itself. A font from somebody else's server tells that somebody who reads what.
"""

import reflex as rx
from reflex.components.component import Component


class Font(rx.Fragment):
    """Brings the font's style sheet into the bundle; shows nothing of its own."""

    lib_dependencies: list[str] = ["@fontsource-variable/nunito@5.3.0"]

    def add_imports(self) -> dict[str, str]:
        """Import the style sheet for its effect."""
        return {"": "@fontsource-variable/nunito/index.css"}


def font() -> Component:
    """The font, to be put around the app."""
    return Font.create()
