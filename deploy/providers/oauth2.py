"""A pretended provider of plain OAuth 2: consent, codes, tokens; what is Reddit's and imgur's."""

import json
import re
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2 import OAuth2Error
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from deploy.providers.faults import Faults
from deploy.providers.pages import consent_page
from deploy.providers.server import Asked, Client, Code, Server, Visitor, form_of

_OWN_AGENT = re.compile(r"[\w.-]+:[\w.-]+:[\w.-]+ \(by /u/[\w-]+\)")


class Provider:
    """One provider under a path of its own. `origin` is the house that sends people here."""

    auth_method = "client_secret_basic"

    def __init__(self, name: str, label: str, base_url: str, origin: str) -> None:
        self.issuer = f"{base_url}/{name}"
        self.faults = Faults()
        self._label = label
        # Any: the stubs of Authlib know its answers as tuples only.
        self._server: Any = Server(Client(f"{origin}/auth/callback/{name}", self.auth_method))

    async def authorize(self, request: Request) -> Response:
        """Ask on GET, and send the browser back with the answer on POST."""
        asked = Asked(request, {})
        try:
            grant = self._server.get_consent_grant(asked, None)
        except OAuth2Error as error:
            return self._server.handle_error_response(asked, error)
        if request.method == "GET":
            return HTMLResponse(consent_page(self._label))
        form = await form_of(request)
        visitor = Visitor(form.get("name", "")) if form.get("answer") == "yes" else None
        answer = self._server.create_authorization_response(asked, visitor, grant=grant)
        return self._marked(answer)

    async def token(self, request: Request) -> Response:
        """A token for a code."""
        self.faults.tokens_asked += 1
        if self.faults.is_down:
            return JSONResponse({"error": "temporarily_unavailable"}, 503)
        form = await form_of(request)
        code = self._server.issued.codes.get(form.get("code", ""))
        answer = self._server.create_token_response(Asked(request, form))
        if answer.status_code != 200 or code is None:  # noqa: PLR2004 - OK
            return answer
        return JSONResponse(self.granted(json.loads(bytes(answer.body)), code))

    def granted(self, answer: dict[str, Any], code: Code) -> dict[str, Any]:  # noqa: ARG002
        """The token answer; a kind of provider may have more to say."""
        return answer

    def whose(self, request: Request) -> Visitor | None:
        """Whose access token a request shows."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return self._server.issued.tokens.get(token) if scheme.lower() == "bearer" else None

    def _marked(self, answer: Response) -> Response:
        """The answer with `iss` (RFC 9207). Authlib's own way to say it is for Flask alone."""
        iss = self.issuer if self.faults.answers_as is None else self.faults.answers_as
        if iss and "location" in answer.headers:
            answer.headers["location"] += f"&{urlencode({'iss': iss})}"
        return answer


class Reddit(Provider):
    """Basic authentication only, agents that introduce themselves, and no e-mail address."""

    def routes(self) -> list[BaseRoute]:
        """Everything that it serves."""
        return [
            Route("/api/v1/authorize", self.authorize, methods=["GET", "POST"]),
            Route("/api/v1/access_token", self._token_to_the_polite, methods=["POST"]),
            Route("/api/v1/me", self._me),
        ]

    async def _token_to_the_polite(self, request: Request) -> Response:
        if not _OWN_AGENT.fullmatch(request.headers.get("user-agent", "")):
            return JSONResponse({"message": "Too Many Requests", "error": 429}, 429)
        return await self.token(request)

    async def _me(self, request: Request) -> Response:
        visitor = self.whose(request)
        if visitor is None:
            return JSONResponse({"message": "Unauthorized", "error": 401}, 401)
        return JSONResponse({"id": visitor.subject, "name": visitor.name})

    def _marked(self, answer: Response) -> Response:
        """As it is: Reddit does not say who it is."""
        return answer


class Imgur(Provider):
    """The secret in the form, numbers for people, and everything in an envelope of its own."""

    auth_method = "client_secret_post"

    def routes(self) -> list[BaseRoute]:
        """Everything that it serves."""
        return [
            Route("/oauth2/authorize", self.authorize, methods=["GET", "POST"]),
            Route("/oauth2/token", self.token, methods=["POST"]),
            Route("/3/account/me", self._me),
        ]

    def granted(self, answer: dict[str, Any], code: Code) -> dict[str, Any]:
        """The token answer, which tells at once whose it is."""
        whose = {"account_id": _number(code.visitor), "account_username": code.visitor.name}
        return {**answer, "scope": None, **whose}

    async def _me(self, request: Request) -> Response:
        visitor = self.whose(request)
        if visitor is None:
            data = {"error": "Authentication required", "request": "/3/account/me", "method": "GET"}
            return JSONResponse({"data": data, "success": False, "status": 401}, 401)
        data = {"id": _number(visitor), "url": visitor.name, "bio": None, "reputation": 0}
        return JSONResponse({"data": data, "success": True, "status": 200})

    def _marked(self, answer: Response) -> Response:
        """As it is: imgur does not say who it is either."""
        return answer


def _number(visitor: Visitor) -> int:
    return int(visitor.subject[:8], 16)
