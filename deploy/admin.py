"""Who minds the house: `sosa admin create-owner <username>`.

Also `first-run-code`: a new code for the page /first-run, on which whoever has it becomes the owner
of a house that has none. The house may run meanwhile.
"""

import asyncio
import sys
from collections.abc import Sequence

from backend.kit.clock import Clock
from backend.kit.errors import SosaError
from backend.kit.keyring import KeyringError
from backend.kit.settings import SettingError, Settings
from backend.operating import create_owner, open_auth

USAGE = "Say one of: create-owner <username>, first-run-code"


def main(words: Sequence[str]) -> int:
    """Do what the words say, and return an exit code."""
    try:
        said = asyncio.run(answer(list(words)))
    except (SettingError, KeyringError, SosaError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(said or USAGE)
    return 0 if said else 2


async def answer(words: list[str]) -> str:
    """Do what was asked, and return what there is to say of it; "" when nothing was understood."""
    settings = Settings.from_environment()
    match words:
        case ["create-owner", username]:
            await create_owner(settings, username)
            return f"{username} has the keys to the house. Spare ones are in /house."
        case ["first-run-code"]:
            return await first_run_code(settings)
        case _:
            return ""


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
