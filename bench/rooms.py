"""The two rooms that are compared: one in the real product, one in the bare broadcast server."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.kit.ids import new_id
from bench.receivers import Receiver, connect
from tests.members import Member, arriving
from tests.serving import free_port
from tests.shapes.monolith import Monolith
from tests.socket_client import PATH

AT_ONCE = 4
"""Members who register at the same time. Hashing passwords is what takes long."""
_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """What a process has used so far, in user and kernel mode."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / _TICKS


@dataclass(frozen=True)
class Room:
    """Receivers, a way to say something to all of them, and the process that carries it."""

    name: str
    pid: int
    receivers: list[Receiver]
    say: Callable[[str], None]
    publish: Callable[[str], None] | None = None
    """Fan a text out as it is, where the process offers that."""
    empty_bytes: int = 0
    """The memory that the process held before the first connection came."""

    def cpu_seconds(self) -> float:
        """What the serving process has used so far, in user and kernel mode."""
        return cpu_seconds(self.pid)


@asynccontextmanager
async def product_room(count: int) -> AsyncGenerator[Room]:
    """The room `general` of a fresh monolith, with so many members in it, each with a device."""
    with tempfile.TemporaryDirectory() as folder:
        house = Monolith(Path(folder), rate_limit_scale=1_000_000)
        try:
            await asyncio.to_thread(house.start)
            async with arriving(house.url) as arrive:
                some = asyncio.Semaphore(AT_ONCE)

                async def enter(number: int) -> tuple[Receiver, str]:
                    async with some:
                        member = await arrive(f"bench{number}")
                        return await join(member, house.port), member.rooms["general"]

                entered = await asyncio.gather(*(enter(number) for number in range(count)))
                receivers = [receiver for receiver, _ in entered]
                room = entered[0][1]

                def say(text: str) -> None:
                    draft = {"id": new_id(), "text": text}
                    receivers[0].say({"t": "send", "room": room, "messages": [draft]})

                yield Room("SoSa", house.pid, receivers, say)
                for receiver in receivers:
                    receiver.close()
        finally:
            await asyncio.to_thread(house.stop)


@asynccontextmanager
async def bare_room(count: int) -> AsyncGenerator[Room]:
    """The one room of a server that knows neither members nor messages."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.bare", str(port)])  # noqa: S603, ASYNC220 - our own program, started once
    try:
        await listening(port)
        empty_bytes = resident_bytes(process.pid)
        receivers = [await connect(port, "/", {}) for _ in range(count)]
        say = receivers[0].say
        yield Room("bare websockets", process.pid, receivers, say, empty_bytes=empty_bytes)
        for receiver in receivers:
            receiver.close()
    finally:
        process.terminate()
        process.wait(10)


def resident_bytes(pid: int) -> int:
    """The memory that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def join(member: Member, port: int) -> Receiver:
    """Bring a member into the room `general`, through the live door at a port."""
    receiver = await connect(
        port, PATH, {"Origin": member.url, "Sec-WebSocket-Protocol": "sosa.v1"}
    )
    challenge = (await receiver.ask({"t": "hello", "v": 1}))["cn"]
    ticket, proof = await member.credentials(challenge)
    ready = await receiver.ask({"t": "auth", "ticket": ticket, "proof": proof})
    joined = await receiver.ask({"t": "join", "room": member.rooms["general"]})
    if (ready["t"], joined["t"]) != ("ready", "joined"):
        raise RuntimeError(f"could not join: {ready} {joined}")
    return receiver


async def listening(port: int) -> None:
    """Return when something listens at a port."""
    for _ in range(300):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
        except OSError:
            await asyncio.sleep(0.1)
        else:
            return
    raise RuntimeError("nothing came to listen")
