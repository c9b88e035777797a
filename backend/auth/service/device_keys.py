"""What is kept of a device: its derived keys, sealed."""

import json
from dataclasses import dataclass, field

from backend.kit.keyring import Keyring
from backend.kit.tokens import base64url
from backend.kit.tokens.proofs import DeviceKey
from backend.kit.tokens.schedule import Leaves


@dataclass(frozen=True, slots=True)
class DeviceKeys:
    """The keys of one device, opened."""

    kid: str
    proof_keys: dict[str, bytes] = field(repr=False)
    seal_key: bytes = field(repr=False)

    @classmethod
    def of(cls, leaves: Leaves) -> "DeviceKeys":
        """Those of the leaves that the server goes on to need."""
        return cls(leaves.kid, dict(leaves.proof_keys), leaves.seal_key)

    def for_audience(self, audience: str) -> DeviceKey:
        """The key of the proofs for one service."""
        return DeviceKey(self.kid, self.proof_keys[audience])

    def seal(self, keyring: Keyring, table: str, row_id: str) -> str:
        """The value of the column `leaves` of a row; it opens in that row only."""
        texts = {name: base64url.encode(key) for name, key in self.proof_keys.items()}
        plain = json.dumps({"proof": texts, "seal": base64url.encode(self.seal_key)})
        return keyring.seal(table, "leaves", row_id, plain.encode())


def open_keys(keyring: Keyring, table: str, row_id: str, kid: str, sealed: str) -> DeviceKeys:
    """The keys in the column `leaves` of a row."""
    plain = json.loads(keyring.open_sealed(table, "leaves", row_id, sealed))
    keys = {name: base64url.decode(text) for name, text in plain["proof"].items()}
    return DeviceKeys(kid, keys, base64url.decode(plain["seal"]))
