"""Looking at a page: that it fits, and, for whoever wants to see for themselves, a picture of it.

`SOSA_PICTURES=folder python -m pytest tests/acceptance/test_journey_in_browser.py -k monolith`
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Locator, Page

LOOKS: dict[str, tuple[int, int, Literal["dark", "light"]]] = {
    "desk": (1440, 900, "dark"),
    "phone": (390, 844, "light"),
}
SETTLED = 600
"""Milliseconds in which fonts and faces come."""


@dataclass
class Album:
    """Numbers its pictures; without a folder it takes none."""

    folder: Path | None
    number: int = 0

    def look(self, page: Page, name: str, at: Locator | None = None) -> None:
        """See that nothing sticks out at the sides. `at` is what a picture should show."""
        self.number += 1
        size = page.viewport_size
        assert size
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
        if self.folder is None:
            return
        for look, (width, height, theme) in LOOKS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=theme)
            if at is not None:
                at.evaluate("(element) => element.scrollIntoView({behavior: 'instant'})")
            page.wait_for_timeout(SETTLED)
            page.screenshot(path=self.folder / f"{self.number:02}-{name}-{look}-{theme}.png")
        page.set_viewport_size(size)


def new_album() -> Album:
    """An album in the folder that the suite was given, if it was."""
    folder = os.environ.get("SOSA_PICTURES")  # noqa: TID251 - a setting of the suite
    if not folder:
        return Album(None)
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Album(Path(folder))
