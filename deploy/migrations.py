"""Bring databases up to date before what needs them starts: `sosa migrate`.

Names of services may follow; without any, all of them. Done twice, the second time does nothing.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from backend.kit.database import Database
from backend.kit.migrations import migrate
from backend.kit.settings import SERVICES, SettingError, Settings


def main(words: Sequence[str]) -> int:
    """Migrate what was asked for, and return an exit code."""
    parser = argparse.ArgumentParser(prog="sosa migrate", description=__doc__)
    parser.add_argument("services", nargs="*", help=f"of {', '.join(SERVICES)}")
    names: list[str] = parser.parse_args(words).services
    for name in names:
        if name not in SERVICES:
            parser.error(f"there is no service {name!r}")
    try:
        asyncio.run(_migrate(names or SERVICES))
    except SettingError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


async def _migrate(services: Sequence[str]) -> None:
    settings = Settings.from_environment()
    for service in services:
        database = Database(settings.database_of(service))
        try:
            await migrate(database, service)
        finally:
            await database.close()
        print(f"· {service} is up to date", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
