"""The member's settings."""

from typing import Any

import reflex as rx

from sosa_app.components.layout import member_page
from sosa_app.live.settings import settings
from sosa_app.pages.entrance import CODE_HINT, METER
from sosa_app.pages.second_lock import SECOND_LOCK, STEP_UP
from sosa_app.pages.settings_affairs import MY_DATA, SECURITY

_DEVICES = {
    "title": "Where you are signed in",
    "about": "Something here that is not yours? Sign it out, and it is out within a second.",
    "name": "Name of the device",
    "rename": "Rename",
    "keep": "Keep",
    "here": "This one, right now",
    "last_seen": "Last seen",
    "sign_out": "Sign out",
    "sign_out_others": "Sign out everywhere else",
}
_PASSWORD = {
    "title": "Password",
    "about": "Changing it signs every other device out.",
    "show": "Show",
    "hide": "Hide",
    "current": "The one you have now",
    "next": "New password",
    "next_hint": "A short sentence works well. Do not use one that you use elsewhere.",
    "meter": METER,
    "change": "Change it",
    "changed": "Changed. Every other device has been signed out.",
}
_EMAIL = {
    "title": "E-mail",
    "about": "For a forgotten password. We keep a scrambled fingerprint of the address, so not even"
    " we can read it.",
    "no_mail": "This place sends no mail, so there is nothing to set up here.",
    "none": "There is none. If you forget your password, nobody can let you in again.",
    "unverified": "There is one, but nobody has shown yet that it is yours. Until then it opens"
    " nothing.",
    "verified": "There is one, and it is yours. It never gets mail unless you ask for a code.",
    "noticed": "There is one, and we write to it when something happens to your account.",
    "email": "Your e-mail address",
    "another": "Another one, or the same once more",
    "email_hint": "We send a code to it. The address you had stays until you have typed the code.",
    "notices": "Write to me when my password or address changes, or somebody signs in on a new"
    " device. For that we keep the address itself, locked away.",
    "send": "Send me a code",
    "code": "The code from the mail",
    "code_hint": CODE_HINT,
    "confirm": "That's my code",
    "stop": "Stop writing to me",
    "remove": "Forget my address",
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
    "security": SECURITY,
    "data": MY_DATA,
    "second_lock": SECOND_LOCK,
    "step_up": STEP_UP,
    "password": _PASSWORD,
    "email": _EMAIL,
    "providers": _PROVIDERS,
    "bots": _BOTS,
}


def settings_page() -> rx.Component:
    """The settings, section by section."""
    return member_page("Your corner", settings(strings=_STRINGS))
