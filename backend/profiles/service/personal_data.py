"""What profiles does when somebody wants their data, or leaves."""

from typing import Protocol

import msgspec
from sqlmodel import col, delete

from backend.auth.contract import AddExportPart, Auth, ExportWanted, UserDeleted, UserForgotten
from backend.kit.callers import Service
from backend.kit.ids import GONE
from backend.kit.parts import Parts
from backend.profiles.contract import Profile
from backend.profiles.faces.drawing import draw_face
from backend.profiles.models import ProfileRow

NAME = "profiles"
_ITSELF = Service(name=NAME)

SOMEBODY = Profile(
    user_id=GONE,
    username="",
    nickname="Somebody who moved on",
    identity="",
    face="gone",
    is_bot=False,
)
"""The face of everyone who has left for good."""


class Peers(Protocol):
    """The service that gathers."""

    @property
    def auth(self) -> Auth: ...


class PersonalData:
    """Reacts to what auth says. Twice is once."""

    def __init__(self, parts: Parts[Peers]) -> None:
        self._parts = parts

    async def on_export_wanted(self, event: ExportWanted) -> None:
        """Bring the profile and the face."""
        async with self._parts.database.reading() as session:
            row = await session.get(ProfileRow, event.user_id)
        profile = row.to_profile() if row else None
        files = {"profile.json": msgspec.json.format(msgspec.json.encode(profile)).decode()}
        if profile:
            files["face.svg"] = draw_face(profile.face)
        for number, (name, content) in enumerate(files.items(), start=1):
            part = AddExportPart(
                export_id=event.export_id,
                name=name,
                content=content,
                is_last=number == len(files),
            )
            await self._parts.peers.auth.add_export_part(_ITSELF, part)

    async def on_user_deleted(self, event: UserDeleted) -> None:
        """Forget the profile, and say so in the same transaction."""
        async with self._parts.database.transaction() as session:
            await session.execute(
                delete(ProfileRow).where(col(ProfileRow.user_id) == event.user_id)
            )
            await self._parts.outbox.add(session, UserForgotten(job_id=event.job_id, service=NAME))
