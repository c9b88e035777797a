"""Who looks after the house: roles, and members who have to leave for a while or for good."""

from datetime import datetime
from typing import Annotated, Literal, Protocol

import msgspec

from backend.auth.contract.callers import Confirmed
from backend.auth.contract.entrance import MAX_BODY
from backend.auth.contract.roles import GrantedRole
from backend.kit.callers import Member
from backend.kit.ids import UserId
from backend.kit.op import op
from backend.kit.values import Nothing, Request, Value

Reason = Annotated[str, msgspec.Meta(min_length=3, max_length=400)]
"""It is shown to the member."""


class MemberEntry(Value):
    """A member as those see them who look after the house."""

    id: UserId
    username: str
    roles: tuple[str, ...]
    state: Literal["active", "suspended", "banned", "deleting"]
    state_until: datetime | None
    """When a suspension ends, or a deletion is final."""
    state_reason: str
    is_bot: bool
    created: datetime


class MemberEntries(Value):
    """Everyone who has a role, by rank and then by name; at most 200."""

    members: tuple[MemberEntry, ...]


class ListMembersWithRoles(Request):
    """Takes nothing."""


class FindMember(Request):
    """Somebody's whole name, in whatever case."""

    username: Annotated[str, msgspec.Meta(max_length=32)]


class GrantRole(Request):
    """A role for somebody."""

    user_id: UserId
    role: GrantedRole


class RevokeRole(Request):
    """A role of somebody, the caller included."""

    user_id: UserId
    role: GrantedRole


class SuspendMember(Request):
    """Somebody has to stay away until then, at most a year."""

    user_id: UserId
    reason: Reason
    until: datetime


class BanMember(Request):
    """Somebody has to stay away for good, or until they are let in again."""

    user_id: UserId
    reason: Reason


class UnbanMember(Request):
    """Somebody may come back, from a suspension as from a ban."""

    user_id: UserId


class GetFirstRun(Request):
    """Takes nothing."""


class FirstRun(Value):
    """Whether the house still waits for its owner."""

    is_open: bool


class ClaimHouse(Request):
    """The code that the start of the house has shown."""

    code: Annotated[str, msgspec.Meta(max_length=40)]


class Governing(Protocol):
    """For those who have a role. Others are refused with ForbiddenError."""

    @op("GET", "/auth/v1/roles")
    async def list_members_with_roles(
        self, caller: Member, request: ListMembersWithRoles
    ) -> MemberEntries: ...

    @op("GET", "/auth/v1/members/{username}")
    async def find_member(self, caller: Member, request: FindMember) -> MemberEntry:
        """Raises ForbiddenError or NotFoundError."""
        ...

    @op("PUT", "/auth/v1/members/{user_id}/roles/{role}", max_body_bytes=MAX_BODY)
    async def grant_role(self, caller: Confirmed, request: GrantRole) -> Nothing:
        """Give somebody a role, at most as high as the caller's own. Twice is once.

        Their access tokens end at once, and the next say the role. Raises ForbiddenError or
        NotFoundError.
        """
        ...

    @op("DELETE", "/auth/v1/members/{user_id}/roles/{role}")
    async def revoke_role(self, caller: Confirmed, request: RevokeRole) -> Nothing:
        """Take a role from somebody below the caller, or from the caller. Twice is once.

        Their access tokens end at once. Raises ForbiddenError, NotFoundError, LastOwnerError.
        """
        ...

    @op("PUT", "/auth/v1/members/{user_id}/suspension", max_body_bytes=MAX_BODY)
    async def suspend_member(self, caller: Confirmed, request: SuspendMember) -> Nothing:
        """Keep somebody below the caller out for a while; their sessions end at once.

        Raises ForbiddenError, NotFoundError, InvalidRequestError, and ConflictError for somebody
        who is banned or leaving.
        """
        ...

    @op("PUT", "/auth/v1/members/{user_id}/ban", max_body_bytes=MAX_BODY)
    async def ban_member(self, caller: Confirmed, request: BanMember) -> Nothing:
        """Keep somebody below the caller out for good; their sessions end at once.

        Raises ForbiddenError, NotFoundError, and ConflictError for somebody who is leaving.
        """
        ...

    @op("DELETE", "/auth/v1/members/{user_id}/ban")
    async def unban_member(self, caller: Confirmed, request: UnbanMember) -> Nothing:
        """Let somebody in again. Twice is once. Raises ForbiddenError or NotFoundError."""
        ...

    @op("GET", "/auth/v1/first-run")
    async def get_first_run(self, caller: Member, request: GetFirstRun) -> FirstRun: ...

    @op("POST", "/auth/v1/first-run", max_body_bytes=MAX_BODY)
    async def claim_house(self, caller: Confirmed, request: ClaimHouse) -> Nothing:
        """Become the owner of a house that has none. The code is good once.

        Raises WrongHouseCodeError, also when the house has its owner; RateLimitedError.
        """
        ...
