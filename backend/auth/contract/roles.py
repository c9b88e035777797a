"""Roles in the whole house, and what each may do (ADR-0012).

They are code and not rows: a table of permissions that a mistake, or an intruder, could change at
run time would be one more thing to defend, and no house has asked to invent roles.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

GrantedRole = Literal["owner", "admin", "moderator"]
Role = Literal["owner", "admin", "moderator", "member", "bot"]
Permission = Literal["find_members", "suspend_members", "ban_members", "see_roles", "grant_roles"]

_MODERATOR: frozenset[Permission] = frozenset({"find_members", "suspend_members"})
_KEYS: frozenset[Permission] = frozenset({"ban_members", "see_roles", "grant_roles"})
_ADMIN = _MODERATOR | _KEYS

PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        "owner": _ADMIN,
        "admin": _ADMIN,
        "moderator": _MODERATOR,
        "member": frozenset(),
        "bot": frozenset(),
    }
)
"""What a role may do. What an owner has beyond an admin is their rank."""

RANKS: Mapping[Role, int] = MappingProxyType(
    {"owner": 3, "admin": 2, "moderator": 1, "member": 0, "bot": 0}
)
"""Nobody gives a role above their own, and nobody acts on somebody of their own rank or above."""


def rank_of(roles: tuple[str, ...]) -> int:
    """The highest rank among roles."""
    return max((rank for role, rank in RANKS.items() if role in roles), default=0)


def may(roles: tuple[str, ...], permission: Permission) -> bool:
    """Whether one of the roles has the permission."""
    return any(permission in PERMISSIONS[role] for role in PERMISSIONS if role in roles)
