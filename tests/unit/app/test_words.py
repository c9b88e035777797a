"""What happens to an account is told in words, and not by the names of events."""

import ast
from collections.abc import Iterator
from itertools import chain

from sosa_app.pages.settings_affairs import SECURITY
from tests.shapes.processes import ROOT

WRITERS = {"add", "note", "_log", "_log_bot", "_log_link", "_changed"}
"""Methods of auth's service whose first text is the name of an event."""


def names_in(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        texts = [text.value for text in node.args if isinstance(text, ast.Constant)]
        if node.func.attr in WRITERS and texts and isinstance(texts[0], str):
            yield texts[0]


def test_every_event_of_the_security_log_has_words():
    files = (ROOT / "backend" / "auth" / "service").glob("*.py")
    names = set(chain.from_iterable(names_in(file.read_text()) for file in files))
    assert len(names) > 20, "they are where we look for them"
    assert names - SECURITY["events"].keys() == set()
