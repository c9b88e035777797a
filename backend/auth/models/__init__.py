"""The tables of auth. Ids are UUID version 7 as text; times are UTC.

No column holds a secret as it is: device keys, password hashes and signing keys are sealed under
the key ring, tokens are hashed, device secrets and e-mail addresses are keyed hashes.
"""

from backend.auth.models.accounts import (
    Password,
    PendingEmail,
    ProviderUser,
    User,
    UserEmail,
    UserRole,
)
from backend.auth.models.beginnings import Preauth, SeenSecret
from backend.auth.models.factors import Passkey, RecoveryCode, Totp
from backend.auth.models.records import (
    Bot,
    HouseCode,
    Letter,
    PrivacyJob,
    PrivacyPart,
    SecurityEvent,
)
from backend.auth.models.sessions import Device, Refresh, Session
from backend.auth.models.signing import SigningKey

__all__ = [
    "Bot",
    "Device",
    "HouseCode",
    "Letter",
    "Passkey",
    "Password",
    "PendingEmail",
    "Preauth",
    "PrivacyJob",
    "PrivacyPart",
    "ProviderUser",
    "RecoveryCode",
    "Refresh",
    "SecurityEvent",
    "SeenSecret",
    "Session",
    "SigningKey",
    "Totp",
    "User",
    "UserEmail",
    "UserRole",
]
