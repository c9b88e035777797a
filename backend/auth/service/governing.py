"""Looking after the house: roles, suspensions and bans."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import contract, models
from backend.auth.contract import LastOwnerError, MemberEntry, Permission, may, rank_of
from backend.auth.contract.roles import RANKS
from backend.auth.service.core import Feature
from backend.auth.service.standing import list_roles, lock_user, raise_epoch
from backend.kit.callers import Member
from backend.kit.clock import utc
from backend.kit.errors import (
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
)
from backend.kit.ids import UserId
from backend.kit.values import NOTHING, Nothing

MAX_LISTED = 200
LONGEST_SUSPENSION = timedelta(days=366)


class Governing(Feature):
    """Implements `contract.Governing`, but for the first run.

    What a caller may do is asked of the rows, in the transaction that does it: a token of a minute
    ago may still say what was true then.
    """

    async def list_members_with_roles(
        self,
        caller: Member,
        request: contract.ListMembersWithRoles,  # noqa: ARG002
    ) -> contract.MemberEntries:
        async with self._parts.database.reading() as session:
            await self._check_may(session, caller, "see_roles")
            chosen = select(models.UserRole.user_id).distinct().limit(MAX_LISTED)
            query = select(models.User).where(col(models.User.id).in_(chosen))
            found = [await _entry(session, user) for user in await session.scalars(query)]
        found.sort(key=lambda entry: (-rank_of(entry.roles), entry.username.lower()))
        return contract.MemberEntries(members=tuple(found))

    async def find_member(self, caller: Member, request: contract.FindMember) -> MemberEntry:
        async with self._parts.database.reading() as session:
            await self._check_may(session, caller, "find_members")
            key = request.username.strip().lower()
            query = select(models.User).where(col(models.User.username_key) == key)
            user = (await session.scalars(query)).first()
            if user is None or user.state == "deleted":
                raise NotFoundError("Nobody here goes by that name.", "username")
            return await _entry(session, user)

    async def grant_role(self, caller: contract.Confirmed, request: contract.GrantRole) -> Nothing:
        async with self._parts.database.transaction() as session:
            roles = await self._check_may(session, caller.member, "grant_roles")
            if RANKS[request.role] > rank_of(roles):
                raise ForbiddenError("Nobody gives away more than they have.")
            user = await self._get_user(session, request.user_id)
            if user.is_bot:
                raise ConflictError("A bot with the keys to the house? Not here.")
            if user.state != "active":
                raise ConflictError("They are not here at the moment.")
            if request.role in await list_roles(session, user):
                return NOTHING
            await grant(session, self._parts.clock.now(), user, request.role, caller.member.user_id)
            await self._changed(session, user, caller.member, "role_granted", request.role)
        self._parts.revocations.raise_epoch(UserId(user.id), user.epoch)
        return NOTHING

    async def revoke_role(
        self, caller: contract.Confirmed, request: contract.RevokeRole
    ) -> Nothing:
        is_own = caller.member.user_id == request.user_id
        async with self._parts.database.transaction() as session:
            if is_own:
                user = await self._get_user(session, request.user_id)
            else:
                user = await self._get_below(session, caller.member, request, "grant_roles")
            if request.role == "owner":
                await check_not_last_owner(session, user.id)
            role = await session.get(models.UserRole, (user.id, request.role))
            if role is None:
                return NOTHING
            await session.delete(role)
            await self._changed(session, user, caller.member, "role_revoked", request.role)
        self._parts.revocations.raise_epoch(UserId(user.id), user.epoch)
        return NOTHING

    async def suspend_member(
        self, caller: contract.Confirmed, request: contract.SuspendMember
    ) -> Nothing:
        now = utc(self._parts.clock)
        if request.until.tzinfo is None or not now < request.until <= now + LONGEST_SUSPENSION:
            raise InvalidRequestError("A time between now and a year from now, please.", "until")
        return await self._keep_out(caller.member, request, "suspended", request.until)

    async def ban_member(self, caller: contract.Confirmed, request: contract.BanMember) -> Nothing:
        return await self._keep_out(caller.member, request, "banned", None)

    async def unban_member(
        self, caller: contract.Confirmed, request: contract.UnbanMember
    ) -> Nothing:
        async with self._parts.database.transaction() as session:
            user = await lock_user(session, request.user_id)
            wanted: Permission = (
                "ban_members" if user and user.state == "banned" else "suspend_members"
            )
            user = await self._get_below(session, caller.member, request, wanted)
            if user.state not in {"suspended", "banned"}:
                return NOTHING
            user.state, user.state_until, user.state_reason = "active", None, ""
            session.add(user)
            await self._core.log.add(
                session, user.id, "let_in_again", actor_id=caller.member.user_id
            )
        return NOTHING

    async def _keep_out(
        self,
        caller: Member,
        request: contract.SuspendMember | contract.BanMember,
        state: str,
        until: datetime | None,
    ) -> Nothing:
        wanted: Permission = "ban_members" if state == "banned" else "suspend_members"
        async with self._parts.database.transaction() as session:
            user = await self._get_below(session, caller, request, wanted)
            if user.state == "deleting" or (user.state, state) == ("banned", "suspended"):
                raise ConflictError("They are leaving, or banned, already.")
            user.state, user.state_until, user.state_reason = state, until, request.reason
            await raise_epoch(session, self._parts, user)
            ended = await self._core.sessions.end_all(session, user.id, state)
            # Their bots fall silent with them, and come back with them: by the same secrets.
            ended += await self._core.sessions.end_those_of_bots(session, user.id, state)
            await self._core.log.add(
                session, user.id, state, actor_id=caller.user_id, detail=request.reason
            )
        self._core.revoke(*ended)
        self._parts.revocations.raise_epoch(UserId(user.id), user.epoch)
        return NOTHING

    async def _changed(
        self, session: AsyncSession, user: models.User, actor: Member, name: str, detail: str
    ) -> None:
        await raise_epoch(session, self._parts, user)
        await self._core.log.add(session, user.id, name, actor_id=actor.user_id, detail=detail)

    async def _check_may(
        self, session: AsyncSession, caller: Member, permission: Permission
    ) -> tuple[str, ...]:
        user = await session.get(models.User, caller.user_id)
        roles = await list_roles(session, user) if user and user.state == "active" else ()
        if not may(roles, permission):
            raise ForbiddenError("That takes a role you do not have.")
        return roles

    async def _get_user(self, session: AsyncSession, user_id: str) -> models.User:
        user = await lock_user(session, user_id)
        if user is None or user.state == "deleted":
            raise NotFoundError("There is no such member.")
        return user

    async def _get_below(
        self,
        session: AsyncSession,
        caller: Member,
        request: contract.RevokeRole
        | contract.SuspendMember
        | contract.BanMember
        | contract.UnbanMember,
        permission: Permission,
    ) -> models.User:
        """Somebody whom the caller may act on: of a lower rank, or anybody for an owner."""
        roles = await self._check_may(session, caller, permission)
        user = await self._get_user(session, request.user_id)
        theirs = rank_of(await list_roles(session, user))
        is_among_owners = "owner" in roles and caller.user_id != user.id
        if theirs >= rank_of(roles) and not is_among_owners:
            raise ForbiddenError("They carry as many keys as you do, or more.")
        if theirs == RANKS["owner"]:
            await check_not_last_owner(session, user.id)
        return user


async def grant(
    session: AsyncSession, now: float, user: models.User, role: str, granted_by: str | None
) -> None:
    """Write down that somebody has a role."""
    granted_at = datetime.fromtimestamp(now, tz=user.created.tzinfo)
    session.add(
        models.UserRole(user_id=user.id, role=role, granted_by=granted_by, granted_at=granted_at)
    )
    await session.flush()


async def check_not_last_owner(session: AsyncSession, user_id: str) -> None:
    """Raise LastOwnerError when the house would be without an owner.

    The rows are locked: of two owners who take the role from each other at once, one stays.
    """
    query = (
        select(models.UserRole.user_id)
        .where(col(models.UserRole.role) == "owner")
        .order_by(col(models.UserRole.user_id))
        .with_for_update()
    )
    owners = list(await session.scalars(query))
    active = select(models.User.id).where(
        col(models.User.id).in_(owners), col(models.User.state) == "active"
    )
    if user_id in owners and not set(await session.scalars(active)) - {user_id}:
        raise LastOwnerError


async def _entry(session: AsyncSession, user: models.User) -> MemberEntry:
    return MemberEntry(
        id=UserId(user.id),
        username=user.username,
        roles=await list_roles(session, user),
        state=user.state,  # pyright: ignore[reportArgumentType] - the column holds these words only
        state_until=user.state_until,
        state_reason=user.state_reason,
        is_bot=user.is_bot,
        created=user.created,
    )
