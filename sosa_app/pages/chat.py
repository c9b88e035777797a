"""The chat: a frame around the live conversation."""

import reflex as rx

from sosa_app.components.brand import wordmark
from sosa_app.components.savanna import campfire
from sosa_app.live.session import attach, held_chat, member_menu, said
from sosa_app.state.chat import Chat
from sosa_app.state.session import Session

NAME = "SoSa"

_ATTACH = {
    "unattached": "The page lost its thread. Reload it, and it will find it again.",
    "forgets": "This browser will not keep your keys, so a reload signs you out. A private window?",
}
_MENU = {
    "open": "You, the theme, and the way out",
    "theme": "Theme",
    "system": "System",
    "dark": "Dark",
    "light": "Light",
    "settings": "Your corner",
    "house": "Mind the house",
    "leave": "Sign out",
    "news": "Something happened",
}

_SAID = {
    "password_changed": "Your new password is in place, and every other device is signed out.",
    "stayed": "You are staying! Everything is where you left it, marshmallows included.",
    "close": "Got it",
}


def chat_page() -> rx.Component:
    """Rooms, conversation and people of a member."""
    return rx.el.div(
        rx.el.a("Skip to the conversation", href="#main", class_name="skip"),
        _header(),
        attach(
            hydrated=rx.State.is_hydrated,
            attachment=Session.attachment,
            renew_in_seconds=Session.renew_in_seconds,
            renewed_at=Session.renewed_at,
            strings=_ATTACH,
            on_credentials=Session.attach,
            on_attached=[Chat.load_rooms, Chat.load_me],
        ),
        said(strings=_SAID),
        rx.cond(Chat.trouble != "", rx.el.p(Chat.trouble, class_name="notice", role="status")),
        rx.el.main(
            _waiting(),
            held_chat(
                known=Chat.is_me_known & Chat.are_rooms_known,
                rooms=Chat.rooms,
                me=Chat.me,
                community=Chat.community,
            ),
            id="main",
            class_name="chat-main",
        ),
        class_name="chat-page",
    )


def _header() -> rx.Component:
    return rx.el.header(
        rx.el.a(wordmark(), href="/", class_name="home", aria_label="SoSa, to the front page"),
        # Beside our own name, the community of the same name would be said twice.
        rx.el.h1(
            Chat.community,
            class_name=rx.cond(Chat.community == NAME, "chat-community unseen", "chat-community"),
        ),
        member_menu(me=Chat.me, strings=_MENU),
        class_name="header chat-header",
    )


def _waiting() -> rx.Component:
    return rx.el.div(
        campfire(),
        rx.el.p("Lighting the fire…"),
        class_name="waiting",
        role="status",
    )
