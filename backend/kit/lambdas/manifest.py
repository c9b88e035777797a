"""Which operations form which function. Handlers and templates are made of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.kit.op import Operation, operations

INTERNAL = "/internal/"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The functions of a service. Raises TypeError unless each operation has exactly one."""

    service: str
    contract: type
    groups: Mapping[str, tuple[str, ...]]
    """Names of public operations, by the name of the function that answers them."""
    has_live_door: bool = False

    def __post_init__(self) -> None:
        named = [name for names in self.groups.values() for name in names]
        public = [operation.name for operation in self.public]
        if sorted(named) != sorted(public):
            raise TypeError(f"{self.service}: each of {public} belongs into one group, not {named}")

    @property
    def public(self) -> tuple[Operation, ...]:
        """The operations that anybody may knock at."""
        return tuple(item for item in operations(self.contract) if not is_internal(item))

    def split(self) -> Mapping[str, tuple[str, ...]]:
        """One function for each operation, instead of the groups."""
        return {item.name.replace("_", "-"): (item.name,) for item in self.public}


def is_internal(operation: Operation) -> bool:
    """Whether no gateway may lead to it: only functions that AWS lets through invoke it."""
    return operation.path.startswith(INTERNAL)
