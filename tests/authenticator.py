"""A passkey in software: the authenticator and the browser of WebAuthn level 3, in Python.

Written from the standard and without a line of the backend. What it says can be bent for attacks.
"""

import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from tests.device import b64, unb64

PRESENT, VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


@dataclass
class Authenticator:
    """One credential, for one site and one account."""

    origin: str
    """The page that the browser says it is on."""
    party: str
    """The relying party id that it hashes."""
    flags: int = PRESENT | VERIFIED
    count: int = 0
    """What the counter says next; 0 stays 0, as of passkeys that are synchronised."""
    user_handle: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def create(self, options: str, **client_data: Any) -> str:
        """What `navigator.credentials.create` would bring, as JSON."""
        asked = json.loads(options)
        self.user_handle = unb64(asked["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = {
            1: 2, 3: -7, -1: 1,
            -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big"),
        }  # fmt: skip
        attested = (
            b"\x07" * 16
            + struct.pack(">H", len(self.credential_id))
            + self.credential_id
            + cbor2.dumps(cose)
        )
        said = self._data(self.flags | ATTESTED) + attested
        response = {
            "clientDataJSON": b64(self._client("webauthn.create", asked, client_data)),
            "attestationObject": b64(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": said})),
            "transports": ["internal"],
        }
        return self._credential(response)

    def get(self, options: str, **client_data: Any) -> str:
        """What `navigator.credentials.get` would bring, as JSON."""
        if self.count:
            self.count += 1
        client = self._client("webauthn.get", json.loads(options), client_data)
        said = self._data(self.flags)
        signature = self.key.sign(said + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": b64(client),
            "authenticatorData": b64(said),
            "signature": b64(signature),
            "userHandle": b64(self.user_handle),
        }
        return self._credential(response)

    def _data(self, flags: int) -> bytes:
        party = hashlib.sha256(self.party.encode()).digest()
        return party + struct.pack(">BI", flags, self.count)

    def _client(self, kind: str, asked: dict[str, Any], bent: dict[str, Any]) -> bytes:
        data = {
            "type": kind,
            "challenge": asked["challenge"],
            "origin": self.origin,
            "crossOrigin": False,
            **bent,
        }
        return json.dumps(data).encode()

    def _credential(self, response: dict[str, Any]) -> str:
        name = b64(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
