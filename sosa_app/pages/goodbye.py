"""What somebody sees who has just left: until when they may change their mind."""

import reflex as rx

from sosa_app.components.layout import public_page
from sosa_app.components.savanna import campfire


def goodbye_page() -> rx.Component:
    """The last page of a member who leaves."""
    return public_page(
        rx.el.section(
            rx.el.div(
                campfire(),
                rx.el.h1("Safe travels"),
                rx.el.p("It was good to have you by the fire."),
                class_name="door-head",
            ),
            rx.el.div(
                rx.el.p(
                    "You are signed out everywhere, and your account goes for good in ",
                    rx.el.strong("fourteen days"),
                    ". There is nothing more to do.",
                ),
                rx.el.p(
                    "Changed your mind? Sign in before then and say so. All of it will be where you"
                    " left it."
                ),
                rx.el.a("To the front page", href="/", class_name="pill pill-brand pill-wide"),
                rx.el.a("I am staying after all", href="/sign-in", class_name="pill pill-quiet"),
                class_name="form",
            ),
            class_name="door",
        ),
        is_entrance=True,
    )
