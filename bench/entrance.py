"""Whether the time of an answer tells who has an account: medians of known against unknown.

The two are asked in turns, so that whatever else the machine does happens to both. In the tests the
work itself is counted, which no busy machine can falsify.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backend.kit.clock import ManualClock
from backend.kit.ids import new_id
from tests.attacks.post import ADA, PostHouse, form_of, post_house

MAX_DIFFERENCE = 0.10
Form = Callable[[bool], dict[str, Any]]


def sign_in(is_known: bool) -> dict[str, Any]:  # noqa: FBT001 - a question with two answers
    """A wrong password for somebody, and one for nobody."""
    name = "ada" if is_known else new_id()
    return {"identifier": name, "password": "wrong wrong wrong"}


def register(is_known: bool) -> dict[str, Any]:  # noqa: FBT001
    """A registration with an address that has an account, and with one that has none."""
    name = new_id()[-12:]
    return form_of(name, ADA if is_known else f"{name}@sosa.example")


def reset(is_known: bool) -> dict[str, Any]:  # noqa: FBT001
    """A forgotten password of somebody, and of nobody."""
    return {"email": ADA if is_known else f"{new_id()}@sosa.example"}


WAYS: tuple[tuple[str, str, str, Form], ...] = (
    ("wrong password", "login", "password", sign_in),
    ("register", "register", "register", register),
    ("forgotten password", "reset", "reset", reset),
)


async def compare(tries: int) -> None:
    """Ask, and print the medians."""
    with tempfile.TemporaryDirectory() as folder:
        async with post_house(Path(folder), ManualClock()) as town:
            await town.member("ada")
            print(f"{'':22}{'known ms':>10}{'unknown ms':>12}{'difference':>12}")
            for name, kind, step, form in WAYS:
                known, unknown = await _medians(town, kind, step, form, tries)
                difference = abs(known - unknown) / unknown
                verdict = "" if difference <= MAX_DIFFERENCE else "  too much"
                print(f"{name:22}{known:10.2f}{unknown:12.2f}{difference:11.1%}{verdict}")


async def _medians(
    town: PostHouse, kind: str, step: str, form: Form, tries: int
) -> tuple[float, float]:
    spent: dict[bool, list[float]] = {True: [], False: []}
    for number in range(2 * tries):
        is_known = number % 2 == 0
        device = town.house.device()
        await device.begin(kind)
        asked = form(is_known)
        started = time.perf_counter()
        await town.step(device, step, asked)
        spent[is_known].append((time.perf_counter() - started) * 1_000)
    return statistics.median(spent[True]), statistics.median(spent[False])


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=200, help="answers of each kind")
    asyncio.run(compare(parser.parse_args().tries))


if __name__ == "__main__":
    main()
