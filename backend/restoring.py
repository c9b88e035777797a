"""What a restored house has to do before it opens.

Beside wiring, the one place that sees behind contracts: an operator restores a house that is not
open, so there is no contract to call.
"""

from importlib import import_module

from backend.kit.database import Database
from backend.kit.settings import SERVICES, Settings


async def settle_restored(settings: Settings) -> None:
    """Have each service that must know it learn that its rows come from a backup."""
    for service in SERVICES:
        module = import_module(f"backend.{service}.service")
        if not hasattr(module, "settle_restored"):
            continue
        database = Database(settings.database_of(service))
        try:
            await module.settle_restored(database)
        finally:
            await database.close()
