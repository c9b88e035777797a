"""A device: the client half of the device-secret scheme (docs/sign-in.md), in Python.

Written from the design alone and without a line of the backend, so that the two check each other.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import aiohttp
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.watch.known import KNOWN

PASSWORD = "correct pony battery moon"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the server."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return cast("dict[str, Any]", json.loads(self.body))

    @property
    def response(self) -> dict[str, Any]:
        assert self.status == 200, f"{self.status}: {self.body[:300]!r}"
        return cast("dict[str, Any]", self.json["response"])

    @property
    def code(self) -> str:
        """The code of the first error, or "" when there is none."""
        errors = self.json.get("errors") if self.body else None
        return str(errors[0]["code"]) if errors else ""


class RefusedError(Exception):
    """The server said no."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.status} {reply.code}")
        self.reply = reply
        self.code = reply.code


@dataclass
class Keys:
    """What is left of a device secret."""

    kid: str
    proof: dict[str, bytes]
    seal: bytes


@dataclass
class Device:
    """A device and what it was given. Requests go to `base_url`, proofs name `origin`."""

    http: aiohttp.ClientSession
    base_url: str
    origin: str = ""
    now: Callable[[], float] = time.time
    name: str = "Test device"
    platform: str = "python"
    keys: Keys | None = None
    preauth: str = ""
    nonce: str = ""
    cookie: str = ""
    """`name=value` of the refresh cookie."""
    access: dict[str, str] = field(default_factory=dict[str, str])
    session: str = ""
    device_id: str = ""
    user: dict[str, str] = field(default_factory=dict[str, str])
    skew: float = 0.0

    def __post_init__(self) -> None:
        self.origin = self.origin or self.base_url

    async def begin(self, kind: str) -> None:
        """Send a fresh device secret, derive the keys from it and forget it."""
        secret = secrets.token_bytes(32)
        reply = await self.post_secret(kind, secret)
        if reply.status != 200:
            raise RefusedError(reply)
        begun = reply.response
        self.keys = derive(secret, unb64(begun["salt"]))
        assert self.keys.kid == begun["kid"], "the two sides derived different keys"
        self.preauth, self.nonce = begun["preauth"], begun["nonce"]
        self.skew = begun["server_time"] - self.now()

    async def post_secret(self, kind: str, secret: bytes) -> Reply:
        """The first request of every flow."""
        body = {
            "kind": kind,
            "device_secret": b64(secret),
            "device_name": self.name,
            "device_platform": self.platform,
        }
        return await self.send("POST", "/auth/v1/preauth", body)

    async def register(self, username: str, password: str = PASSWORD, **more: Any) -> None:
        """Begin, register and keep what came back. Raises RefusedError."""
        await self.begin("register")
        form = {
            "username": username,
            "password": password,
            "age_answer": "18_plus",
            "terms": True,
            **more,
        }
        await self.finish("register", form)

    async def sign_in(self, identifier: str, password: str = PASSWORD) -> None:
        """Begin, sign in and keep what came back. Raises RefusedError."""
        await self.begin("login")
        await self.finish("password", {"identifier": identifier, "password": password})

    async def finish(self, step: str, form: Mapping[str, Any]) -> None:
        """A step of the beginning that ends in a session."""
        await self._tokens(f"/auth/v1/preauth/{self.preauth}/{step}", form)

    async def refresh(self) -> None:
        """New tokens and a new cookie. Raises RefusedError."""
        await self._tokens("/auth/v1/token", {}, cookie=True)

    async def call(
        self, audience: str, method: str, path: str, body: Any = None, *, query: str = ""
    ) -> Reply:
        """A request to a service as the signed-in member."""
        return await self.prove(
            audience, method, path, body, query=query, token=self.access[audience]
        )

    async def ticket(self, audience: str, bind: str | None = None) -> str:
        """A ticket for a socket. Raises RefusedError."""
        asked = {"aud": audience} | ({"bind": bind} if bind else {})
        jti = new_jti()
        path = "/auth/v1/tickets"
        reply = await self.prove("auth", "POST", path, asked, token=self.access["auth"], jti=jti)
        if reply.status != 200:
            raise RefusedError(reply)
        return str(self.open(reply.response["sealed"], jti)["ticket"])

    def socket_proof(self, audience: str, path: str, ticket: str, cn: str | None = None) -> str:
        """The proof that goes with a ticket in the first frame of a socket."""
        return self.proof(audience, "WS", path, presented=ticket, cn=cn)

    async def sign_out(self) -> Reply:
        """End the session and forget everything, as a browser does."""
        reply = await self.prove("auth", "POST", "/auth/v1/logout", {}, cookie=True)
        self.keys, self.cookie, self.access = None, "", {}
        return reply

    async def prove(  # noqa: PLR0913 - everything a request can be made of
        self,
        audience: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: str = "",
        token: str | None = None,
        cookie: bool = False,
        jti: str | None = None,
    ) -> Reply:
        """A request with a proof. Asked for a fresh nonce, it tries once more with it."""
        KNOWN.add_body(body)
        raw = b"" if body is None else json.dumps(body).encode()
        for _ in range(2):
            proof = self.proof(
                audience, method, path, query=query.encode(), body=raw, presented=token, jti=jti
            )
            headers = {"Sosa-Proof": proof}
            if token:
                headers["Authorization"] = f"SoSa {token}"
            if cookie:
                headers["Cookie"] = self.cookie
            url = f"{path}?{query}" if query else path
            reply = await self.send(method, url, raw, headers)
            self.nonce = reply.headers.get("Sosa-Nonce", self.nonce)
            if reply.status != 401 or reply.code != "use_nonce":
                break
        return reply  # pyright: ignore[reportPossiblyUnboundVariable] - the loop runs

    def proof(  # noqa: PLR0913 - everything a proof can speak of
        self,
        audience: str,
        method: str,
        path: str,
        *,
        query: bytes = b"",
        body: bytes = b"",
        presented: str | None = None,
        cn: str | None = None,
        jti: str | None = None,
        **changed: Any,
    ) -> str:
        """A proof JWT; `changed` replaces claims, and drops those that it says are None."""
        claims = {
            "aud": audience,
            "htm": method,
            "htu": self.origin + path,
            "qh": hashed(query) if query else None,
            "bh": hashed(body) if body else None,
            "ath": hashed(presented.encode()) if presented else None,
            "iat": int(self.now() + self.skew),
            "jti": jti or new_jti(),
            "nonce": self.nonce if audience == "auth" else None,
            "cn": cn,
            **changed,
        }
        assert self.keys, "this device has no keys"
        kept = {name: value for name, value in claims.items() if value is not None}
        made = sign(kept, self.keys.proof[audience], self.keys.kid)
        KNOWN.add_token("proof", made)
        return made

    def open(self, sealed: str, jti: str) -> dict[str, Any]:
        """What was sealed for this device as the answer to the request `jti`."""
        assert self.keys, "this device has no keys"
        payload = open_seal(sealed, self.keys.seal, self.keys.kid)
        assert payload["rjti"] == jti, "the answer to another request"
        KNOWN.add_answer(payload)
        return payload

    async def send(
        self,
        method: str,
        path: str,
        body: bytes | Mapping[str, Any] = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """A request as it is, without a proof."""
        KNOWN.add_body(body)
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        media = {"Content-Type": "application/json"} if raw else {}
        async with self.http.request(
            method, self.base_url + path, data=raw or None, headers={**media, **(headers or {})}
        ) as response:
            KNOWN.add_cookies(response.headers.getall("Set-Cookie", ()))
            return Reply(response.status, response.headers, await response.read())

    async def _tokens(self, path: str, body: Mapping[str, Any], *, cookie: bool = False) -> None:
        jti = new_jti()
        reply = await self.prove("auth", "POST", path, body, cookie=cookie, jti=jti)
        if reply.status != 200:
            raise RefusedError(reply)
        opened = self.open(reply.response["sealed"], jti)
        self.cookie = reply.headers["Set-Cookie"].partition(";")[0]
        self.access, self.nonce = opened["access"], opened["nonce"]
        self.session, self.device_id = opened["session"], opened["device_id"]
        self.user = opened["user"]


def derive(secret: bytes, salt: bytes) -> Keys:
    """The key schedule (docs/sign-in.md 2)."""

    def leaf(label: str) -> bytes:
        hkdf = HKDF(algorithm=SHA256(), length=32, salt=salt, info=f"sosa/1 {label}".encode())
        return hkdf.derive(secret)

    audiences = ("auth", "ui", "profiles", "messaging", "community")
    proof = {audience: leaf(f"c2s proof {audience}") for audience in audiences}
    for kind, key in {"device secret": secret, "seal key": leaf("s2c seal")}.items():
        KNOWN.add(kind, key)
    for key in proof.values():
        KNOWN.add("proof key", key)
    return Keys(kid=b64(leaf("kid")[:16]), proof=proof, seal=leaf("s2c seal"))


def sign(
    claims: Mapping[str, Any], key: bytes, kid: str, header: Mapping[str, Any] | None = None
) -> str:
    """A compact JWS with HS256, whatever its header says."""
    head = header or {"typ": "sosa-proof+jwt", "alg": "HS256", "kid": kid}
    text = f"{b64(json.dumps(head).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{text}.{b64(hmac.digest(key, text.encode(), 'sha256'))}"


def open_seal(sealed: str, key: bytes, kid: str) -> dict[str, Any]:
    """The payload of a compact JWE with dir and A256GCM."""
    header, encrypted_key, iv, ciphertext, tag = sealed.split(".")
    assert json.loads(unb64(header)) == {
        "alg": "dir",
        "enc": "A256GCM",
        "typ": "sosa-seal+jwt",
        "kid": kid,
    }
    assert not encrypted_key
    plain = AESGCM(key).decrypt(unb64(iv), unb64(ciphertext) + unb64(tag), header.encode())
    return cast("dict[str, Any]", json.loads(plain))


def hashed(data: bytes) -> str:
    return b64(hashlib.sha256(data).digest())


def new_jti() -> str:
    return secrets.token_urlsafe(18)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
