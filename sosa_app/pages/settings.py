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
_BOTS = {
    "title": "Your bots",
    "about": "A bot is an account for a program of yours: it joins, listens and speaks like "
    "anyone, and wears a tin face so that everybody knows. You answer for it. Up to five.",
    "name": "What is it called?",
    "rule": "3 to 32 letters, digits, _ or -",
    "make": "Build a bot",
    "none": "No bots yet. The workshop is all yours.",
    "last_seen": "Last seen",
    "never_seen": "Has not come by with this secret yet",
    "no_keys": "Needs a new secret before it can come in again",
    "renew": "New secret",
    "revoke": "Revoke",
    "revoke_sure": "Really? For good?",
    "secret": "The bot's secret",
    "secret_about": "has a secret, and this is the only time we can show it: we do not keep it. "
    "Put it where your program finds it and nobody else does.",
    "copy": "Copy it",
    "copied": "Copied!",
    "done": "I have put it away",
}
_STRINGS: dict[str, Any] = {
    "wait": "Looking for your things…",
    "sections": "Sections",
    "devices": _DEVICES,
    "bots": _BOTS,
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
