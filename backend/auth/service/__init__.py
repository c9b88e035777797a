"""The auth service: the rules behind the contract."""

from backend.auth.service.auth_service import AuthService
from backend.kit.parts import Parts


def build(parts: Parts) -> AuthService:
    """The service, made of its parts."""
    return AuthService(parts)


__all__ = ["AuthService", "build"]
