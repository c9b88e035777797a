"""The Python faces of what pages share: the attachment, the held chat, the menu, a word."""

from typing import Any

import reflex as rx

# The components import their files, which are in the build because of these.
import sosa_app.live.chat  # pyright: ignore[reportUnusedImport]
import sosa_app.live.device  # noqa: F401  # pyright: ignore[reportUnusedImport]

_ATTACH = rx.asset("attach.jsx", shared=True)
_HELD = rx.asset("held.jsx", shared=True)
_MENU = rx.asset("menu.jsx", shared=True)
_SAID = rx.asset("said.jsx", shared=True)
_SIGN_OUT = rx.asset("sign-out.jsx", shared=True)


def _shown(ticket: rx.Var[str], proof: rx.Var[str]) -> tuple[rx.Var[str], rx.Var[str]]:
    return (ticket, proof)


def _nothing() -> tuple[()]:
    return ()


class Attach(rx.NoSSRComponent):
    """Attaches the page's connection to the device's session and keeps it so."""

    library = _ATTACH.importable_path
    tag = "Attach"
    hydrated: rx.Var[bool]
    attachment: rx.Var[str]
    renew_in_seconds: rx.Var[int]
    renewed_at: rx.Var[int]
    strings: rx.Var[dict[str, str]]
    on_credentials: rx.EventHandler[_shown]
    on_attached: rx.EventHandler[_nothing]


class HeldChat(rx.NoSSRComponent):
    """The live chat, kept on the page while its connection is attached anew."""

    library = _HELD.importable_path
    tag = "HeldChat"
    known: rx.Var[bool]
    """Whether the other three are whole."""
    rooms: rx.Var[list[dict[str, Any]]]
    me: rx.Var[dict[str, Any]]
    community: rx.Var[str]


class MemberMenu(rx.NoSSRComponent):
    """The member's own face, and behind it the theme and the way out."""

    library = _MENU.importable_path
    tag = "MemberMenu"
    me: rx.Var[Any]
    strings: rx.Var[dict[str, str]]


class Said(rx.NoSSRComponent):
    """What the page before left to be said here, by its key in `strings`; often nothing."""

    library = _SAID.importable_path
    tag = "Said"
    strings: rx.Var[dict[str, str]]


class SignOut(rx.NoSSRComponent):
    """A button that signs out."""

    library = _SIGN_OUT.importable_path
    tag = "SignOut"
    label: rx.Var[str]


attach = Attach.create
held_chat = HeldChat.create
member_menu = MemberMenu.create
said = Said.create
sign_out = SignOut.create
