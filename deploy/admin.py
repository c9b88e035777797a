"""Who minds the house: `sosa admin create-owner <username>`.

Also `first-run-code`: a new code for the page /first-run, on which whoever has it becomes the owner
of a house that has none. The house may run meanwhile.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from backend.kit.clock import Clock
from backend.kit.errors import SosaError
from backend.kit.key_files import KeyringError
from backend.kit.settings import SettingError, Settings
from backend.operating import create_owner, open_auth


def main(words: Sequence[str]) -> int:
    """Do what the words say, and return an exit code."""
    parser = argparse.ArgumentParser(
        prog="sosa admin",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    doing = parser.add_subparsers(dest="what", required=True, metavar="command")
    doing.add_parser("create-owner").add_argument("username")
    doing.add_parser("first-run-code")
    asked = parser.parse_args(words)
    try:
        print(asyncio.run(answer(Settings.from_environment(), asked)))
    except (SettingError, KeyringError, SosaError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


async def answer(settings: Settings, asked: argparse.Namespace) -> str:
    """Do what was asked, and return what there is to say of it."""
    if asked.what == "first-run-code":
        return await first_run_code(settings)
    await create_owner(settings, asked.username)
    return f"{asked.username} has the keys to the house. Spare ones are in /house."


async def first_run_code(settings: Settings, clock: Clock | None = None) -> str:
    """A sentence with a new code, or one that says that none is needed."""
    async with open_auth(settings, clock) as auth:
        code = await auth.offer_house()
    if code is None:
        return "This house has its owner."
    return (
        f"Nobody minds this house yet. Register, go to {settings.origin}/first-run and say {code}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
