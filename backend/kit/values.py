"""What travels between services: frozen structs that are parsed at the edge and then trusted."""

import msgspec


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a caller asks. An unknown field is refused, so a typing mistake is never ignored."""


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """What a service answers. Unknown fields are ignored: a service may be newer than its callers."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A past fact that other services may react to. Delivered at least once, so handlers do not mind twice."""


class Nothing(Value):
    """The answer of an operation that has nothing to say but that it was done."""


NOTHING = Nothing()
