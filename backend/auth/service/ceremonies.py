"""What a browser is asked of a passkey and what its answer must be (WebAuthn level 3, 7.1, 7.2).

Imported when somebody first uses a passkey: the library under it costs 150 ms of CPU.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from backend.auth import models
from backend.auth.contract import BadFactorError

T = TypeVar("T")
MAX_CREDENTIAL_BYTES = 1_023
_TIMEOUT_MS = 300_000


@dataclass(frozen=True, slots=True)
class Made:
    """A passkey that was made."""

    credential_id: str
    public_key: str
    sign_count: int
    is_backed_up: bool
    transports: str


@dataclass(frozen=True, slots=True)
class Used:
    """A passkey that was used."""

    sign_count: int
    is_backed_up: bool
    is_verified: bool
    """Whether it made sure of its owner, by a PIN, a finger or a face."""


@dataclass(frozen=True, slots=True)
class Ceremonies:
    """Ceremonies at one origin. Its host is the relying party: passkeys work nowhere else."""

    origin: str

    @property
    def party(self) -> str:
        """The id of the relying party."""
        return urlsplit(self.origin).hostname or ""

    def creation_options(self, user: models.User, taken: Sequence[str], challenge: bytes) -> str:
        """What to ask for a new passkey, as JSON. `taken` are the ids of those there are.

        Discoverable, so that it can sign in by itself. No attestation: which make of key somebody
        has is none of our business.
        """
        options = webauthn.generate_registration_options(
            rp_id=self.party,
            rp_name="SoSa",
            user_id=user.id.encode(),
            user_name=user.username,
            challenge=challenge,
            timeout=_TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED
            ),
            exclude_credentials=_descriptors(taken),
        )
        return webauthn.options_to_json(options)

    def request_options(
        self, allowed: Sequence[str], challenge: bytes, *, must_verify: bool
    ) -> str:
        """What to ask of a passkey, as JSON; of any one that the person has when none is named."""
        verification = (
            UserVerificationRequirement.REQUIRED
            if must_verify
            else UserVerificationRequirement.PREFERRED
        )
        options = webauthn.generate_authentication_options(
            rp_id=self.party,
            challenge=challenge,
            timeout=_TIMEOUT_MS,
            allow_credentials=_descriptors(allowed),
            user_verification=verification,
        )
        return webauthn.options_to_json(options)

    def check_made(self, credential: str, challenge: bytes) -> Made:
        """The new passkey in an answer. Raises BadFactorError."""
        return _trusting_nothing(lambda: self._made(credential, challenge))

    def credential_id_of(self, credential: str) -> str:
        """Which passkey an answer says it is of. Raises BadFactorError."""
        return _trusting_nothing(lambda: parse_authentication_credential_json(credential).id)

    def check_used(
        self, credential: str, challenge: bytes, passkey: models.Passkey, *, must_verify: bool
    ) -> Used:
        """The use of a passkey in an answer. Raises BadFactorError."""
        return _trusting_nothing(
            lambda: self._used(credential, challenge, passkey, must_verify=must_verify)
        )

    def _made(self, credential: str, challenge: bytes) -> Made:
        answer = parse_registration_credential_json(credential)
        _check_own_frame(answer.response.client_data_json)
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=self.party,
            expected_origin=self.origin,
        )
        if len(made.credential_id) > MAX_CREDENTIAL_BYTES:
            raise BadFactorError
        return Made(
            credential_id=bytes_to_base64url(made.credential_id),
            public_key=bytes_to_base64url(made.credential_public_key),
            sign_count=made.sign_count,
            is_backed_up=made.credential_backed_up,
            transports=" ".join(item.value for item in answer.response.transports or ()),
        )

    def _used(
        self, credential: str, challenge: bytes, passkey: models.Passkey, *, must_verify: bool
    ) -> Used:
        answer = parse_authentication_credential_json(credential)
        _check_own_frame(answer.response.client_data_json)
        if answer.response.user_handle not in {None, passkey.user_id.encode()}:
            raise BadFactorError
        used = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=self.party,
            expected_origin=self.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=must_verify,
        )
        return Used(used.new_sign_count, used.credential_backed_up, used.user_verified)


def _check_own_frame(client_data: bytes) -> None:
    # Our pages are in nobody's frame; a ceremony in one was begun by somebody else's page.
    if parse_client_data_json(client_data).cross_origin:
        raise BadFactorError


def _trusting_nothing(work: Callable[[], T]) -> T:
    try:
        return work()
    except Exception:  # noqa: BLE001 - see below
        # JSON, CBOR, COSE and certificates from a stranger, in a dozen parsers: whatever one of
        # them stumbles over, it is no passkey of ours. Which one it was is told to nobody.
        raise BadFactorError from None


def _descriptors(credential_ids: Sequence[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(name)) for name in credential_ids]
