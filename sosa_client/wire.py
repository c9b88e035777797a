"""Requests with a proof, and what comes back (docs/sign-in.md 1 and 3)."""

import json
import ssl
import time
from dataclasses import dataclass, field
from typing import Any, cast

import aiohttp
from yarl import URL

from sosa_client.errors import OfflineError, ProtocolError, RefusedError
from sosa_client.keys import Claim, Keys, new_id, open_sealed, prove

TIMEOUT = aiohttp.ClientTimeout(total=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request."""

    audience: str
    method: str
    path: str
    body: object = None
    query: str = ""
    token: str = field(default="", repr=False)
    cookie: str = field(default="", repr=False)


class Wire:
    """The way to one house. Knows its clock and its nonce, and nobody's name."""

    def __init__(self, url: str, trust: ssl.SSLContext | None = None) -> None:
        self.url = url.rstrip("/")
        self.trust = (trust or True) if self.url.startswith("https:") else None
        """What TLS has to check: True is whatever this machine checks. None where there is none."""
        self.keys: Keys | None = None
        self.cookie = ""
        """`name=value` of the last cookie that came."""
        self._nonce = ""
        self._ahead = 0.0
        self._http = aiohttp.ClientSession(
            timeout=TIMEOUT,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=True,
            connector=aiohttp.TCPConnector(ssl=self.trust or True),
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()

    def set_time(self, server_time: float) -> None:
        """What the house says the time is; proofs are dated by its clock."""
        self._ahead = server_time - time.time()

    def now(self) -> float:
        """The time by the house's clock, in Unix seconds."""
        return time.time() + self._ahead

    def set_nonce(self, nonce: str) -> None:
        """The nonce of the next proof to auth."""
        self._nonce = nonce or self._nonce

    def socket_proof(self, path: str, ticket: str, challenge: str) -> str:
        """The proof that goes with a ticket on a socket."""
        claim = Claim(
            audience="messaging",
            method="WS",
            url=self.url + path,
            presented=ticket,
            challenge=challenge,
        )
        return self._prove(claim, new_id())

    async def post(self, path: str, body: object) -> dict[str, Any]:
        """A request without a proof: the first of a way in."""
        return await self._send("POST", path, "", json.dumps(body).encode(), {})

    async def ask(self, ask: Ask) -> dict[str, Any]:
        """A request with a proof; a sealed answer comes opened. Raises RefusedError.

        What the house says the proof lacked, its nonce or its time, is mended once each.
        """
        mendable = {"use_nonce", "stale_proof"}
        while True:
            try:
                return await self._ask_once(ask)
            except RefusedError as error:
                if error.code not in mendable:
                    raise
                mendable.remove(error.code)

    async def _ask_once(self, ask: Ask) -> dict[str, Any]:
        body = b"" if ask.body is None else json.dumps(ask.body).encode()
        claim = Claim(
            audience=ask.audience,
            method=ask.method,
            url=self.url + ask.path,
            query=ask.query,
            body=body,
            presented=ask.token,
            nonce=self._nonce if ask.audience == "auth" else "",
        )
        jti = new_id()
        headers = {"Sosa-Proof": self._prove(claim, jti)}
        if ask.token:
            headers["Authorization"] = f"SoSa {ask.token}"
        if ask.cookie:
            headers["Cookie"] = ask.cookie
        answer = await self._send(ask.method, ask.path, ask.query, body, headers)
        if "sealed" not in answer or self.keys is None:
            return answer
        opened = open_sealed(self.keys, answer["sealed"], jti=jti)
        if opened["iss"] != self.url:
            raise ProtocolError("An answer came from another house.")
        return opened

    def _prove(self, claim: Claim, jti: str) -> str:
        if self.keys is None:
            raise ProtocolError("There are no keys to prove anything with.")
        return prove(self.keys, claim, now=self.now(), jti=jti)

    async def _send(
        self, method: str, path: str, query: str, body: bytes, headers: dict[str, str]
    ) -> dict[str, Any]:
        media = {"Content-Type": "application/json"} if body else {}
        # Encoded already: the proof speaks of the very characters that are sent.
        url = URL(self.url + path + (f"?{query}" if query else ""), encoded=True)
        try:
            async with self._http.request(
                method, url, data=body or None, headers={**media, **headers}, allow_redirects=False
            ) as response:
                return self._read(response, await response.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise OfflineError(f"{self.url} does not answer.") from error

    def _read(self, response: aiohttp.ClientResponse, body: bytes) -> dict[str, Any]:
        self.set_nonce(response.headers.get("Sosa-Nonce", ""))
        for morsel in response.cookies.values():
            if morsel.key.endswith("sosa_rt"):
                self.cookie = f"{morsel.key}={morsel.value}"
        if response.status == 204:  # noqa: PLR2004 - done, and nothing to say
            return {}
        try:
            envelope = cast("dict[str, Any]", json.loads(body))
        except ValueError:
            # A proxy speaks, and the house behind it does not.
            raise OfflineError(f"{self.url} answered {response.status}.") from None
        if response.status >= 400:  # noqa: PLR2004 - where refusals begin
            raise self._refusal(response, envelope)
        return cast("dict[str, Any]", envelope["response"])

    def _refusal(self, response: aiohttp.ClientResponse, envelope: dict[str, Any]) -> RefusedError:
        errors: list[dict[str, Any]] = envelope.get("errors") or [{}]
        first = errors[0]
        data: dict[str, Any] = first.get("data") or {}
        if "server_time" in data:
            self.set_time(data["server_time"])
        wait = data.get("retry_after_seconds") or response.headers.get("Retry-After") or 0
        return RefusedError(
            response.status,
            first.get("code", "unknown"),
            first.get("message", "No."),
            first.get("field") or "",
            float(wait),
        )
