"""Colours, sizes and type: the one place where they are named, as CSS variables.

`assets/sosa.css` and the live components use the variables and hold no colour of their own. Dark
is the first thought; light comes with the system's preference or the switch. Pairs that carry text
are in `READABLE`, and a test holds them to WCAG AA.
"""

from collections.abc import Mapping
from itertools import chain

DARK: Mapping[str, str] = {
    "page": "#121211",
    "list": "#2b2b2b",
    "surface": "#2d2f30",
    "raised": "#383a3b",
    "input": "#444442",
    "ring": "#8a8a8a",
    "line": "#444442",
    "text": "#f4f1ea",
    "secondary": "#cccccc",
    "muted": "#b0aea8",
    "brand": "#7ac256",
    "brand-strong": "#8fd36c",
    "on-brand": "#10200a",
    "link": "#8fd36c",
    "amber": "#f0ad4e",
    "on-amber": "#261703",
    "red": "#dc3545",
    "danger-text": "#ff9aa3",
    "coral": "#f96854",
    "coral-text": "#ff9283",
    "mention": "#3d3a24",
    "shade": "rgb(0 0 0 / 45%)",
    "sky-top": "#15101d",
    "sky-high": "#2c1a36",
    "sky-mid": "#6d2d45",
    "sky-low": "#d4573f",
    "sky-glow": "#f0ad4e",
    "sun": "#ffd27d",
    "hill-far": "#4b2238",
    "hill-mid": "#2e1729",
    "ground": "#171012",
    "tree": "#0d090b",
}
LIGHT: Mapping[str, str] = {
    "page": "#fbf6ec",
    "list": "#fffdf8",
    "surface": "#ffffff",
    "raised": "#f3ebdc",
    "input": "#ebe2d1",
    "ring": "#8a8371",
    "line": "#ddd2bd",
    "text": "#24211a",
    "secondary": "#474234",
    "muted": "#655e4d",
    "brand": "#7ac256",
    "brand-strong": "#6ab445",
    "on-brand": "#10200a",
    "link": "#2f6b14",
    "amber": "#f0ad4e",
    "on-amber": "#261703",
    "red": "#dc3545",
    "danger-text": "#a91828",
    "coral": "#f96854",
    "coral-text": "#b23422",
    "mention": "#fdf0cf",
    "shade": "rgb(80 50 10 / 16%)",
    "sky-top": "#fdf3e1",
    "sky-high": "#fde7c6",
    "sky-mid": "#fcd09d",
    "sky-low": "#f8a57c",
    "sky-glow": "#fcd68a",
    "sun": "#fff3c9",
    "hill-far": "#d98a6c",
    "hill-mid": "#a4583f",
    "ground": "#55301f",
    "tree": "#3a2014",
}
MEASURES: Mapping[str, str] = {
    "font": '"Nunito Variable", ui-rounded, "Segoe UI", system-ui, sans-serif',
    "mono": 'ui-monospace, "Cascadia Code", "DejaVu Sans Mono", monospace',
    # Before any font that has the same signs in black and white.
    "emoji": '"Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji", sans-serif',
    # One scale, a minor third apart, for everything that is written.
    "small": "0.8125rem",
    "body": "1rem",
    "large": "1.1875rem",
    "title": "1.5rem",
    "headline": "clamp(1.75rem, 1.3rem + 1.8vw, 2.375rem)",
    "display": "clamp(2.5rem, 1.6rem + 3.8vw, 4.25rem)",
    # A grid of 4 px.
    "1": "4px",
    "2": "8px",
    "3": "12px",
    "4": "16px",
    "6": "24px",
    "8": "32px",
    "12": "48px",
    "16": "64px",
    "24": "96px",
    "box": "8px",
    "card": "16px",
    "pill": "22px",
    "touch": "44px",
}
READABLE: tuple[tuple[str, str], ...] = (
    ("text", "page"), ("text", "list"), ("text", "surface"), ("text", "raised"), ("text", "input"),
    ("secondary", "page"), ("secondary", "list"), ("secondary", "surface"), ("secondary", "raised"),
    ("muted", "page"), ("muted", "list"), ("muted", "surface"),
    ("link", "page"), ("link", "list"), ("link", "surface"),
    ("danger-text", "page"), ("danger-text", "list"), ("danger-text", "surface"),
    ("coral-text", "page"), ("coral-text", "surface"),
    ("on-brand", "brand"), ("on-brand", "brand-strong"), ("on-amber", "amber"), ("text", "mention"),
    ("text", "sky-top"), ("text", "sky-high"), ("secondary", "sky-high"),
    ("text", "sky-mid"), ("secondary", "sky-mid"),
)  # fmt: skip
"""Text and what it stands on."""


def stylesheet() -> str:
    """The variables, for the head of every page.

    The class on `<html>` is the member's choice and is set by Reflex before the first paint.
    Without it, and without any script, the system's preference decides.
    """
    light = f"{{{_block(LIGHT)}color-scheme:light}}"
    return (
        f":root{{{_block(DARK, MEASURES)}color-scheme:dark}}"
        f"@media (prefers-color-scheme:light){{:root:not(.dark){light}}}"
        f":root.light{light}"
    )


def _block(*tokens: Mapping[str, str]) -> str:
    every = chain.from_iterable(each.items() for each in tokens)
    return "".join(f"--sosa-{name}:{value};" for name, value in every)
