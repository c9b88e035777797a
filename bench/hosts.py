"""Rooms in a process with all services and no pages, behind either host of the live door."""

import asyncio
import itertools
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, cast

from backend.kit.ids import new_id
from bench.receivers import Receiver
from bench.rooms import Room, join, listening, resident_bytes
from tests.members import Member, arriving
from tests.serving import free_port

HOSTS = ("starlette", "standalone")
MEMBERS = 20
"""Members who share the connections: registering one takes longer than all that is measured."""
AT_ONCE = 8


@asynccontextmanager
async def hosted_room(host: str, count: int) -> AsyncGenerator[Room]:
    """The room `general`, with so many connections in it, all through one host."""
    port, door_port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        process = _start(Path(folder), port, door_port)
        try:
            await listening(door_port)
            async with arriving(f"http://localhost:{port}") as arrive:
                members = [await arrive(f"bench{number}") for number in range(MEMBERS)]
                empty_bytes = resident_bytes(process.pid)
                through = door_port if host == "standalone" else port
                receivers = await _connect(members, count, through)
                yield _room(host, process, receivers, members[0].rooms["general"], empty_bytes)
                for receiver in receivers:
                    receiver.close()
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, 20)


def _start(folder: Path, port: int, door_port: int) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,  # noqa: TID251 - the child needs PATH and the like
        "SOSA_DATA_DIR": str(folder),
        "SOSA_RATE_LIMIT_SCALE": "1000000",
    }
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "bench.house", str(port), str(door_port)],
        env=environment,
        stdin=subprocess.PIPE,
    )


async def _connect(members: list[Member], count: int, port: int) -> list[Receiver]:
    some = asyncio.Semaphore(AT_ONCE)

    async def enter(member: Member) -> Receiver:
        async with some:
            return await join(member, port)

    chosen = itertools.islice(itertools.cycle(members), count)
    return await asyncio.gather(*(enter(member) for member in chosen))


def _room(
    host: str,
    process: subprocess.Popen[bytes],
    receivers: list[Receiver],
    room_id: str,
    empty_bytes: int,
) -> Room:
    def say(text: str) -> None:
        draft = {"id": new_id(), "text": text}
        receivers[0].say({"t": "send", "room": room_id, "messages": [draft]})

    def publish(text: str) -> None:
        lines = cast("IO[bytes]", process.stdin)
        lines.write(f"{room_id} {text}\n".encode())
        lines.flush()

    return Room(f"SoSa, {host}", process.pid, receivers, say, publish, empty_bytes)
