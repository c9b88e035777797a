"""The two doors: making an account, and signing in. What is typed goes to auth, past Reflex."""

from typing import Any

import reflex as rx

from sosa_app.components.layout import public_page
from sosa_app.components.savanna import campfire
from sosa_app.live.forms import register_form, sign_in_form
from sosa_app.pages.second_lock import SECOND_FACTOR

MIN_PASSWORD = 15
"""What auth asks for without a second factor (NIST SP 800-63B-4)."""

_PASSWORD = {"show": "Show", "hide": "Hide"}
_NEXT: dict[str, Any] = {
    "verify_email": "Almost! A code is in your mail. This page cannot take it yet, sorry.",
    "second_factor": SECOND_FACTOR,
    "undelete": {
        "title": "You were about to leave",
        "about": "Your account goes for good fourteen days after you asked. It is all still here:"
        " your rooms, your words, your spot by the fire.",
        "stay": "I am staying!",
        "busy": "Putting your mug back…",
        "leave": "No, let it go",
    },
    "other": "There is one more step, and this page does not know it yet. Please reload it.",
}
_REGISTER = {
    **_PASSWORD,
    "next": _NEXT,
    "username": "Username",
    "username_hint": "Letters, digits, - and _. This is the name others @ you with.",
    "password": "Password",
    "password_hint": f"At least {MIN_PASSWORD} characters. A silly sentence works wonders.",
    "password_min": MIN_PASSWORD,
    "meter": [
        {"from": 1, "word": "A whisper. Keep going…"},
        {"from": 6, "word": "A mutter. More!"},
        {"from": 11, "word": "Nearly there…"},
        {"from": MIN_PASSWORD, "word": "That will do nicely."},
        {"from": 22, "word": "A lion could not chew through this."},
    ],
    "email": "E-mail (only if you like)",
    "email_hint": "For a forgotten password, nothing else. We keep a scrambled fingerprint of it.",
    "age": "How old are you?",
    "ages": [
        {"value": "under_13", "label": "Under 13"},
        {"value": "13_15", "label": "13 to 15"},
        {"value": "16_17", "label": "16 or 17"},
        {"value": "18_plus", "label": "18 or older"},
    ],
    "age_hint": "We ask so that we can look after people properly. We do not keep a birthday.",
    "terms": "I will be kind, I will not share what is not mine to share, and I understand that"
    " moderators may ask me to leave the fire if I forget.",
    "submit": "Let me in!",
    "busy": "Opening the gate…",
}
_SIGN_IN = {
    **_PASSWORD,
    "next": _NEXT,
    "identifier": "Username or e-mail address",
    "password": "Password",
    "passkey": "Sign in with a passkey",
    "submit": "Back to the fire",
    "busy": "Looking for your log…",
}


def register_page() -> rx.Component:
    """Making an account."""
    return _door(
        "Pull up a log",
        "One name, one password, and you are in. No card, no catch, no newsletter.",
        register_form(strings=_REGISTER),
        rx.el.p("Been here before? ", rx.el.a("Sign in", href="/sign-in"), "."),
    )


def sign_in_page() -> rx.Component:
    """Signing in."""
    return _door(
        "Welcome back",
        "We kept your spot warm. Somebody may have eaten your marshmallow.",
        sign_in_form(strings=_SIGN_IN),
        rx.el.p("New around here? ", rx.el.a("Let me in!", href="/register")),
    )


def _door(title: str, welcome: str, form: rx.Component, other_door: rx.Component) -> rx.Component:
    return public_page(
        rx.el.section(
            rx.el.div(campfire(), rx.el.h1(title), rx.el.p(welcome), class_name="door-head"),
            form,
            rx.el.div(other_door, class_name="door-other"),
            rx.el.p(
                "Your password goes straight to the gatekeeper. Keys are made in this browser and"
                " cannot leave it.",
                class_name="door-note",
            ),
            class_name="door",
        ),
        is_entrance=True,
    )
