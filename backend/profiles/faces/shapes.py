"""The few strokes that every face is made of. All coordinates are on a canvas of 100 by 100."""

import math

from backend.profiles.faces.palette import INK

STROKE = 3
"""Width of an outline, set once for the whole face."""


def num(value: float) -> str:
    """A coordinate, short: one decimal, and none where it is zero."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def ellipse(x: float, y: float, rx: float, ry: float, fill: str, extra: str = "") -> str:
    """An outlined ellipse."""
    return (
        f'<ellipse cx="{num(x)}" cy="{num(y)}" rx="{num(rx)}" ry="{num(ry)}" fill="{fill}"{extra}/>'
    )


def spot(x: float, y: float, rx: float, ry: float, fill: str, extra: str = "") -> str:
    """An ellipse without an outline."""
    return ellipse(x, y, rx, ry, fill, f' stroke="none"{extra}')


def path(d: str, fill: str, extra: str = "") -> str:
    """An outlined area."""
    return f'<path d="{d}" fill="{fill}"{extra}/>'


def patch(d: str, fill: str) -> str:
    """An area without an outline."""
    return path(d, fill, ' stroke="none"')


def line(d: str, width: float = STROKE, colour: str = INK) -> str:
    """A stroke."""
    ink = "" if colour == INK else f' stroke="{colour}"'
    size = "" if width == STROKE else f' stroke-width="{num(width)}"'
    return f'<path d="{d}" fill="none"{ink}{size}/>'


def dots(places: str, width: float, colour: str) -> str:
    """Round dots at places written as `x y` and parted by commas: strokes without a length."""
    return line("".join(f"M{place.strip()}h0" for place in places.split(",")), width, colour)


def tube(d: str, width: float, fill: str) -> str:
    """A thick outlined stroke: a trunk, an ossicone."""
    return line(d, width + 2 * STROKE) + line(d, width, fill)


def placed(markup: str, x: float, y: float, degrees: float = 0, scale: float = 1) -> str:
    """Markup drawn around the origin, put somewhere."""
    turn = f" rotate({num(degrees)})" if degrees else ""
    size = f" scale({scale:.2f})" if scale != 1 else ""
    return f'<g transform="translate({num(x)} {num(y)}){turn}{size}">{markup}</g>'


def mirrored(markup: str) -> str:
    """Markup, and its reflection across the middle of the face."""
    return f'{markup}<g transform="matrix(-1 0 0 1 100 0)">{markup}</g>'


def head_outline(y: float, width: float, top: float, bottom: float, jaw: float) -> str:
    """A head around (50, y): half its width, how far up and down it goes, how full the jaw is."""
    left, right = num(50 - width), num(50 + width)
    crown, chin = num(y - top), num(y + bottom)
    temple, cheek = num(y - top * 0.62), num(y + bottom * jaw)
    return (
        f"M{left} {num(y)}C{left} {temple} {num(50 - width * 0.6)} {crown} 50 {crown}"
        f"S{right} {temple} {right} {num(y)}"
        f"C{right} {cheek} {num(50 + width * jaw)} {chin} 50 {chin}"
        f"S{left} {cheek} {left} {num(y)}Z"
    )


def scallops(x: float, y: float, radius: float, lobes: int, start: float = 0) -> str:
    """A ring of lobes: a mane, a cloud of curls."""
    points = [
        (
            x + radius * math.cos(start + 2 * math.pi * lobe / lobes),
            y + radius * math.sin(start + 2 * math.pi * lobe / lobes),
        )
        for lobe in range(lobes)
    ]
    size = num(radius * math.sin(math.pi / lobes) * 1.15)
    ends = [*points[1:], points[0]]
    arcs = "".join(f"A{size} {size} 0 0 1 {num(px)} {num(py)}" for px, py in ends)
    return f"M{num(points[0][0])} {num(points[0][1])}{arcs}Z"
