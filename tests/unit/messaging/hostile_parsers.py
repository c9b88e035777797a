"""Message parsers as no house wants them, and some that behave."""

import os
import re
import sys

from backend.messaging.contract.body import CodeBlock
from backend.messaging.text.parsers import Parser, Reading


def _backtrack(_what: str) -> Reading | None:
    # What a slow parser looks like in practice: it holds the interpreter, and no thread gets in.
    re.match(r"(a+)+$", "a" * 64 + "!")
    return None


def _hoard(_what: str) -> Reading:
    return Reading(text="x" * 2**30)


def _shout(what: str) -> Reading:
    return Reading(text=f"**{what}**")


def _chatter(what: str) -> Reading:
    print("I am an answer, too")  # noqa: T201 - what the test is about
    return Reading(text="", nodes=(CodeBlock(language="", text=what),))


def _spill(_what: str) -> Reading:
    return Reading(text=f"{sorted(os.environ)} {len(sys.argv)}")  # noqa: TID251 - so would a curious one


def _raise(what: str) -> Reading:
    raise ValueError(what)


def _lie(_what: str) -> Reading:
    return "<b>not a reading</b>"  # pyright: ignore[reportReturnType] - that is the lie


def _exit(_what: str) -> Reading:
    os._exit(3)


def _flood(_what: str) -> Reading:
    return Reading(text="*x* " * 10_000)


PARSERS = (
    Parser("backtrack", _backtrack, commands=frozenset({"backtrack"})),
    Parser("hoard", _hoard, commands=frozenset({"hoard"})),
    Parser("shout", _shout, commands=frozenset({"shout"})),
    Parser("chatter", _chatter, commands=frozenset({"chatter"})),
    Parser("spill", _spill, commands=frozenset({"spill"})),
    Parser("raise", _raise, commands=frozenset({"raise"})),
    Parser("lie", _lie, commands=frozenset({"lie"})),
    Parser("exit", _exit, commands=frozenset({"exit"})),
    Parser("flood", _flood, commands=frozenset({"flood"})),
    Parser(
        "issues", lambda text: Reading(text=text.replace("SOSA-", "issue ")), markers=("SOSA-",)
    ),
)
