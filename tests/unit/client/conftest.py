"""A whole house in the test's own loop, behind a line that can be cut."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from backend.kit.settings import SERVICES, Settings
from backend.wiring import House, open_house
from sosa_client import Client
from tests.device import PASSWORD
from tests.serving import free_socket, serving


@dataclass
class Line:
    """A TCP relay: everything a client says and hears passes it."""

    url: str
    port: int
    """Of the house behind it."""
    is_up: bool = True
    swallows: int = 0
    """How many of the next answers of the house are lost, and the connection with each."""
    _writers: set[asyncio.StreamWriter] = field(default_factory=set[asyncio.StreamWriter])

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.is_up:
            writer.close()
            return
        back, forth = await asyncio.open_connection("127.0.0.1", self.port)
        self._writers |= {writer, forth}
        await asyncio.gather(
            self._pump(reader, forth, writer), self._pump(back, writer, forth, is_answer=True)
        )
        self._writers -= {writer, forth}

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        other: asyncio.StreamWriter,
        *,
        is_answer: bool = False,
    ) -> None:
        try:
            while data := await reader.read(65_536):
                if is_answer and self.swallows and b'"sent"' in data:
                    self.swallows -= 1
                    break
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()
        other.close()

    def cut(self) -> None:
        """Everything that is open breaks, without a word."""
        for writer in list(self._writers):
            writer.transport.abort()


@dataclass
class Place:
    """The house, the line to it, and a way to arrive."""

    house: House
    line: Line
    arrive: Callable[[str], Awaitable[Client]]


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    listener, front = free_socket(), free_socket()
    url = f"http://127.0.0.1:{front.getsockname()[1]}"
    settings = Settings(data_dir=tmp_path, rate_limit_scale=1000, public_origin=url)
    line = Line(url, listener.getsockname()[1])
    async with AsyncExitStack() as stack:
        house, app = await stack.enter_async_context(open_house(settings, serve=SERVICES))
        await stack.enter_async_context(serving(app, listener))
        relay = await asyncio.start_server(line.carry, sock=front)
        stack.callback(relay.close)
        stack.callback(line.cut)

        async def arrive(name: str) -> Client:
            client = await Client.register(url, name, PASSWORD, age_answer="18_plus", terms=True)
            return await stack.enter_async_context(client)

        yield Place(house, line, arrive)
