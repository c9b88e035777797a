"""The member's settings."""

from typing import Any

import reflex as rx

from sosa_app.components.layout import public_page
from sosa_app.live.settings import settings

_DEVICES = {
    "title": "Where you are signed in",
    "about": "Something here that is not yours? Sign it out, and it is out within a second.",
    "name": "Name of the device",
    "rename": "Rename",
    "keep": "Keep",
    "here": "This one, right now",
    "last_seen": "Last seen",
    "sign_out": "Sign out",
}
_PROVIDERS = {
    "title": "Other ways in",
    "about": "Accounts you have elsewhere that open this one too. We learn what you are called"
    " there, and nothing else: no address, no contacts, no key to it.",
    "none": "No other house is connected to this one.",
    "since": "linked",
    "free": "Not linked",
    "link": "Link",
    "unlink": "Unlink",
}
_STRINGS: dict[str, Any] = {
    "wait": "Looking for your things…",
    "sections": "Sections",
    "devices": _DEVICES,
    "providers": _PROVIDERS,
}


def settings_page() -> rx.Component:
    """The settings, section by section."""
    return public_page(
        rx.el.div(
            rx.el.div(
                rx.el.h1("Your corner"),
                rx.el.a("Back to the fire", href="/chat", class_name="pill pill-brand"),
                class_name="settings-head",
            ),
            settings(strings=_STRINGS),
            class_name="settings-page",
        ),
        is_entrance=True,
    )
