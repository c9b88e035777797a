"""An authorisation server of Authlib's, for Starlette: clients, codes, and the two endpoints."""

# The stubs of Authlib are narrower than Authlib: they know neither its own integrations' answers
# nor requests whose form is not the body.
# pyright: reportIncompatibleMethodOverride=false, reportArgumentType=false
# pyright: reportUnknownMemberType=false, reportOptionalMemberAccess=false

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import (
    AuthorizationCodeMixin,
    AuthorizationServer,
    ClientMixin,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge
from starlette.requests import Request
from starlette.responses import Response

CLIENT_ID = "sosa"
CLIENT_SECRET = "pretended-secret"  # noqa: S105 - of servers that let in anyone as anyone


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whoever says to be somebody. The same name is the same person."""

    name: str

    @property
    def subject(self) -> str:
        """What they are known by."""
        return hashlib.sha256(self.name.casefold().encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Client(ClientMixin):
    """The house that sends people here."""

    redirect_uri: str
    auth_method: str
    client_id: str = CLIENT_ID

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_allowed_scope(self, scope: str | None) -> str:
        # imgur is asked for none.
        return scope or ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        return secrets.compare_digest(client_secret, CLIENT_SECRET)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return endpoint == "token" and method == self.auth_method

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass(frozen=True)
class Code(AuthorizationCodeMixin):
    """A code that was given out."""

    code: str
    redirect_uri: str
    visitor: Visitor
    nonce: str
    code_challenge: str | None
    code_challenge_method: str | None
    wants_auth_time: bool
    """Whether it was asked when they signed in (OpenID Connect Core 3.1.2.1, 5.5.1)."""

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return ""


@dataclass
class Issued:
    """What was given out and is still good: codes once, tokens for as long as the server runs."""

    codes: dict[str, Code] = field(default_factory=dict[str, Code])
    tokens: dict[str, Visitor] = field(default_factory=dict[str, Visitor])


class Server(AuthorizationServer):
    """Authlib's server with requests and answers of Starlette's."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self.client = client
        self.issued = Issued()
        self.register_grant(_Grant, [CodeChallenge()])
        self.register_token_generator("default", _bearer)

    def query_client(self, client_id: str) -> Client | None:
        return self.client if client_id == self.client.client_id else None

    def save_token(self, token: Mapping[str, Any], request: OAuth2Request) -> None:
        self.issued.tokens[token["access_token"]] = cast("Visitor", request.user)

    def create_oauth2_request(self, request: object) -> OAuth2Request:
        return cast("OAuth2Request", request)

    def handle_response(
        self, status: int, body: object, headers: list[tuple[str, str]]
    ) -> Response:
        content = body if isinstance(body, str) else json.dumps(body)
        return Response(content, status, dict(headers))

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""


class _Grant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")
    server: Server

    def save_authorization_code(self, code: str, request: OAuth2Request) -> Code:
        asked = request.payload.data
        self.server.issued.codes[code] = kept = Code(
            code=code,
            redirect_uri=asked["redirect_uri"],
            visitor=cast("Visitor", request.user),
            nonce=asked.get("nonce", ""),
            code_challenge=asked.get("code_challenge"),
            code_challenge_method=asked.get("code_challenge_method"),
            wants_auth_time="max_age" in asked or "auth_time" in asked.get("claims", ""),
        )
        return kept

    def query_authorization_code(self, code: str, client: Client) -> Code | None:  # noqa: ARG002
        return self.server.issued.codes.get(code)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        del self.server.issued.codes[authorization_code.code]

    def authenticate_user(self, authorization_code: Code) -> Visitor:
        return authorization_code.visitor


class Asked(OAuth2Request):
    """A request of Starlette's, as Authlib takes it."""

    def __init__(self, request: Request, form: dict[str, str]) -> None:
        # Authlib insists on https, and these servers are on the machine's own address.
        super().__init__(request.method, str(request.url).replace("http:", "https:", 1))
        self.headers = request.headers
        self.payload = BasicOAuth2Payload({**request.query_params, **form})
        self._form = form

    @property
    def form(self) -> dict[str, str]:
        return self._form


async def form_of(request: Request) -> dict[str, str]:
    """The form in the body of a request."""
    return dict(parse_qsl((await request.body()).decode()))


def _bearer(**_asked: object) -> dict[str, Any]:
    return {
        "token_type": "Bearer",
        "access_token": secrets.token_urlsafe(32),
        "expires_in": 3_600,
    }
