"""`make demo`, or `python -m deploy.demo [URL]`: bring the crowd in and let it talk until stopped.

Starts the house too, if nobody answers at the address.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp

from backend.kit.settings import SettingError, Settings
from deploy import ROOT, CannotStartError
from deploy.demo.crowd import bring_in
from deploy.demo.script import read_script
from deploy.demo.stage import Stage
from sosa_client import SosaClientError

START_SECONDS = 240
"""Enough for a first start, which builds the pages."""


def main() -> int:
    """Run until stopped and return an exit code."""
    asked = _arguments()
    try:
        asyncio.run(_perform(asked.url, asked.pace))
    except (SettingError, CannotStartError, SosaClientError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except ExceptionGroup as several:
        # Of the many voices of the stage; what is not the house's doing is a bug and flies on.
        ours, bugs = several.split(SosaClientError)
        if ours is None or bugs is not None:
            raise
        print(f"\n{ours.exceptions[0]}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("\nThe crowd waves and goes home.")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    parser.add_argument("url", nargs="?", default="", help="the house, http://localhost:3000")
    parser.add_argument("--pace", type=float, default=1.0, help="2 is twice as fast, at most 10")
    return parser.parse_args()


async def _perform(url: str, pace: float) -> None:
    performing = asyncio.current_task()
    assert performing, "this runs in a task"  # noqa: S101 - so does everything under asyncio.run
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, performing.cancel)
    settings = Settings.from_environment()
    async with _a_house_at(url or settings.origin, is_ours=not url) as address:
        script = read_script()
        print(f"Bringing in {len(script.crowd)} bots…", flush=True)
        async with bring_in(address, script.crowd, settings.data_dir / "demo.json") as cast:
            print(f"They are talking at {address}. Ctrl+C sends them home.", flush=True)
            await Stage(cast, script, pace=min(pace, 10)).play()


@asynccontextmanager
async def _a_house_at(url: str, *, is_ours: bool) -> AsyncGenerator[str]:
    """The address of a house that answers; one is started where there is none."""
    if await _answers(url):
        yield url
        return
    if not is_ours:
        raise CannotStartError(f"Nobody is at home at {url}.")
    house = await asyncio.create_subprocess_exec(sys.executable, "-m", "deploy.monolith", cwd=ROOT)
    try:
        await _wait_for(url, house)
        yield url
    finally:
        if house.returncode is None:
            house.terminate()
            await house.wait()


async def _wait_for(url: str, house: asyncio.subprocess.Process) -> None:
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await _answers(url):
                if house.returncode is not None:
                    raise CannotStartError("The house did not start; it says why above.")
                await asyncio.sleep(0.3)
    except TimeoutError:
        raise CannotStartError(f"The house does not answer at {url}.") from None


async def _answers(url: str) -> bool:
    try:
        async with aiohttp.ClientSession() as http, http.get(f"{url}/healthz") as response:
            return response.ok
    except aiohttp.ClientError:
        return False


if __name__ == "__main__":
    sys.exit(main())
