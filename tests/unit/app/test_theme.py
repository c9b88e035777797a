from collections.abc import Mapping

import pytest

from sosa_app.theme import DARK, LIGHT, READABLE, stylesheet


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""

    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dim, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize(("text", "ground"), READABLE, ids=str)
def test_text_stands_out_from_what_it_stands_on(
    theme: Mapping[str, str], text: str, ground: str
) -> None:
    assert contrast(theme[text], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("ground", ["page", "surface"])
def test_the_focus_ring_can_be_seen(theme: Mapping[str, str], ground: str) -> None:
    assert contrast(theme["link"], theme[ground]) >= 3


def test_both_themes_name_the_same_colours() -> None:
    assert set(DARK) == set(LIGHT)


def test_light_comes_with_the_systems_preference_and_with_the_switch() -> None:
    css = stylesheet()
    assert "@media (prefers-color-scheme:light){:root:not(.dark){" in css
    assert f":root.light{{--sosa-page:{LIGHT['page']}" in css
