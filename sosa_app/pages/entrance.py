"""The two doors: making an account, and signing in. What is typed goes to auth, past Reflex."""

from typing import Any

import reflex as rx

from sosa_app.components.layout import public_page
from sosa_app.components.savanna import campfire
from sosa_app.live.forms import (
    callback,
    forgotten_form,
    provider_buttons,
    register_form,
    sign_in_form,
)
from sosa_app.live.session import said
from sosa_app.pages.second_lock import SECOND_FACTOR

TAKE_ANSWER = """\
if (location.pathname.startsWith("/auth/callback/")) {
  window.sosaAnswer = location.search;
  history.replaceState(null, "", location.pathname);
}"""
"""Takes the answer of a provider out of the address before anything else looks at it."""
MIN_PASSWORD = 15
"""What auth asks for without a second factor (NIST SP 800-63B-4)."""

_PASSWORD = {"show": "Show", "hide": "Hide"}
METER = [
    {"from": 1, "word": "A whisper. Keep going…"},
    {"from": 6, "word": "A mutter. More!"},
    {"from": 11, "word": "Nearly there…"},
    {"from": MIN_PASSWORD, "word": "That will do nicely."},
    {"from": 22, "word": "A lion could not chew through this."},
]
CODE_HINT = "Six letters and digits. It is good for ten minutes, on this device only."
_CODE = {
    "code": "The code from the mail",
    "code_hint": CODE_HINT,
    "busy": "Comparing scribbles…",
}
_NEXT: dict[str, Any] = {
    "verify_email": {
        **_CODE,
        "title": "You're almost in!",
        "said": "A code is on its way to your mail.",
        "submit": "That's my code",
        "again": "No mail, or the wrong address? Begin again.",
        "again_href": "/register",
    },
    "pin": {
        **_CODE,
        "title": "Off it went",
        "said": "Have a look into your mail. If that address has an account, a code is in there.",
        "submit": "That's my code",
        "again": "No mail? Ask for another one.",
        "again_href": "/forgotten",
    },
    "new_password": {
        **_PASSWORD,
        "title": "It is you!",
        "said": "Now choose a new password. Every other device will be signed out.",
        "password": "New password",
        "password_hint": "A short sentence works well. Do not use one that you use elsewhere.",
        "meter": METER,
        "submit": "Keep this one",
        "busy": "Changing the locks…",
    },
    "second_factor": SECOND_FACTOR,
    "undelete": {
        "title": "You were about to leave",
        "said": "Your account goes for good fourteen days after you asked. It is all still here:"
        " your rooms, your words, your spot by the fire.",
        "stay": "I am staying!",
        "busy": "Putting your mug back…",
        "leave": "No, let it go",
    },
    "other": "There is one more step, and this page does not know it yet. Please reload it.",
}
_PROVIDERS = {
    "title": "Other ways in",
    "or": "or",
    "with": "Continue with {name}",
    "going": "Off to {name}…",
}
_PERSON = {
    "username": "Username",
    "username_hint": "Letters, digits, - and _. This is the name others @ you with.",
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
}
_REGISTER = {
    **_PASSWORD,
    **_PERSON,
    "next": _NEXT,
    "password": "Password",
    "password_hint": f"At least {MIN_PASSWORD} characters. A silly sentence works wonders.",
    "password_min": MIN_PASSWORD,
    "meter": METER,
    "email": "E-mail (only if you like)",
    "email_hint": "For a forgotten password, nothing else. We keep a scrambled fingerprint of it.",
    "submit": "Let me in!",
    "busy": "Opening the gate…",
}
_CALLBACK = {
    "next": _NEXT,
    "waiting": "Almost there",
    "waiting_text": "Checking with the gatekeeper that it is really you…",
    "refused": "That did not work",
    "stranger": "This is not your gate",
    "stranger_text": "This browser did not begin that sign-in, so we stopped right here and told"
    " nobody. If you were signing in, start over from our own door. If somebody sent you a link to"
    " this page: nice try, them.",
    "back": "To the front door",
    "back_inside": "Back to where you were",
    "accept": {
        **_PERSON,
        "title": "You are new here!",
        "text": "They say you are real, and we have never met. Shall we make you an account?",
        "submit": "Sure! let's do it!",
        "busy": "Sweeping a spot by the fire…",
        "no": "Been here before, by another door?",
        "no_link": "Sign in there, and link this one in your corner",
    },
}
_SIGN_IN = {
    **_PASSWORD,
    "next": _NEXT,
    "identifier": "Username or e-mail address",
    "password": "Password",
    "passkey": "Sign in with a passkey",
    "forgotten": "Forgotten it?",
    "submit": "Back to the fire",
    "busy": "Looking for your log…",
}
_SAID = {
    "ended": "You were signed out here: from another device, by a new password, or because you were"
    " away for long. If that was not you, come in and read what happened in your corner.",
    "close": "Got it",
}
_FORGOTTEN = {
    "next": _NEXT,
    "email": "Your e-mail address",
    "email_hint": "The one you gave us. We only know its fingerprint, so we cannot remind you.",
    "submit": "Send me a code",
    "busy": "Writing a letter…",
}


def register_page() -> rx.Component:
    """Making an account."""
    return _door(
        "Pull up a log",
        "One name, one password, and you are in. No card, no catch, no newsletter.",
        rx.fragment(
            register_form(strings=_REGISTER),
            provider_buttons(strings=_PROVIDERS, may="can_sign_up"),
        ),
        rx.el.p("Been here before? ", rx.el.a("Sign in", href="/sign-in"), "."),
    )


def sign_in_page() -> rx.Component:
    """Signing in."""
    return _door(
        "Welcome back",
        "We kept your spot warm. Somebody may have eaten your marshmallow.",
        rx.fragment(
            said(strings=_SAID),
            sign_in_form(strings=_SIGN_IN),
            provider_buttons(strings=_PROVIDERS, may="can_sign_in"),
        ),
        rx.el.p("New around here? ", rx.el.a("Let me in!", href="/register")),
    )


def forgotten_page() -> rx.Component:
    """Choosing a new password in place of a forgotten one."""
    return _door(
        "Lost your key?",
        "Happens to the best of us. We write you a code, and you choose a new password.",
        forgotten_form(strings=_FORGOTTEN),
        rx.el.p("It came back to you? ", rx.el.a("Sign in", href="/sign-in"), "."),
    )


def callback_page() -> rx.Component:
    """Coming back from a provider."""
    return public_page(
        rx.el.section(campfire(), callback(strings=_CALLBACK), class_name="door door-callback"),
        is_entrance=True,
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
