"""What auth's own guards ask it for."""

from dataclasses import dataclass
from typing import Protocol

from backend.kit.ids import DeviceId, SessionId
from backend.kit.tokens.proofs import DeviceKey


@dataclass(frozen=True, slots=True)
class Held:
    """What stands behind a refresh cookie, before the device has proven that it is its own."""

    session_id: SessionId
    refresh_hash: str
    device: DeviceKey


@dataclass(frozen=True, slots=True)
class BotKey:
    """The key of a bot's present secret."""

    device_id: DeviceId
    device: DeviceKey


@dataclass(frozen=True, slots=True)
class DeviceProofKey:
    """The key of a device that some member is signed in on."""

    device_id: DeviceId
    device: DeviceKey


class ProofKeys(Protocol):
    """In the same process only: keys do not travel."""

    async def get_applicant_key(self, preauth_id: str) -> DeviceKey:
        """The key of a beginning. Raises PreauthGoneError."""
        ...

    async def count_bad_proof(self, preauth_id: str) -> None:
        """Somebody forged a proof under a beginning's own key id; after five it is gone."""
        ...

    async def get_bot_key(self, bot_id: str) -> BotKey:
        """The key of a bot's present secret.

        Raises InvalidProofError for what is no bot, or one without a secret: as for a proof by any
        other key.
        """
        ...

    async def get_device_key(self, kid: str) -> DeviceProofKey:
        """The key of a person's device, by what it is called.

        Raises InvalidProofError for a name that no device has, or a bot's. DeviceRevokedError and
        LoginRequiredError for one whose keys went with its session.
        """
        ...

    async def get_held(self, refresh_token: str) -> Held:
        """What the cookie stands for.

        Raises InvalidGrantError, ReuseDetectedError or DeviceRevokedError.
        """
        ...

    async def report_stolen(self, session_id: SessionId) -> None:
        """End a session whose cookie came with a proof by another key."""
        ...
