"""Keys for AWS that a container asks for, since those that it had an hour ago end soon."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.client import HTTPConnection
from urllib.parse import urlsplit

from backend.kit.lambdas.sigv4 import Signer
from backend.kit.settings import AwsAccess

EARLY = timedelta(minutes=5)
"""How long before they end keys are asked for anew."""
ASKING_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class _Issued:
    access: AwsAccess
    until: datetime


class IssuedSigner:
    """Signs with whatever keys the task's role has at the time. May be used by several threads."""

    def __init__(self, access: AwsAccess, service: str) -> None:
        self.access = access
        self._service = service
        self._lock = threading.Lock()
        self._issued: _Issued | None = None

    def headers(
        self, method: str, url: str, body: bytes, given: Mapping[str, str], at: datetime
    ) -> dict[str, str]:
        """The headers of a request. Raises OSError when there are no keys to be had."""
        return self._signer(at).headers(method, url, body, given, at)

    def presign(
        self,
        method: str,
        url: str,
        seconds: int,
        at: datetime,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """The address with a signature in it. Raises OSError when there are no keys to be had."""
        return self._signer(at).presign(method, url, seconds, at, headers)

    def _signer(self, at: datetime) -> Signer:
        with self._lock:
            if self._issued is None or at > self._issued.until - EARLY:
                self._issued = self._ask()
            return Signer(self._issued.access, self._service)

    def _ask(self) -> _Issued:
        # The address is AWS's own, and plain: it is inside of the machine.
        parts = urlsplit(self.access.issuer)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=ASKING_SECONDS)
        try:
            connection.request("GET", parts.path)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status != HTTPStatus.OK:
            raise ConnectionError(f"keys of the task: {answer.status}")
        said: dict[str, str] = json.loads(body)
        access = replace(
            self.access,
            access_key=said["AccessKeyId"],
            secret_key=said["SecretAccessKey"],
            session_token=said["Token"],
        )
        return _Issued(access, datetime.fromisoformat(said["Expiration"]).astimezone(UTC))


def signer_of(access: AwsAccess, service: str) -> Signer | IssuedSigner:
    """Who signs requests to a service of AWS, by how this process has its keys."""
    return IssuedSigner(access, service) if access.issuer else Signer(access, service)
