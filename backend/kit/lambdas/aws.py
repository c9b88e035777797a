"""Signed requests to AWS, in threads: the standard library's client waits where it stands."""

import asyncio
import http.client
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from urllib.parse import urlsplit

from backend.kit.http import context
from backend.kit.lambdas.issued import IssuedSigner
from backend.kit.lambdas.sigv4 import Signer

AT_ONCE = 16
"""Requests that are under way at the same time. A room's event is one request for each socket."""


class Aws:
    """One service of AWS at one address. Connections are kept for the next request."""

    def __init__(self, signer: Signer | IssuedSigner, base_url: str) -> None:
        self._signer = signer
        self._base = base_url.rstrip("/")
        self._threads = ThreadPoolExecutor(AT_ONCE, "sosa-aws")
        self._idle: deque[http.client.HTTPConnection] = deque()

    async def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (lower case) and body. `path` is encoded. Raises OSError."""
        loop = asyncio.get_running_loop()
        seconds = context.seconds_left()
        return await loop.run_in_executor(
            self._threads, self._ask, method, path, body, headers or {}, seconds
        )

    def _ask(
        self, method: str, path: str, body: bytes, headers: dict[str, str], seconds: float
    ) -> tuple[int, dict[str, str], bytes]:
        while True:
            kept = self._take()
            connection = kept or self._connect(seconds)
            try:
                answer = self._once(connection, method, path, body, headers, seconds)
            except (ConnectionError, http.client.HTTPException) as error:
                connection.close()
                # The other side has closed it, while we were frozen perhaps. A push that comes
                # twice is dropped by its seq, and what we invoke may be repeated.
                if kept is None:
                    raise ConnectionError(type(error).__name__) from error
            except OSError:
                connection.close()
                raise
            else:
                self._idle.append(connection)
                return answer

    def close(self) -> None:
        """Give the connections back."""
        self._threads.shutdown()
        while connection := self._take():
            connection.close()

    def _take(self) -> http.client.HTTPConnection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _once(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: bytes,
        headers: dict[str, str],
        seconds: float,
    ) -> tuple[int, dict[str, str], bytes]:
        url = f"{self._base}{path}"
        signed = self._signer.headers(method, url, body, headers, datetime.now(UTC))
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        if connection.sock is not None:
            connection.sock.settimeout(seconds)
        connection.request(method, target, body, signed)
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, {n.lower(): v for n, v in answer.getheaders()}, content

    def _connect(self, seconds: float) -> http.client.HTTPConnection:
        parts = urlsplit(self._signer.access.endpoint or self._base)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        return kind(parts.hostname or "", parts.port, timeout=seconds)
