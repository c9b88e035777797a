"""Talking to a provider: where to send a browser, and who came back. By Authlib, on a short lead.

Of Authlib only two things are used, the authorisation URL and the token request. State is ours (its
own has been walked around), the id_token is checked by `id_tokens`, and `iss` by whoever calls.
"""

import asyncio
import hmac
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import Any, cast

import msgspec

from backend.kit.clock import Clock
from backend.kit.oauth.id_tokens import (
    Expected,
    IdTokenError,
    StaleSignInError,
    UnknownKeyError,
    verify,
)
from backend.kit.oauth.providers import Provider, ProviderConfigError, check_endpoints

TIMEOUT_SECONDS = 8
"""For everything that is asked of a provider in one go."""
KEYS_LIFE_SECONDS = 3_600
KEYS_PAUSE_SECONDS = 60
"""Tokens that name unknown keys make us ask for newer ones this often at most."""
MAX_NAME = 80
MAX_SUBJECT = 255
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500
OK = 200


class RefusedByProviderError(Exception):
    """The provider said no, or something that is not believed. `reason` is short and no secret."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ProviderAwayError(Exception):
    """The provider does not answer, or says that it cannot."""


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """What the answer of a provider is checked against. Kept under seal, and used once."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str

    def __repr__(self) -> str:
        return "<Exchange>"

    def is_answer(self, state: str) -> bool:
        """Whether the answer with this state is to this exchange."""
        return hmac.compare_digest(state.encode(), self.state.encode())


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as a provider knows them. Nothing that it could be called with is kept."""

    issuer: str
    subject: str
    name: str
    """What they are called there, "" if that is not told."""


@dataclass(slots=True)
class _Keys:
    keys: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    fetched_at: float = float("-inf")


class ProviderClient:
    """One provider. Made once; asks for its discovery document and keys when they are needed."""

    def __init__(self, provider: Provider, clock: Clock) -> None:
        self.provider = provider
        self._clock = clock
        self._keys = _Keys()

    async def prepare(self) -> None:
        """Know where the provider answers.

        Raises ProviderAwayError, and ProviderConfigError when its document speaks of another.
        """
        if self.provider.is_complete:
            return
        url = f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration"
        async with self._asking() as http:
            document = await _get(http, url, withhold_token=True)
        self.provider = _discovered(self.provider, document)

    def authorize_url(self, exchange: Exchange, *, is_anew: bool = False) -> str:
        """Where a browser goes to sign in. `prepare` comes first.

        `is_anew`: the provider is to ask who they are although it may know.
        """
        provider = self.provider
        # Imported by whoever goes this way: it takes a quarter of a second.
        authlib = import_module("authlib.oauth2.client")
        client = authlib.OAuth2Client(
            None,
            client_id=provider.client_id,
            scope=provider.scopes or None,
            redirect_uri=exchange.redirect_uri,
            code_challenge_method="S256",
        )
        asked = {**provider.ask, **(provider.ask_anew if is_anew else {})}
        if provider.pkce:
            asked["code_verifier"] = exchange.verifier
        if provider.kind == "oidc":
            asked["nonce"] = exchange.nonce
        url, _ = client.create_authorization_url(
            provider.authorize_url, state=exchange.state, **asked
        )
        return cast("str", url)

    async def identify(
        self, exchange: Exchange, code: str, *, since: float | None = None
    ) -> Person:
        """Whom a code stands for; it is spent by this. `prepare` comes first.

        `since`: when they must have shown the provider who they are, if that matters. Raises
        RefusedByProviderError, ProviderAwayError.
        """
        async with self._asking() as http:
            token = await self._exchange(http, exchange, code)
            if self.provider.kind == "oidc":
                claims = await self._verified(http, exchange, token, since)
            else:
                claims = await _get(http, self.provider.user_url)
        return self._person(claims)

    async def _exchange(self, http: Any, exchange: Exchange, code: str) -> Mapping[str, Any]:
        proof = {"code_verifier": exchange.verifier} if self.provider.pkce else {}
        token = await http.fetch_token(
            self.provider.token_url,
            grant_type="authorization_code",
            code=code,
            redirect_uri=exchange.redirect_uri,
            **proof,
        )
        if not isinstance(token.get("access_token"), str):
            raise RefusedByProviderError("no_token")
        return cast("Mapping[str, Any]", token)

    async def _verified(
        self, http: Any, exchange: Exchange, token: Mapping[str, Any], since: float | None
    ) -> Mapping[str, Any]:
        expected = Expected(
            issuer=self.provider.issuer,
            client_id=self.provider.client_id,
            algorithms=self.provider.algorithms,
            nonce=exchange.nonce,
            access_token=token["access_token"],
            now=self._clock.now(),
            signed_in_since=since,
        )
        for longest in (KEYS_LIFE_SECONDS, KEYS_PAUSE_SECONDS):
            await self._fetch_keys(http, older_than=longest)
            try:
                return verify(token.get("id_token"), self._keys.keys, expected)
            except UnknownKeyError:
                continue
        raise RefusedByProviderError("bad_id_token")

    async def _fetch_keys(self, http: Any, *, older_than: float) -> None:
        now = self._clock.now()
        if now - self._keys.fetched_at < older_than:
            return
        document = await _get(http, self.provider.jwks_url, withhold_token=True)
        keys = document.get("keys")
        if not isinstance(keys, list):
            raise RefusedByProviderError("bad_keys")
        found = cast("list[Any]", keys)
        self._keys = _Keys([key for key in found if isinstance(key, dict)], now)

    def _person(self, claims: Mapping[str, Any]) -> Person:
        subject = _find(claims, self.provider.subject_field)
        if not subject or len(subject) > MAX_SUBJECT:
            raise RefusedByProviderError("no_subject")
        name = _find(claims, self.provider.name_field) or _find(claims, "name")
        return Person(self.provider.issuer, subject, name[:MAX_NAME])

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        # Made once: reading the certificates of the world takes a tenth of a second.
        return ssl.create_default_context()

    @asynccontextmanager
    async def _asking(self) -> AsyncGenerator[Any]:
        """A client for one visit, whose every failure has one of two names."""
        provider = self.provider
        authlib = import_module("authlib.integrations.httpx_client")
        httpx2 = import_module("httpx2")
        client = authlib.AsyncOAuth2Client(
            provider.client_id,
            provider.client_secret,
            token_endpoint_auth_method=provider.client_auth,
            headers={"User-Agent": provider.user_agent, "Accept": "application/json"},
            timeout=TIMEOUT_SECONDS,
            verify=self._tls,
            # A provider that sends us elsewhere with a secret in hand is not followed.
            follow_redirects=False,
        )
        client.register_compliance_hook("access_token_response", _look_at)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS), client as http:
                yield http
        except (httpx2.HTTPError, TimeoutError) as error:
            raise ProviderAwayError(type(error).__name__) from None
        except authlib.OAuthError as error:
            raise RefusedByProviderError(_short(error.error)) from None
        except StaleSignInError:
            raise RefusedByProviderError("not_fresh") from None
        except IdTokenError as error:
            raise RefusedByProviderError("bad_id_token") from error
        except ValueError:
            raise RefusedByProviderError("not_json") from None


async def _get(http: Any, url: str, **options: Any) -> Mapping[str, Any]:
    response = _look_at(await http.request("GET", url, **options))
    if response.status_code != OK:
        raise RefusedByProviderError(f"status_{response.status_code}")
    answer = response.json()
    if not isinstance(answer, dict):
        raise RefusedByProviderError("not_json")
    return cast("Mapping[str, Any]", answer)


def _look_at(response: Any) -> Any:
    if response.status_code >= SERVER_ERROR or response.status_code == TOO_MANY_REQUESTS:
        raise ProviderAwayError(f"status {response.status_code}")
    return response


def _discovered(provider: Provider, document: Mapping[str, Any]) -> Provider:
    """The provider with the endpoints of its document (OpenID Connect Discovery 4.3)."""
    if document.get("issuer") != provider.issuer:
        # Whoever wrote this document may be anyone, or is the provider of somebody else.
        raise ProviderConfigError(f"{provider.name}: its document speaks of another issuer.")
    offered = document.get("id_token_signing_alg_values_supported", ["RS256"])
    algorithms = tuple(alg for alg in provider.algorithms if alg in offered)
    if not algorithms:
        raise ProviderConfigError(f"{provider.name} signs in no way that we accept.")
    fields = {
        "authorize_url": document.get("authorization_endpoint"),
        "token_url": document.get("token_endpoint"),
        "jwks_url": document.get("jwks_uri"),
    }
    if not all(isinstance(url, str) and url for url in fields.values()):
        raise ProviderConfigError(f"{provider.name}: its document lacks an endpoint.")
    sends_iss = document.get("authorization_response_iss_parameter_supported") is True
    complete = msgspec.structs.replace(
        provider,
        algorithms=algorithms,
        sends_iss=provider.sends_iss or sends_iss,
        **cast("dict[str, Any]", fields),
    )
    return check_endpoints(complete)


def _find(claims: Mapping[str, Any], path: str) -> str:
    found: Any = claims
    for step in path.split("."):
        found = cast("dict[str, Any]", found).get(step) if isinstance(found, dict) else None
    # imgur counts its people.
    return str(found) if type(found) in {str, int} else ""


def _short(reason: object) -> str:
    text = reason if isinstance(reason, str) else ""
    return "".join(letter for letter in text if letter.isalnum() or letter in "_-")[:40] or "error"
