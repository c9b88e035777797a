"""The forms of the doors: what is typed in them goes to auth, past Reflex."""

from pathlib import Path
from typing import Any

import reflex as rx

# The components import its scripts, which are in the build because of this.
import sosa_app.live.device  # noqa: F401  # pyright: ignore[reportUnusedImport]

for _script in sorted(Path(__file__).parent.glob("*.js*")):
    rx.asset(_script.name, shared=True)

_FOLDER = "$/public/external/sosa_app/live/forms"


class ForgottenForm(rx.Component):
    """The form that asks for a code to choose a new password with."""

    library = f"{_FOLDER}/ForgottenForm.jsx"
    tag = "ForgottenForm"
    strings: rx.Var[dict[str, Any]]


class RegisterForm(rx.Component):
    """The form that makes an account."""

    library = f"{_FOLDER}/RegisterForm.jsx"
    tag = "RegisterForm"
    strings: rx.Var[dict[str, Any]]


class SignInForm(rx.Component):
    """The form that signs in."""

    library = f"{_FOLDER}/SignInForm.jsx"
    tag = "SignInForm"
    strings: rx.Var[dict[str, Any]]


forgotten_form = ForgottenForm.create
register_form = RegisterForm.create
sign_in_form = SignInForm.create
