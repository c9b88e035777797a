"""The region as a process: `python -m tests.shapes.aws <port> <folder with config.json>`."""

import asyncio
import json
import secrets
import signal
import sys
from pathlib import Path

from aiohttp import web

from tests.shapes.aws.environments import ROOT, Fleet
from tests.shapes.aws.gateway import Strict
from tests.shapes.aws.stacks import REGION, SUFFIX, Stack

HTTP_API, SOCKET_API = "httpapi", "socketapi"


async def main(port: int, folder: Path) -> None:
    config = json.loads((folder / "config.json").read_bytes())
    base = f"http://127.0.0.1:{port}"
    stacks = [
        Stack((ROOT / path).read_text(), config["parameters"], config["secrets"])
        for path in config["templates"]
    ]
    region = Strict([route for stack in stacks for route in stack.routes()], SOCKET_API)
    # The stage's own address, which here is a path of the one port.
    sockets = f"https://{SOCKET_API}.execute-api.{REGION}.{SUFFIX}/"
    for stack in stacks:
        for function in stack.functions():
            key, secret = f"AKIA{secrets.token_hex(8).upper()}", secrets.token_urlsafe(30)
            variables = {
                "AWS_ACCESS_KEY_ID": key,
                "AWS_SECRET_ACCESS_KEY": secret,
                "AWS_ENDPOINT_URL_LAMBDA": f"{base}/_lambda",
            }
            if url := function.environment.get("SOSA_PUSH_URL"):
                variables["SOSA_PUSH_URL"] = url.replace(sockets, f"{base}/_sockets/")
            if "SOSA_MEDIA_URL" in function.environment:
                variables["SOSA_MEDIA_URL"] = config["media_url"]
            fleet = Fleet(function, variables, folder / f"{function.name}.log")
            region.fleets[function.arn] = fleet
            region.secrets[key] = (secret, fleet)
    runner = web.AppRunner(region.app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    clocks = [region.fleets[arn] for stack in stacks for arn in stack.clocks()]
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await asyncio.gather(*(clock.invoke({"source": "aws.events"}) for clock in clocks))
    (folder / "ready").touch()
    try:
        while not stopped.is_set():
            try:
                async with asyncio.timeout(60):
                    await stopped.wait()
            except TimeoutError:
                await asyncio.gather(*(clock.invoke({"source": "aws.events"}) for clock in clocks))
    finally:
        await asyncio.gather(*(fleet.stop() for fleet in region.fleets.values()))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
