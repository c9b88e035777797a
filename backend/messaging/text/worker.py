"""The program that runs message parsers: `python -m backend.messaging.text.worker MODULE ...`.

One JSON value a line: `[parser, text]` in, an `Outcome` out. Before the first, an empty line says
that it is ready. It ends when its input does.
"""

import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from typing import BinaryIO

import msgspec

from backend.kit.values import Value
from backend.messaging.text.parsers import Parser, Reading, load

MEMORY_BYTES = 512 * 2**20
LAST_SECONDS = 2
"""Whoever waits has killed us after 1 s. Where nobody is left to do so, the kernel does."""


class Outcome(Value, omit_defaults=True):
    """What became of one call."""

    reading: Reading | None = None
    error: str = ""
    """The kind of error a parser ended with. Not its words: those could quote the message."""


def serve(
    parsers: Mapping[str, Parser],
    heard: BinaryIO,
    say: Callable[[bytes], object],
    alarm: Callable[[int], object],
) -> None:
    """Answer every line that is heard, until there are no more."""
    say(b"\n")
    for line in heard:
        name, text = msgspec.json.decode(line, type=tuple[str, str])
        alarm(LAST_SECONDS)
        outcome = _run(parsers[name], text)
        alarm(0)
        say(msgspec.json.encode(outcome) + b"\n")


def _run(parser: Parser, text: str) -> Outcome:
    try:
        # A copy by way of JSON, so that only what is a reading leaves here.
        reading = msgspec.convert(msgspec.to_builtins(parser.read(text)), Reading | None)
        return Outcome(reading=reading)
    except Exception as error:  # noqa: BLE001 - whatever a parser does wrong, it is its own wrong
        return Outcome(error=type(error).__name__)


def main() -> None:
    """Serve on standard input and output."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    # What a parser prints must not be taken for an answer.
    os.dup2(2, 1)
    # Its default ends the process even inside of a regular expression that will not end.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    serve(load(sys.argv[1:]), sys.stdin.buffer, out.write, signal.alarm)


if __name__ == "__main__":
    main()
