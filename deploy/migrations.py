"""Bring databases up to date before what needs them starts: `python -m deploy.migrations`.

Names of services may follow; without any, all of them. Done twice, the second time does nothing.
"""

import asyncio
import sys
from collections.abc import Sequence

from backend.kit.database import Database
from backend.kit.migrations import migrate
from backend.kit.settings import SERVICES, SettingError, Settings


async def main(services: Sequence[str]) -> None:
    """Migrate services, one after the other."""
    settings = Settings.from_environment()
    for service in services:
        if service not in SERVICES:
            raise SettingError(f"There is no service {service!r}.")
        database = Database(settings.database_of(service))
        try:
            await migrate(database, service)
        finally:
            await database.close()
        print(f"· {service} is up to date", flush=True)


if __name__ == "__main__":
    try:
        asyncio.run(main(sys.argv[1:] or SERVICES))
    except SettingError as problem:
        sys.exit(str(problem))
