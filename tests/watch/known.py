"""The secrets that the tests know, in every form in which one might be written down by mistake.

Clients of the tests say what they made or were given, in the one place where each of them passes:
`tests.device`, the mail catcher, the browsers. At the end everything that was written is searched.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

WINDOW = 12
"""Bytes by which a secret is recognised. What is shorter is looked for as a whole word."""
MIN_LETTERS = 5
"""Different ones: what is poorer (`aaaaaaaaaaaa`) may be anywhere, and is no secret."""
_WORD = re.compile(rb"(?<![\w-])[0-9A-Za-z]{6,11}(?![\w-])")
_ADDRESS = re.compile(rb"[\w.+-]+@[\w-]+(?:\.[\w-]+)*")
_TOKEN = re.compile(rb"eyJ[\w-]{10,}\.[\w-]*\.[\w-]*")
_CODE = re.compile(r"(?=.*[A-Z])[0-9A-Z]{6,11}")
_BASE64URL = re.compile(r"[\w-]{22,}")
_BASE32 = re.compile(r"[A-Z2-7]{16,}")

ASKED = {
    "code": "code", "credential": "passkey's answer", "current": "password", "device_secret":
    "device secret", "email": "address", "identifier": "address", "link_token": "link token",
    "password": "password", "pin": "code", "proof": "proof", "secret": "secret", "ticket": "ticket",
    "value": "factor",
}  # fmt: skip
"""Fields of requests that hold a secret, and what it is."""
GIVEN = {"access": "access token", "codes": "recovery code", "link_token": "link token", "secret":
         "secret", "ticket": "ticket"}  # fmt: skip
"""Fields of sealed answers that do."""


@dataclass
class Known:
    """Secrets by their beginnings. Nothing here ever shows one: only what kind it is."""

    windows: dict[bytes, str] = field(default_factory=dict[bytes, str], repr=False)
    words: dict[bytes, str] = field(default_factory=dict[bytes, str], repr=False)
    addresses: set[bytes] = field(default_factory=set[bytes], repr=False)

    def __len__(self) -> int:
        return len(self.windows) + len(self.words) + len(self.addresses)

    def add(self, kind: str, secret: str | bytes) -> None:
        """Look for a secret from now on."""
        if isinstance(secret, str) and _CODE.fullmatch(secret):
            self.words[secret.encode()] = kind
        for form in _forms(secret):
            if len(form) >= WINDOW and len(set(form)) >= MIN_LETTERS:
                self.windows[form[:WINDOW]] = kind

    def add_address(self, address: str) -> None:
        """Look for an e-mail address, however it is written."""
        self.addresses.add(address.strip().lower().encode())

    def add_token(self, kind: str, token: str) -> None:
        """Look for a signed token by its signature: what is before it, many have in common."""
        self.add(kind, token.rpartition(".")[2])

    def add_body(self, body: object) -> None:
        """Look for whatever of a request is secret."""
        for name, value in _items(body):
            kind = ASKED.get(name)
            if kind is None or not isinstance(value, str):
                continue
            if kind == "address":
                if "@" in value:
                    self.add_address(value)
            elif kind in {"proof", "ticket"}:
                self.add_token(kind, value)
            else:
                self.add(kind, value)

    def add_answer(self, payload: Mapping[str, Any]) -> None:
        """Look for whatever of a sealed answer is secret."""
        for name, kind in GIVEN.items():
            for value in _texts(payload.get(name)):
                if kind in {"access token", "ticket"}:
                    self.add_token(kind, value)
                else:
                    self.add(kind, value)

    def add_cookies(self, lines: Iterable[str]) -> None:
        """Look for the cookies that are set by header lines."""
        for line in lines:
            self.add("cookie", line.partition(";")[0].partition("=")[2])

    def find(self, data: bytes) -> Iterator[str]:
        """The kinds of what is in there."""
        windows, words = self.windows, self.words
        seen = {windows[data[i : i + WINDOW]] for i in range(len(data) - WINDOW + 1)
                if data[i : i + WINDOW] in windows}  # fmt: skip
        seen |= {words[match] for match in _WORD.findall(data) if match in words}
        if any(match.lower() in self.addresses for match in _ADDRESS.findall(data)):
            seen.add("address")
        if _TOKEN.search(data):
            seen.add("token of some kind")
        yield from sorted(seen)


def _forms(secret: str | bytes) -> Iterator[bytes]:
    raw = secret.encode() if isinstance(secret, str) else secret
    yield from _encoded(raw)
    if isinstance(secret, str):
        yield secret.replace(" ", "+").encode()
        yield secret.replace(" ", "%20").encode()
        if decoded := _decoded(secret):
            yield from _encoded(decoded)


def _encoded(raw: bytes) -> Iterator[bytes]:
    yield raw
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    # Base64 of something that holds the secret has it in one of three ways, by where it stands.
    # Characters that a neighbour has bits in are left out.
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw)
        whole = text[-(-8 * before // 6) : 8 * (before + len(raw)) // 6]
        yield whole
        yield whole.replace(b"+", b"-").replace(b"/", b"_")


def _decoded(text: str) -> bytes:
    try:
        if _BASE32.fullmatch(text):
            return base64.b32decode(text + "=" * (-len(text) % 8))
        if _BASE64URL.fullmatch(text):
            return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        pass
    return b""


def _items(body: Any) -> Iterator[tuple[str, Any]]:
    yield from body.items() if isinstance(body, Mapping) else ()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (str(item) for _, item in _items(value))
    elif isinstance(value, list | tuple):
        yield from (str(item) for item in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


KNOWN = Known()
"""What this run of the tests knows."""
