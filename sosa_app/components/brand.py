"""The logo and its name."""

import reflex as rx


def wordmark() -> rx.Component:
    """The logo with the name beside it."""
    return rx.el.span(
        rx.el.img(src="/logo.svg", alt=""),
        rx.el.span("SoSa"),
        class_name="wordmark",
    )
