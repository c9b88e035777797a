"""AWS Signature Version 4, with nothing but the standard library: an SDK costs half a second."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from backend.kit.settings import AwsAccess

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs requests to one service of AWS."""

    access: AwsAccess
    service: str

    def headers(
        self, method: str, url: str, body: bytes, given: Mapping[str, str], at: datetime
    ) -> dict[str, str]:
        """The headers of a request, signature included. `given` are signed along with it."""
        time = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        headers = {**given, "Host": urlsplit(url).netloc, "X-Amz-Date": time}
        if self.access.session_token:
            headers["X-Amz-Security-Token"] = self.access.session_token
        canonical, signed = _canonical(method, url, headers, hashlib.sha256(body).hexdigest())
        scope = f"{time[:8]}/{self.access.region}/{self.service}/aws4_request"
        to_sign = "\n".join((ALGORITHM, time, scope, hashlib.sha256(canonical).hexdigest()))
        signature = hmac.new(self._key(time[:8]), to_sign.encode(), "sha256").hexdigest()
        credential = f"Credential={self.access.access_key}/{scope}"
        authorization = f"{ALGORITHM} {credential}, SignedHeaders={signed}, Signature={signature}"
        return {**headers, "Authorization": authorization}

    def presign(
        self,
        method: str,
        url: str,
        seconds: int,
        at: datetime,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """The address with a signature in its query, good for so long, for whoever has it.

        `headers` are signed along: a request must carry them as they are. The body is not signed.
        """
        time = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{time[:8]}/{self.access.region}/{self.service}/aws4_request"
        signed_headers = {**(headers or {}), "Host": urlsplit(url).netloc}
        query = {
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": f"{self.access.access_key}/{scope}",
            "X-Amz-Date": time,
            "X-Amz-Expires": str(seconds),
            "X-Amz-SignedHeaders": ";".join(sorted(name.lower() for name in signed_headers)),
        }
        if self.access.session_token:
            query["X-Amz-Security-Token"] = self.access.session_token
        asking = f"{url}{'&' if '?' in url else '?'}{urlencode(query, quote_via=quote)}"
        canonical, _ = _canonical(method, asking, signed_headers, UNSIGNED)
        to_sign = "\n".join((ALGORITHM, time, scope, hashlib.sha256(canonical).hexdigest()))
        signature = hmac.new(self._key(time[:8]), to_sign.encode(), "sha256").hexdigest()
        return f"{asking}&X-Amz-Signature={signature}"

    def _key(self, day: str) -> bytes:
        key = f"AWS4{self.access.secret_key}".encode()
        for part in (day, self.access.region, self.service, "aws4_request"):
            key = hmac.new(key, part.encode(), "sha256").digest()
        return key


def _canonical(method: str, url: str, headers: Mapping[str, str], hashed: str) -> tuple[bytes, str]:
    parts = urlsplit(url)
    # The path of the URL is encoded once; every service but S3 signs it encoded once more.
    path = quote(parts.path or "/", safe="/-_.~")
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    )
    query = "&".join(f"{name}={value}" for name, value in pairs)
    lines = sorted((name.lower(), " ".join(value.split())) for name, value in headers.items())
    signed = ";".join(name for name, _ in lines)
    listed = "".join(f"{name}:{value}\n" for name, value in lines)
    return f"{method}\n{path}\n{query}\n{listed}\n{signed}\n{hashed}".encode(), signed
