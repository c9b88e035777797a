"""A mail server that keeps what it is given: real SMTP, in a thread of its own."""

import asyncio
import logging
import re
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller

from tests.serving import free_port
from tests.watch.known import KNOWN

ARRIVAL_SECONDS = 10.0
CODE = re.compile(r"^ {4}([0-9A-HJKMNP-TV-Z]{6})$", re.MULTILINE)


@dataclass(frozen=True)
class Caught:
    """A mail as it arrived."""

    to: str
    subject: str
    text: str

    @property
    def code(self) -> str:
        found = CODE.search(self.text)
        assert found, f"no code in {self.subject!r}"
        return found[1]


@dataclass
class Catcher:
    """What has arrived, oldest first. `answer` is what the server says to the next recipients."""

    url: str
    mails: list[Caught] = field(default_factory=list[Caught])
    answer: str = "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's own
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        parsed = message_from_bytes(envelope.content, policy=policy.default)
        body = parsed.get_content().replace("\r\n", "\n")
        for code in CODE.findall(body):
            KNOWN.add("mail code", code)
        self.mails.append(Caught(envelope.rcpt_tos[0], str(parsed["Subject"]), body))
        return "250 OK"

    def to(self, address: str) -> list[Caught]:
        """Those that arrived at an address."""
        return [mail for mail in list(self.mails) if mail.to == address]

    async def wait(self, address: str, count: int = 1) -> Caught:
        """The mail that is the `count`th to arrive at an address."""
        deadline = time.monotonic() + ARRIVAL_SECONDS
        while len(self.to(address)) < count:
            assert time.monotonic() < deadline, f"no mail {count} to {address}"
            await asyncio.sleep(0.01)
        return self.to(address)[count - 1]

    def wait_here(self, address: str, count: int = 1) -> Caught:
        """The same, for tests that have no loop."""
        deadline = time.monotonic() + ARRIVAL_SECONDS
        while len(self.to(address)) < count:
            assert time.monotonic() < deadline, f"no mail {count} to {address}"
            time.sleep(0.05)
        return self.to(address)[count - 1]


@contextmanager
def catching(port: int | None = None, host: str = "127.0.0.1") -> Generator[Catcher]:
    """A catcher that listens until the block ends."""
    # Whom it gets mail for is its own to know: it is no part of a house, whose logs are searched.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    port = port or free_port()
    catcher = Catcher(f"smtp://{host}:{port}")
    controller = Controller(catcher, hostname=host, port=port)
    controller.start()
    try:
        yield catcher
    finally:
        controller.stop()
