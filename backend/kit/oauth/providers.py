"""Providers: who they are, where they answer, and what we are to them.

The configuration is a JSON object from names to entries. What is known of a name is filled in, and
an entry may say otherwise; a name that is not known is any OpenID provider by its issuer:

    {"google": {"client_id": "…", "client_secret": "…"},
     "reddit": {"client_id": "…", "client_secret": "…", "sign_up": false},
     "work": {"label": "Work", "issuer": "https://id.example.org", "client_id": "…", …}}
"""

import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

ALGORITHMS = ("RS256", "ES256")
"""What an id_token may be signed with, whatever a discovery document says: one that lists `none`
would otherwise make unsigned tokens as good as signed ones."""
_NAME = re.compile(r"[a-z][a-z0-9-]{1,19}")
_LOCAL = {"localhost", "127.0.0.1"}


class ProviderConfigError(ValueError):
    """The configuration makes no sense; the message tells the operator what to do."""


class Provider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A provider. Its text never shows the client secret."""

    name: str
    client_id: str
    client_secret: str
    issuer: str
    """With the subject, what an account there is known by. Of oauth2, a name that we gave."""
    label: str = ""
    kind: Literal["oidc", "oauth2"] = "oidc"
    sign_in: bool = True
    sign_up: bool = True
    scopes: str = "openid profile"
    """No address is asked for: nobody is ever recognised by one."""
    client_auth: Literal["client_secret_basic", "client_secret_post"] = "client_secret_basic"
    pkce: bool = True
    sends_iss: bool = False
    """Whether an answer without `iss` is refused (RFC 9207). A wrong one always is."""
    algorithms: tuple[str, ...] = ALGORITHMS
    authorize_url: str = ""
    token_url: str = ""
    jwks_url: str = ""
    """The endpoints of an OpenID provider may be left out: then its discovery document says."""
    user_url: str = ""
    """Of oauth2: who is asked whose token it is."""
    subject_field: str = "sub"
    """Dots lead into objects. Never a name that its owner may change and another then take."""
    name_field: str = "preferred_username"
    user_agent: str = "SoSa/1 (self-hosted chat)"
    ask: dict[str, str] = {}
    """More parameters of the authorisation request."""
    ask_anew: dict[str, str] = {}
    """More of them where somebody who is signed in here shows afresh who they are."""
    confirms: Literal["auth_time", "return", "no"] = "auth_time"
    """What of it is fresh certainty for who comes by nothing else. `auth_time`: its signed word
    that they showed it just now who they are. `return`: that they went there and came back, which
    is as much as signing in anew, and nothing more to who sits at a browser that is signed in
    there. `no`: nothing."""

    def __repr__(self) -> str:
        return f"<Provider {self.name!r}>"

    @property
    def is_complete(self) -> bool:
        """Whether no discovery document has to be read."""
        last = self.jwks_url if self.kind == "oidc" else self.user_url
        return bool(self.authorize_url and self.token_url and last)


BY_KIND: Mapping[str, Mapping[str, Any]] = {
    # OpenID Connect Core 3.1.2.1: with max_age the id_token has to say when they signed in.
    "oidc": {"ask_anew": {"prompt": "login", "max_age": "0"}},
    # Plain OAuth 2 has no way to ask, nor to answer.
    "oauth2": {"confirms": "return"},
}
KNOWN: Mapping[str, Mapping[str, Any]] = {
    "google": {
        "label": "Google",
        "issuer": "https://accounts.google.com",
        "authorize_url": "https://accounts.google.com/o/oauth2/v2/auth",
        "token_url": "https://oauth2.googleapis.com/token",
        "jwks_url": "https://www.googleapis.com/oauth2/v3/certs",
        "algorithms": ["RS256"],
        "name_field": "given_name",
        # Google knows no prompt `login`. It tells the age of a sign-in where the client has that
        # switched on ("session age claims") and the claim is asked for by its name.
        "ask_anew": {
            "prompt": "select_account",
            "max_age": "0",
            "claims": '{"id_token":{"auth_time":{"essential":true}}}',
        },
    },
    "reddit": {
        "label": "Reddit",
        "kind": "oauth2",
        "issuer": "https://www.reddit.com",
        "authorize_url": "https://www.reddit.com/api/v1/authorize",
        "token_url": "https://www.reddit.com/api/v1/access_token",
        "user_url": "https://oauth.reddit.com/api/v1/me",
        "scopes": "identity",
        # PKCE is not documented there. The code is still good for nobody else: it only counts with
        # a proof of the device that began.
        "pkce": False,
        "subject_field": "id",
        "name_field": "name",
        # Generic agents are answered with 429.
        "user_agent": "web:org.sosa:v1 (by /u/sosa)",
        "ask": {"duration": "temporary"},
    },
    "imgur": {
        "label": "imgur",
        "kind": "oauth2",
        "issuer": "https://imgur.com",
        "authorize_url": "https://api.imgur.com/oauth2/authorize",
        "token_url": "https://api.imgur.com/oauth2/token",
        "user_url": "https://api.imgur.com/3/account/me",
        "scopes": "",
        "client_auth": "client_secret_post",
        "pkce": False,
        "subject_field": "data.id",
        "name_field": "data.url",
    },
}


def read_providers(text: str) -> dict[str, Provider]:
    """The providers of a configuration, in its order. Raises ProviderConfigError."""
    if not text.strip():
        return {}
    try:
        entries = msgspec.json.decode(text, type=dict[str, dict[str, Any]])
    except msgspec.DecodeError:
        # The reason may quote a secret.
        raise ProviderConfigError("This must be a JSON object of objects.") from None
    return {name: _read(name, entry) for name, entry in entries.items()}


def check_endpoints(provider: Provider) -> Provider:
    """The provider, if every address of it can be trusted. Raises ProviderConfigError."""
    urls = (provider.authorize_url, provider.token_url, provider.jwks_url, provider.user_url)
    for url in filter(None, (*urls, provider.issuer)):
        parts = urlsplit(url)
        is_local = parts.scheme == "http" and parts.hostname in _LOCAL
        if not parts.hostname or not (parts.scheme == "https" or is_local):
            raise ProviderConfigError(f"{provider.name}: {url} must begin with https://.")
    return provider


def _read(name: str, entry: Mapping[str, Any]) -> Provider:
    if not _NAME.fullmatch(name):
        raise ProviderConfigError(f"{name!r} is no name for a provider: 2 to 20 of a-z, 0-9, -.")
    try:
        known = {**KNOWN.get(name, {}), **entry}
        by_kind = BY_KIND.get(known.get("kind", "oidc"), {})
        values = {"label": name.title(), **by_kind, **known, "name": name}
        provider = msgspec.convert(values, Provider)
    except msgspec.ValidationError as error:
        raise ProviderConfigError(f"{name}: {error}") from None
    if provider.kind == "oauth2" and not provider.is_complete:
        raise ProviderConfigError(f"{name}: oauth2 needs authorize_url, token_url and user_url.")
    if provider.kind == "oauth2" and provider.confirms == "auth_time":
        raise ProviderConfigError(f"{name}: oauth2 knows no auth_time; confirms is return or no.")
    if not provider.algorithms or not set(provider.algorithms) <= set(ALGORITHMS):
        raise ProviderConfigError(f"{name}: algorithms may be {', '.join(ALGORITHMS)}.")
    return check_endpoints(provider)
