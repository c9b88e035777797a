"""What it costs a function to tell a room something: a signed POST for each socket."""

import argparse
import asyncio
import multiprocessing
import statistics
import time
from multiprocessing.connection import Connection

from aiohttp import web

from backend.kit.lambdas.aws import Aws
from backend.kit.lambdas.push import ConnectionsPush
from backend.kit.lambdas.sigv4 import Signer
from backend.kit.settings import AwsAccess

FRAME = b"x" * 410
"""As long as a frame with one message is, in bench.fanout."""


def main() -> None:
    """Read the options, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=100)
    parser.add_argument("--events", type=int, default=20)
    asked = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    gateway = multiprocessing.Process(target=_gateway, args=(theirs,), daemon=True)
    gateway.start()
    try:
        asyncio.run(_measure(f"http://127.0.0.1:{ours.recv()}", asked.sockets, asked.events))
    finally:
        gateway.terminate()


async def _measure(url: str, sockets: int, events: int) -> None:
    access = AwsAccess("AKIAIOSFODNN7EXAMPLE", "a-secret", "a-token" * 100, "eu-west-1", "")
    aws = Aws(Signer(access, "execute-api"), f"{url}/live")
    push = ConnectionsPush(aws)
    names = [f"L0SM9cOFvHcCIhw={number:06}" for number in range(sockets)]
    await asyncio.gather(*(push.send(name, FRAME) for name in names))  # connections are open now
    times: list[float] = []
    cpu = time.process_time()
    for _ in range(events):
        began = time.perf_counter()
        reached = await asyncio.gather(*(push.send(name, FRAME) for name in names))
        times.append((time.perf_counter() - began) * 1000)
        if not all(reached):
            raise RuntimeError("a push was lost")
    spent = (time.process_time() - cpu) / (events * sockets) * 1e6
    aws.close()
    middle = statistics.median(times)
    print(f"{sockets} sockets: {middle:.0f} ms an event (p50), {middle / sockets:.2f} ms a socket,")
    print(f"{spent:.0f} us of CPU for each push")


def _gateway(told: Connection) -> None:
    async def serve() -> None:
        async def push(request: web.Request) -> web.Response:
            await request.read()
            return web.Response()

        app = web.Application()
        app.router.add_post("/live/@connections/{id}", push)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        told.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
