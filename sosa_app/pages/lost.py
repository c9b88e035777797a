"""The page that is not there."""

import reflex as rx

from sosa_app.components.layout import public_page
from sosa_app.components.savanna import lost_acacia


def lost_page() -> rx.Component:
    """What a wrong address shows."""
    return public_page(
        rx.el.section(
            lost_acacia(),
            rx.el.p("404", class_name="lost-number"),
            rx.el.h1("You have wandered off the map"),
            rx.el.p(
                "There is nothing out here but grass, one tree, and a cat who swears it was here a"
                " minute ago. The cat is not a reliable witness."
            ),
            rx.el.div(
                rx.el.a("Back to the fire", href="/", class_name="pill pill-brand"),
                rx.el.a("Straight to the chat", href="/chat", class_name="pill pill-quiet"),
                class_name="doors",
            ),
            class_name="lost",
        ),
        is_entrance=True,
    )
