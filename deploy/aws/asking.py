"""Who asks whom: what a service must be told the way to, and may call."""

from importlib import import_module

from backend.functions import REACTIONS
from backend.kit.op import operations
from backend.kit.settings import SERVICES


def asked_by(service: str) -> tuple[str, ...]:
    """The services that one may call or tell: whose functions it may invoke."""
    asked = {"auth"} if service != "auth" else set[str]()  # the keys that tokens are signed with
    for other in SERVICES:
        contract: type = import_module(f"backend.{other}.main").MANIFEST.contract
        if any(service in operation.allow for operation in operations(contract)):
            asked.add(other)
    for kind, reacting, _ in REACTIONS:
        if kind.__module__.startswith(f"backend.{service}."):
            asked.add(reacting)
    return tuple(sorted(asked - {service}))
