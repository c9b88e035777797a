"""What travels between services: frozen structs that are parsed at the edge and then trusted.

Structs inherit `frozen` at run time; `dataclass_transform` says so to type checkers, who look at
the class line alone.
"""

from typing import dataclass_transform

import msgspec


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a caller asks. An unknown field is refused, so a typing mistake is never ignored."""


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Value(msgspec.Struct, frozen=True, kw_only=True):
    """What a service answers. Unknown fields are ignored: it may be newer than its callers."""


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A past fact that other services may react to. Delivered at least once, so twice is fine."""


class Nothing(Value):
    """The answer of an operation that has nothing to say but that it was done."""


NOTHING = Nothing()
