"""Taking one's data along, and leaving (ADR-0013; GDPR Articles 15, 17 and 20)."""

from datetime import datetime
from typing import Annotated, Literal, Protocol

import msgspec

from backend.auth.contract.callers import Applicant, Confirmed
from backend.auth.contract.entrance import MAX_BODY, Admission, SignedOut
from backend.kit.callers import Member, Service
from backend.kit.ids import UserId
from backend.kit.op import op
from backend.kit.values import Event, Nothing, Request, Value

MAX_PART_BYTES = 4 * 1024 * 1024


class DeleteAccount(Request):
    """Takes nothing."""


class Undelete(Request):
    """The yes of somebody who signed in while their account is about to go."""

    preauth_id: str


class ExportData(Request):
    """Takes nothing."""


class GetExport(Request):
    """Takes nothing."""


class ExportState(Value):
    """How far the member's archive is."""

    state: Literal["none", "working", "ready"]
    id: str | None = None
    ready_until: datetime | None = None


class DownloadExport(Request):
    """The caller's own archive."""

    export_id: str


class Archive(Value):
    """A zip file. Travels as it is, without our envelope."""

    name: str
    content: bytes


class AddExportPart(Request):
    """One file of what a service keeps of a member."""

    export_id: str
    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,40}\.(json|svg|txt)(?!\n)$")]
    content: str
    is_last: bool
    """Whether the service has brought everything with this."""


class ExportWanted(Event):
    """A member wants their data: each service brings its files with `add_export_part`."""

    export_id: str
    user_id: UserId


class UserDeleted(Event):
    """An account is gone for good: each service forgets it and says UserForgotten."""

    job_id: str
    user_id: UserId


class UserForgotten(Event):
    """A service has forgotten somebody. Said by the service, in the transaction that forgot."""

    job_id: str
    service: str


class Privacy(Protocol):
    """A member's data."""

    @op("DELETE", "/auth/v1/account")
    async def delete_account(self, caller: Confirmed, request: DeleteAccount) -> SignedOut:
        """Leave: sessions end at once, and in 14 days everything goes.

        Whoever signs in before may stay after all. The member's bots go with them. Raises
        LastOwnerError.
        """
        ...

    @op("POST", "/auth/v1/preauth/{preauth_id}/undelete", max_body_bytes=MAX_BODY)
    async def undelete(self, caller: Applicant, request: Undelete) -> Admission:
        """Stay after all, and come in. Raises PreauthGoneError."""
        ...

    @op("POST", "/auth/v1/export", max_body_bytes=MAX_BODY)
    async def export_data(self, caller: Confirmed, request: ExportData) -> ExportState:
        """Have the archive gathered. One that is there, or on its way, is not begun again."""
        ...

    @op("GET", "/auth/v1/export")
    async def get_export(self, caller: Member, request: GetExport) -> ExportState: ...

    @op("GET", "/auth/v1/export/{export_id}/archive")
    async def download_export(self, caller: Confirmed, request: DownloadExport) -> Archive:
        """The archive, for 24 hours after it was ready. Raises NotFoundError."""
        ...

    @op(
        "PUT",
        "/internal/auth/v1/exports/{export_id}/parts",
        allow=("profiles", "messaging", "community"),
        max_body_bytes=MAX_PART_BYTES,
    )
    async def add_export_part(self, caller: Service, request: AddExportPart) -> Nothing:
        """Add a file to an archive that is being gathered; twice is once.

        Raises NotFoundError when nobody waits for it any more.
        """
        ...
