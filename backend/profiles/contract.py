"""How you appear: the promise of the profiles service."""

from typing import Annotated, Protocol

import msgspec

from backend.kit.callers import Member
from backend.kit.ids import UserId
from backend.kit.op import op
from backend.kit.values import Request, Value

Nickname = Annotated[str, msgspec.Meta(min_length=4, max_length=32)]
Identity = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
Face = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,64}(?!\n)$")]
"""The look-ahead is for Python, where `$` alone lets a line break pass at the end."""


class Profile(Value):
    """What others see of an account."""

    user_id: UserId
    username: str
    nickname: str
    identity: str
    """How they identify; a word from the list or their own, empty while they have not said."""
    face: str
    """Seed of the generated face: `/profiles/v1/faces/{face}.svg` draws it, always the same. Seeds
    that begin with `bot-` draw robots."""
    is_bot: bool
    """Whether a program speaks. It cannot be changed, and pages show it."""


class ProfileList(Value):
    """Some profiles. Ids nobody has, or that the caller may not know, are left out."""

    profiles: tuple[Profile, ...]


class Identities(Value):
    """Answers to "How do you identify?", serious and silly, in the order they are offered."""

    identities: tuple[str, ...]


class GetMyProfile(Request):
    """Takes nothing."""


class UpdateMyProfile(Request):
    """Only the fields that are sent change."""

    nickname: Nickname | msgspec.UnsetType = msgspec.UNSET
    identity: Identity | msgspec.UnsetType = msgspec.UNSET
    face: Face | msgspec.UnsetType = msgspec.UNSET


class GetProfiles(Request):
    """At most 100 ids."""

    id: Annotated[tuple[UserId, ...], msgspec.Meta(min_length=1, max_length=100)]


class ListIdentities(Request):
    """Takes nothing."""


class Profiles(Protocol):
    """Names, faces and identities."""

    @op("GET", "/profiles/v1/me")
    async def get_my_profile(self, caller: Member, request: GetMyProfile) -> Profile:
        """The caller's own profile.

        It is made from the event of the registration; a call that overtakes the event waits for it
        up to two seconds. Raises UnavailableError when it still is not there.
        """
        ...

    @op("PATCH", "/profiles/v1/me")
    async def update_my_profile(self, caller: Member, request: UpdateMyProfile) -> Profile:
        """Change the caller's profile; returns it as it is afterwards. Twice is once.

        Spaces around a nickname or identity are dropped before it is measured. Raises
        InvalidRequestError naming the field, and UnavailableError as `get_my_profile` does.
        """
        ...

    @op("GET", "/profiles/v1/profiles")
    async def get_profiles(self, caller: Member, request: GetProfiles) -> ProfileList:
        """Up to 100 profiles at once, in no order."""
        ...

    @op("GET", "/profiles/v1/identities")
    async def list_identities(self, caller: Member, request: ListIdentities) -> Identities: ...
