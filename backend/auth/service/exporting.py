"""Taking one's data along: gathered from every service, sealed, and handed out for a day."""

import asyncio
import io
import zipfile
from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from backend.auth import contract, models
from backend.auth.contract import Archive, Confirmed, ExportState, ExportWanted
from backend.auth.service.beginnings import was_changed
from backend.auth.service.core import Core, Feature
from backend.auth.service.leaving import RETELL, acknowledge, is_acknowledged
from backend.auth.service.own_data import ABOUT, gather
from backend.auth.service.standing import lock_user
from backend.kit.callers import Member, Service
from backend.kit.clock import utc
from backend.kit.errors import NotFoundError
from backend.kit.ids import UserId, new_id
from backend.kit.keyring import Keyring
from backend.kit.values import NOTHING, Nothing

READY = timedelta(hours=24)
_TABLE = "auth_privacy_part"
BATCH = 100


class Exporting(Feature):
    """Implements the export of `contract.Privacy`."""

    async def export_data(
        self,
        caller: Confirmed,
        request: contract.ExportData,  # noqa: ARG002
    ) -> ExportState:
        user_id = caller.member.user_id
        async with self._parts.database.transaction() as session:
            # Locked, so that two requests at once begin one.
            user = await lock_user(session, user_id)
            job = await _find_job(session, user_id)
            if user is None or job is not None:
                return _state(job)
            job = await self._begin(session, user)
            await self._core.log.add(session, user_id, "export_asked")
        return _state(job)

    async def get_export(
        self,
        caller: Member,
        request: contract.GetExport,  # noqa: ARG002
    ) -> ExportState:
        async with self._parts.database.reading() as session:
            return _state(await _find_job(session, caller.user_id))

    async def download_export(self, caller: Confirmed, request: contract.DownloadExport) -> Archive:
        user_id = caller.member.user_id
        async with self._parts.database.transaction() as session:
            job = await _find_job(session, user_id)
            if job is None or job.id != request.export_id or not self._is_ready(job):
                raise NotFoundError("There is no such archive, or its day is over.")
            query = select(models.PrivacyPart).where(col(models.PrivacyPart.job_id) == job.id)
            parts = list(await session.scalars(query.order_by(col(models.PrivacyPart.name))))
            await self._core.log.add(session, user_id, "export_taken")
        content = await asyncio.to_thread(_zipped, self._parts.keyring, parts)
        return Archive(name=f"sosa-{utc(self._parts.clock):%Y-%m-%d}.zip", content=content)

    async def add_export_part(self, caller: Service, request: contract.AddExportPart) -> Nothing:
        async with self._parts.database.transaction() as session:
            job = await session.get(models.PrivacyJob, request.export_id, with_for_update=True)
            if job is None or job.kind != "export" or job.state != "working":
                raise NotFoundError("Nobody waits for that any more.")
            # In a folder of its own: a service cannot write over what another has brought.
            name = f"{caller.name}/{request.name}"
            await _keep(session, self._parts.keyring, job.id, name, request.content)
            if request.is_last:
                acknowledge(job, caller.name)
            if is_acknowledged(job):
                job.state, job.due = "done", utc(self._parts.clock) + READY
            session.add(job)
        return NOTHING

    def _is_ready(self, job: models.PrivacyJob) -> bool:
        return job.state == "done" and utc(self._parts.clock) < job.due

    async def _begin(self, session: AsyncSession, user: models.User) -> models.PrivacyJob:
        now = utc(self._parts.clock)
        job = models.PrivacyJob(
            id=new_id(),
            user_id=user.id,
            kind="export",
            state="working",
            due=now + RETELL,
            acknowledged="auth",
            created=now,
        )
        session.add(job)
        await session.flush()
        for name, content in {
            "README.txt": ABOUT,
            **await gather(session, self._parts, user),
        }.items():
            await _keep(session, self._parts.keyring, job.id, name, content)
        wanted = ExportWanted(export_id=job.id, user_id=UserId(user.id))
        await self._parts.outbox.add(session, wanted)
        return job


class Exports:
    """The exports on their way and those whose day is over, looked after in the background."""

    def __init__(self, core: Core) -> None:
        self._parts = core.parts

    async def advance(self) -> None:
        """Ask again for what was not brought, and destroy what was there for a day."""
        now = utc(self._parts.clock)
        job = models.PrivacyJob
        query = select(job).where(col(job.kind) == "export", col(job.due) <= now)
        async with self._parts.database.reading() as session:
            due = list(await session.scalars(query.order_by(col(job.due)).limit(BATCH)))
        for found in due:
            async with self._parts.database.transaction() as session:
                await self._advance(session, found)

    async def _advance(self, session: AsyncSession, found: models.PrivacyJob) -> None:
        job, part = models.PrivacyJob, models.PrivacyPart
        now = utc(self._parts.clock)
        is_given_up = now - found.created > READY
        if found.state == "done" or is_given_up:
            await session.execute(delete(part).where(col(part.job_id) == found.id))
            await session.execute(delete(job).where(col(job.id) == found.id))
            return
        unchanged = (col(job.id) == found.id) & (col(job.due) == found.due)
        again = update(job).where(unchanged, col(job.state) == "working").values(due=now + RETELL)
        if was_changed(await session.execute(again)):
            wanted = ExportWanted(export_id=found.id, user_id=UserId(found.user_id))
            await self._parts.outbox.add(session, wanted)


async def _find_job(session: AsyncSession, user_id: str) -> models.PrivacyJob | None:
    job = models.PrivacyJob
    query = select(job).where(col(job.user_id) == user_id, col(job.kind) == "export")
    return (await session.scalars(query.order_by(col(job.id).desc()))).first()


async def _keep(
    session: AsyncSession, keyring: Keyring, job_id: str, name: str, content: str
) -> None:
    # Sealed under its place: a part that was copied to another member's job does not open there.
    sealed = keyring.seal(_TABLE, "sealed_content", f"{job_id}/{name}", content.encode())
    await session.merge(models.PrivacyPart(job_id=job_id, name=name, sealed_content=sealed))


def _state(job: models.PrivacyJob | None) -> ExportState:
    if job is None:
        return ExportState(state="none")
    if job.state != "done":
        return ExportState(state="working", id=job.id)
    return ExportState(state="ready", id=job.id, ready_until=job.due)


def _zipped(keyring: Keyring, parts: list[models.PrivacyPart]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written:
        for part in parts:
            place = f"{part.job_id}/{part.name}"
            content = keyring.open_sealed(_TABLE, "sealed_content", place, part.sealed_content)
            written.writestr(part.name, content)
    return archive.getvalue()
