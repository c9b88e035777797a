"""What public pages share: the way past the header, the header, and the footer."""

import reflex as rx

from sosa_app.components.brand import wordmark
from sosa_app.live.session import sign_out


def public_page(
    *children: rx.Component, is_entrance: bool = False, is_member: bool = False
) -> rx.Component:
    """A page anyone may read. `is_entrance` leaves out the doors: the page is one itself.

    `is_member`: whoever reads it is in already.
    """
    return rx.el.div(
        rx.el.a("Skip to the good part", href="#main", class_name="skip"),
        _header(is_entrance=is_entrance),
        rx.el.main(*children, id="main"),
        _footer(is_member=is_member),
        class_name="site",
    )


def member_page(title: str, content: rx.Component, class_name: str = "") -> rx.Component:
    """A page about what is the member's, with the ways back to the chat and out."""
    head = rx.el.div(
        rx.el.h1(title),
        rx.el.div(
            sign_out(label="Sign out"),
            rx.el.a("Back to the fire", href="/chat", class_name="pill pill-brand"),
            class_name="settings-actions",
        ),
        class_name="settings-head",
    )
    body = rx.el.div(head, content, class_name=f"settings-page {class_name}".strip())
    return public_page(body, is_entrance=True, is_member=True)


def theme_switch() -> rx.Component:
    """Switches between light and dark. The style sheet decides which of its pictures shows."""
    return rx.el.button(
        rx.icon("sun", size=20, aria_hidden="true", class_name="when-dark"),
        rx.icon("moon", size=20, aria_hidden="true", class_name="when-light"),
        type="button",
        class_name="round",
        aria_label="Switch between light and dark",
        title="Switch between light and dark",
        on_click=rx.toggle_color_mode,
    )


def _header(*, is_entrance: bool) -> rx.Component:
    doors = (
        []
        if is_entrance
        else [
            rx.el.a("Sign in", href="/sign-in", class_name="pill pill-plain"),
            rx.el.a("Let me in!", href="/register", class_name="pill pill-brand header-door"),
        ]
    )
    return rx.el.header(
        rx.el.a(wordmark(), href="/", class_name="home", aria_label="SoSa, to the front page"),
        rx.el.nav(theme_switch(), *doors, aria_label="Doors"),
        class_name="header",
    )


def _footer(*, is_member: bool) -> rx.Component:
    doors = (
        [rx.el.a("The fire", href="/chat")]
        if is_member
        else [
            rx.el.a("Make an account", href="/register"),
            rx.el.a("Sign in", href="/sign-in"),
        ]
    )
    return rx.el.footer(
        rx.el.div(
            wordmark(),
            rx.el.p("CHAT · PLAY · SHARE", class_name="strapline"),
            class_name="footer-brand",
        ),
        rx.el.nav(
            rx.el.a("Front page", href="/"),
            *doors,
            rx.el.a("Are we awake?", href="/healthz"),
            aria_label="Footer",
        ),
        rx.el.p(
            "Free software under the Apache 2.0 license. No adverts, no trackers, no fine print"
            " worth squinting at."
        ),
        class_name="footer",
    )
