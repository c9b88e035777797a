"""Minding the house, and becoming its first owner."""

from typing import Any

import reflex as rx

from sosa_app.components.layout import member_page, public_page
from sosa_app.components.savanna import campfire
from sosa_app.live.house import first_run, house
from sosa_app.pages.second_lock import STEP_UP

_ROLES = {"owner": "Owner", "admin": "Admin", "moderator": "Moderator"}
_STEP_UP: dict[str, Any] = {
    **STEP_UP,
    "about": "This weighs something for other people, so we ask again.",
}
_HOUSE: dict[str, Any] = {
    "wait": "Finding the light switch…",
    "step_up": _STEP_UP,
    "closed": "This room is for those who mind the house, and you are not one of them. The fire is"
    " the nicer place anyway.",
    "find": "Somebody in particular",
    "username": "Their username, the whole of it",
    "look": "Look",
    "show": "Show",
    "keepers": "Who has keys",
    "keys": "Keys they hold",
    "roles": _ROLES,
    "sure": "Really? {role}, and you cannot take it back",
    "give_up": "Really? Give up {role}",
    "states": {
        "active": "Is welcome here",
        "suspended": "Has to stay away",
        "banned": "Has to stay away for good",
        "deleting": "Is leaving; everything goes",
    },
    "until": "until",
    "let_in": "Let them in again",
    "how_long": "For how long",
    "terms": [
        {"value": "1", "label": "A day"},
        {"value": "7", "label": "A week"},
        {"value": "30", "label": "A month"},
        {"value": "ever", "label": "For good"},
    ],
    "reason": "Why? They will read this",
    "send_out": "Show them out",
}
_FIRST_RUN: dict[str, Any] = {
    "wait": "Trying the door…",
    "stranger": "First you need an account of your own. You come back here with it.",
    "register": "Make one",
    "sign_in": "I have one",
    "taken": "This house has its owner already, and the matches are safe with them.",
    "chat": "To the fire",
    "code": "The code that the start has shown",
    "hint": "Ten letters and digits, in the window where SoSa was started.",
    "submit": "This is my house",
    "busy": "Trying the key…",
    "step_up": _STEP_UP,
}


def house_page() -> rx.Component:
    """Members, roles, and who has to stay away."""
    return member_page("The house", house(strings=_HOUSE), "house-page")


def first_run_page() -> rx.Component:
    """Becoming the first owner."""
    return public_page(
        rx.el.section(
            rx.el.div(
                campfire(),
                rx.el.h1("Whose house is this?"),
                rx.el.p("Somebody has to look after the matches."),
                class_name="door-head",
            ),
            first_run(strings=_FIRST_RUN),
            class_name="door",
        ),
        is_entrance=True,
    )
