"""The typeface: Nunito, a variable font under the SIL Open Font License, from its npm package.

It is served by SoSa itself. A font from somebody else's server tells that somebody who reads what.
"""

import reflex as rx
from reflex.components.component import Component
from reflex.utils.imports import ImportDict
from typing_extensions import override


class Font(rx.Fragment):
    """Brings the font's style sheet into the bundle; shows nothing of its own."""

    lib_dependencies: list[str] = [  # noqa: RUF012 - Reflex reads it so
        "@fontsource-variable/nunito@5.3.0",
    ]

    @override
    def add_imports(self) -> ImportDict:
        """Import the style sheet for its effect."""
        return {"": "@fontsource-variable/nunito/index.css"}


def font() -> Component:
    """The font, to be put around the app."""
    return Font.create()
