"""What our mails say. Those about security do not joke."""

import textwrap
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    """Subject and body. No subject holds a code: it would be read on a locked screen."""

    subject: str
    body: str = field(repr=False)


_READ_OUT = (
    "Type it on the device that asked for it; it is good for nothing anywhere else. Nobody from\n"
    "SoSa will ever ask you to read it out, by phone or in a chat. Whoever does is after your\n"
    "account."
)
_NOT_YOU = "Was that not you? Then there is nothing to do: without the code nothing happens."


def welcome_code(code: str, origin: str) -> Text:
    """For a registration."""
    body = f"Hello!\n\nYou are almost in. Your code is\n\n    {code}\n\nIt is good for ten minutes."
    return _text("Your code for SoSa", f"{body} {_READ_OUT}\n\n{_NOT_YOU}", origin)


def already_a_member(origin: str) -> Text:
    """For a registration with an address that has an account."""
    body = (
        "Hello!\n\nSomebody, most likely you, just tried to make an account with this address.\n"
        "You already have an account, so we made no other.\n\n"
        f"Sign in with this address:            {origin}/sign-in\n"
        f"If you have forgotten the password:   {origin}/forgotten"
    )
    return _text("You already have an account at SoSa", body, origin)


def reset_code(code: str, username: str, origin: str) -> Text:
    """For a forgotten password."""
    body = (
        f"Hello {username},\n\nhere is the code for a new password:\n\n    {code}\n\n"
        f"It is good for ten minutes. {_READ_OUT}\n\n"
        "Was that not you? Then your password stays as it is, and nothing happens without the\n"
        "code."
    )
    return _text("Your code for a new password", body, origin)


def nobody_here(origin: str) -> Text:
    """For a forgotten password, where nobody has the address."""
    body = (
        "Hello,\n\nsomebody, most likely you, asked for a new password for an account with this\n"
        "address. There is none. Perhaps it has another address, or none at all?\n\n"
        "Was that not you? Then there is nothing to do."
    )
    return _text("No account with this address", body, origin)


def address_code(code: str, origin: str) -> Text:
    """For a new address of an account."""
    body = (
        "Hello!\n\nSomebody wants this address for an account at SoSa. The code is\n\n"
        f"    {code}\n\nIt is good for ten minutes. {_READ_OUT}\n\n{_NOT_YOU}"
    )
    return _text("Your code for SoSa", body, origin)


def address_in_use(origin: str) -> Text:
    """For a new address of an account, where another account has it."""
    body = (
        "Hello,\n\nsomebody, perhaps you, wants this address for another account at SoSa. You\n"
        "already have an account with it, so nothing was changed."
    )
    return _text("This address has an account at SoSa", body, origin)


def password_changed(username: str, origin: str) -> Text:
    """A notice."""
    return _notice("Your password was changed", "The password", "was changed", username, origin)


def address_changed(username: str, origin: str) -> Text:
    """A notice to the address that was there before."""
    return _notice(
        "Your e-mail address was changed", "The e-mail address", "was changed", username, origin
    )


def new_browser(username: str, device: str, origin: str) -> Text:
    """A notice."""
    body = (
        f"Hello {username},\n\nyour account was just signed in to on a device that is new to us:\n"
        f"{device}.\n\nWas that not you? Then change your password now; every other device is\n"
        f"signed out by it: {origin}/settings#password"
    )
    return _text("A new device at SoSa", body, origin)


def _notice(subject: str, what: str, happened: str, username: str, origin: str) -> Text:
    body = (
        f"Hello {username},\n\n{what.lower()} of your account {happened} just now.\n\n"
        f"Was that not you? Then take the account back: {origin}/forgotten"
    )
    return _text(subject, body, origin)


def _text(subject: str, body: str, origin: str) -> Text:
    told = "\n\n".join(_wrapped(paragraph) for paragraph in body.split("\n\n"))
    return Text(subject, f"{told}\n\n--\nSoSa, {origin}\n")


def _wrapped(paragraph: str) -> str:
    # What was laid out stays as it is: codes, and lists of addresses.
    if "   " in paragraph:
        return paragraph
    return textwrap.fill(paragraph, 72, break_long_words=False, break_on_hyphens=False)
