"""How you appear: the rules."""

from typing import Any

from sqlmodel import col, select, update

from backend.auth.contract import UserRegistered
from backend.kit.callers import Member
from backend.kit.database import Database
from backend.kit.errors import UnavailableError
from backend.kit.ids import GONE, UserId
from backend.kit.parts import Parts
from backend.kit.patience import look_until_found
from backend.profiles.contract import (
    GetMyProfile,
    GetProfiles,
    Identities,
    ListIdentities,
    Profile,
    ProfileList,
    UpdateMyProfile,
)
from backend.profiles.faces import ROBOT
from backend.profiles.models import ProfileRow
from backend.profiles.service.identities import IDENTITIES
from backend.profiles.service.names import first_nickname, tidy_changes
from backend.profiles.service.personal_data import SOMEBODY, PersonalData

PATIENCE_SECONDS = 2.0
"""How long a call waits for the event of the registration that it overtook."""


def build(parts: Parts[Any]) -> "HousedProfiles":
    """The service, on its parts."""
    return HousedProfiles(parts)


class ProfilesService:
    """Implements Profiles."""

    def __init__(self, database: Database, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._database = database
        self._patience_seconds = patience_seconds

    async def on_user_registered(self, event: UserRegistered) -> None:
        """Give a new account a profile. One that is there stays as its owner has made it since."""
        async with self._database.transaction() as session:
            await session.execute(
                self._database.insert_ignore(ProfileRow).values(
                    user_id=event.user_id,
                    username=event.username,
                    nickname=first_nickname(event.username),
                    identity="",
                    face=f"{ROBOT}{event.user_id}" if event.is_bot else event.user_id,
                    is_bot=event.is_bot,
                )
            )

    async def get_my_profile(self, caller: Member, request: GetMyProfile) -> Profile:  # noqa: ARG002 - it asks for nothing
        return await self._arrived(caller.user_id)

    async def update_my_profile(self, caller: Member, request: UpdateMyProfile) -> Profile:
        changes = tidy_changes(request)
        await self._arrived(caller.user_id)
        async with self._database.transaction() as session:
            mine = col(ProfileRow.user_id) == caller.user_id
            if changes:
                await session.execute(update(ProfileRow).where(mine).values(**changes))
            row = (await session.execute(select(ProfileRow).where(mine))).scalar_one()
            return row.to_profile()

    async def get_profiles(self, caller: Member, request: GetProfiles) -> ProfileList:  # noqa: ARG002 - names and faces are open to every member
        async with self._database.reading() as session:
            query = select(ProfileRow).where(col(ProfileRow.user_id).in_(set(request.id)))
            rows = (await session.execute(query)).scalars()
            found = [row.to_profile() for row in rows]
        return ProfileList(profiles=(*found, *([SOMEBODY] if GONE in request.id else [])))

    async def list_identities(self, caller: Member, request: ListIdentities) -> Identities:  # noqa: ARG002 - the list is the same for all
        return Identities(identities=IDENTITIES)

    async def _arrived(self, user_id: UserId) -> Profile:
        found = await look_until_found(
            lambda: self._find(user_id), patience_seconds=self._patience_seconds
        )
        if found is None:
            raise UnavailableError("Your profile is still being painted. Try again in a moment.")
        return found

    async def _find(self, user_id: UserId) -> Profile | None:
        async with self._database.reading() as session:
            row = await session.get(ProfileRow, user_id)
            return row.to_profile() if row else None


class HousedProfiles(ProfilesService, PersonalData):
    """The service in a house, where it also answers for what it keeps of people."""

    def __init__(self, parts: Parts[Any]) -> None:
        ProfilesService.__init__(self, parts.database)
        PersonalData.__init__(self, parts)
