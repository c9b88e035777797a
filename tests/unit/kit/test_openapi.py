"""What the description of a service says of bodies and answers is what the service does."""

from typing import Any, Protocol

import pytest

from backend.auth.api import bodies
from backend.auth.contract import Auth
from backend.kit.callers import Service, Visitor
from backend.kit.http.openapi import openapi
from backend.kit.op import op
from backend.kit.values import Nothing, Request

ORIGIN = "http://savanna.test"


class Ring(Request):
    loudness: int = 3


class Answer(Request):
    name: str
    words: str


class Bells(Protocol):
    @op("POST", "/b/v1/bells")
    async def ring(self, caller: Visitor, request: Ring) -> Nothing: ...

    @op("PUT", "/b/v1/bells/{name}")
    async def answer(self, caller: Visitor, request: Answer) -> Nothing: ...

    @op("POST", "/internal/b/v1/bells", allow=("ui",))
    async def muffle(self, caller: Service, request: Ring) -> Nothing: ...


def described(*, is_internal: bool = False) -> dict[str, Any]:
    return openapi("bells", Bells, ORIGIN, is_internal=is_internal)["paths"]


def test_a_body_of_which_nothing_is_required_may_be_left_out():
    paths = described()
    assert not paths["/b/v1/bells"]["post"]["requestBody"]["required"]
    assert paths["/b/v1/bells/{name}"]["put"]["requestBody"]["required"]


def test_what_services_ask_each_other_is_described_apart():
    assert set(described()) == {"/b/v1/bells", "/b/v1/bells/{name}"}
    assert set(described(is_internal=True)) == {"/internal/b/v1/bells"}


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/auth/v1/preauth/{preauth_id}/reset", "post", "202"),
        ("/auth/v1/logout", "post", "204"),
        ("/auth/v1/token", "post", "200"),
    ],
)
def test_an_answer_is_described_with_its_status(path: str, method: str, status: str):
    offered = bodies(None, None)  # pyright: ignore[reportArgumentType] - it looks at neither
    document = openapi("auth", Auth, ORIGIN, offered)
    assert set(document["paths"][path][method]["responses"]) == {status, "default"}
