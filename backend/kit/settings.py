"""Every setting there is. Nothing else in the house reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, get_type_hints
from urllib.parse import urlsplit

from backend.kit.http.network import read_networks
from backend.kit.oauth.providers import ProviderConfigError, read_providers

SERVICES = ("auth", "profiles", "messaging", "community")
ServiceName = Literal["auth", "profiles", "messaging", "community"]

MAX_PORT = 65_535


class SettingError(ValueError):
    """A setting makes no sense; the message names the variable and says what it should be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One field for each variable; `SOSA_` and the field's name in capitals is the variable's name.

    No setting at all is the monolith on a laptop.
    """

    host: str = "127.0.0.1"
    """Address to listen on. 0.0.0.0 lets other machines in."""
    port: int = 3000
    """The one port of the product, 1 to 65535."""
    data_dir: Path = Path(".data")
    """Folder for what must survive a restart: database and keys. Made at first start, private."""
    public_origin: str = ""
    """Scheme, host and port as members see them, `https://chat.example.org`. Every proof and cookie
    is bound to it. Default: `http://localhost:<port>`."""
    rate_limit_scale: float = 1.0
    """Multiplies every rate limit. Raised by tests and load runs only."""
    trusted_proxies: int = 0
    """Proxies of ours that every request passes, each of which appends to `X-Forwarded-For` the
    address it was called from. 0: that header is anyone's word, and not believed."""
    inside: str = "127.0.0.0/8,::1"
    """Networks, with commas between, that are answered at `/metrics`, `/readyz` and `/internal/` on
    the port of the product. For anybody else there is nothing."""
    log_level: str = "INFO"
    """DEBUG, INFO, WARNING or ERROR."""
    database_url: str = field(default="", repr=False)
    """SQLAlchemy URL for services without one of their own. Default: SQLite in the data folder."""
    auth_database_url: str = field(default="", repr=False)
    """Database of the auth service alone."""
    profiles_database_url: str = field(default="", repr=False)
    """Database of the profiles service alone."""
    messaging_database_url: str = field(default="", repr=False)
    """Database of the messaging service alone."""
    community_database_url: str = field(default="", repr=False)
    """Database of the community service alone."""
    auth_url: str = ""
    """Where the auth service runs, `http://host:port` or `unix:/path`. Unset: in this process."""
    profiles_url: str = ""
    """Where the profiles service runs. Unset: in this process."""
    messaging_url: str = ""
    """Where the messaging service runs. Unset: in this process."""
    community_url: str = ""
    """Where the community service runs. Unset: in this process."""
    redis_url: str = field(default="", repr=False)
    """Redis for what processes share: events, fan-out, presence, limits. Unset: in process."""
    socket: str = ""
    """Path of a Unix socket to listen on, instead of host and port."""
    keys: str = field(default="", repr=False)
    """What `keys.json` holds, for a machine without a data folder. Unset: that file is read."""
    database_connections: int = 8
    """Connections of a process to each of its databases, where those are PostgreSQL."""
    push_url: str = ""
    """Where sockets are held for us, `https://<id>.execute-api.<region>.amazonaws.com/<stage>`.
    Unset: this process holds its own."""
    operations: str = ""
    """Operations that a function answers, with commas between. Processes answer all they have."""
    mail_url: str = field(default="", repr=False)
    """Where mail is handed over: `smtp://user:password@host:587?starttls`, `smtps://...`, or
    `folder:` for the folder `mail` beside the data. Unset: this house sends no mail."""
    mail_from: str = "SoSa <sosa@localhost>"
    """Whom mail comes from."""
    breach_url: str = ""
    """Where to ask whether a password was in a breach, by the first five characters of its SHA-1:
    `https://api.pwnedpasswords.com/range`. Unset: nobody is asked."""
    message_parsers: str = "backend.messaging.text.commands"
    """Modules of message parsers, with commas between, in the order they are asked. Unset: the
    commands that come with SoSa."""

    media_url: str = field(default="", repr=False)
    """Where pictures and files are kept: `folder:/srv/media`, or `s3://bucket` with what
    docs/operating.md says. Unset: the folder `media` beside the data."""
    media_origin: str = ""
    """Scheme and host of that bucket as browsers reach it, which pages must be allowed to:
    `https://bucket.s3.eu-central-1.amazonaws.com`. Unset: this house itself."""

    providers: str = field(default="", repr=False)
    """Where else people may sign in with, a JSON object: `{"google": {"client_id": "...",
    "client_secret": "..."}}`. docs/operating.md has the rest. Unset: nowhere else."""
    fake_providers: int = 0
    """A port for a pretended Google and a pretended Reddit beside the monolith, so that their
    buttons work on a laptop without accounts. 0: none. Only where the origin is localhost: whoever
    reaches them signs in as anyone they know."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read and check the variables. Raises SettingError with a sentence for the operator."""
        given = os.environ if environment is None else environment  # noqa: TID251 - the one place
        hints = get_type_hints(cls)
        values: dict[str, Any] = {}
        for item in fields(cls):
            variable = variable_of(item.name)
            if text := given.get(variable, "").strip():
                values[item.name] = _parse(variable, text, hints[item.name])
        settings = cls(**values)
        settings.check()
        return settings

    def check(self) -> None:
        """Raise SettingError unless the settings make sense together."""
        if not 0 < self.port <= MAX_PORT:
            raise SettingError(f"SOSA_PORT must be between 1 and 65535, not {self.port}.")
        if self.rate_limit_scale <= 0:
            raise SettingError("SOSA_RATE_LIMIT_SCALE must be above 0.")
        if self.trusted_proxies < 0:
            raise SettingError("SOSA_TRUSTED_PROXIES must be 0 or more.")
        if self.database_connections < 1:
            raise SettingError("SOSA_DATABASE_CONNECTIONS must be 1 or more.")
        if self.log_level not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise SettingError("SOSA_LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.")
        try:
            read_networks(self.inside)
        except ValueError:
            raise SettingError("SOSA_INSIDE must be networks, like 10.0.0.0/8,::1.") from None
        self._check_providers()
        origin = urlsplit(self.origin)
        if (
            origin.scheme not in {"http", "https"}
            or not origin.hostname
            or origin.path
            or origin.query
        ):
            raise SettingError(
                "SOSA_PUBLIC_ORIGIN must be scheme, host and port only, like https://chat.example.org."
            )

    def _check_providers(self) -> None:
        try:
            read_providers(self.providers)
        except ProviderConfigError as error:
            raise SettingError(f"SOSA_PROVIDERS: {error}") from None
        if not 0 <= self.fake_providers <= MAX_PORT:
            raise SettingError("SOSA_FAKE_PROVIDERS must be a port, or 0.")
        if self.fake_providers and urlsplit(self.origin).hostname not in {"localhost", "127.0.0.1"}:
            raise SettingError(
                "SOSA_FAKE_PROVIDERS is for localhost only: they let anyone in as anyone."
            )

    @property
    def origin(self) -> str:
        """The public origin, with its default filled in."""
        return self.public_origin.rstrip("/") or f"http://localhost:{self.port}"

    @property
    def is_https(self) -> bool:
        """Whether members come over TLS: cookies are then Secure and carry `__Host-`."""
        return self.origin.startswith("https://")

    def url_of(self, service: str) -> str:
        """Where a service runs, or "" when it is to run in this process."""
        url: str = getattr(self, f"{service}_url")
        return url.rstrip("/")

    def database_of(self, service: str) -> str:
        """The database URL of a service."""
        own: str = getattr(self, f"{service}_database_url")
        return own or self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'sosa.db'}"


@dataclass(frozen=True, slots=True)
class AwsAccess:
    """What AWS tells a function of itself, in the variables that AWS names."""

    access_key: str
    secret_key: str = field(repr=False)
    session_token: str = field(repr=False)
    region: str
    lambda_url: str
    """Where functions are invoked."""
    issuer: str = ""
    """Where a container asks for keys, which are good for hours. Functions are given theirs."""
    endpoint: str = ""
    """Where all of AWS is reached, if not by its own names: a stand-in for it. Requests still name
    the host they are for, and are signed for it."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "AwsAccess":
        """Read the variables. Raises SettingError outside of AWS."""
        given = os.environ if environment is None else environment  # noqa: TID251 - the one place
        try:
            region = given["AWS_REGION"]
            issuer = _issuer(given)
            return cls(
                access_key="" if issuer else given["AWS_ACCESS_KEY_ID"],
                secret_key="" if issuer else given["AWS_SECRET_ACCESS_KEY"],
                session_token=given.get("AWS_SESSION_TOKEN", ""),
                region=region,
                lambda_url=given.get(
                    "AWS_ENDPOINT_URL_LAMBDA", f"https://lambda.{region}.amazonaws.com"
                ),
                issuer=issuer,
                endpoint=given.get("AWS_ENDPOINT_URL", ""),
            )
        except KeyError as error:
            raise SettingError(
                f"{error.args[0]} is missing: AWS sets it for functions and containers."
            ) from None


def _issuer(given: Mapping[str, str]) -> str:
    # As AWS's own tools find it (Amazon ECS: task IAM role).
    if path := given.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        return f"http://169.254.170.2{path}"
    return given.get("AWS_CONTAINER_CREDENTIALS_FULL_URI", "")


def variable_of(name: str) -> str:
    """The environment variable of a field."""
    return f"SOSA_{name.upper()}"


def bare_environment() -> dict[str, str]:
    """What a program needs of our environment to start, and nothing of ours.

    For programs that handle what strangers sent: keys and passwords are in the rest.
    """
    return {name: os.environ[name] for name in _NEEDED if name in os.environ}  # noqa: TID251


_NEEDED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR")


def overrule(**values: str) -> None:
    """Set fields for whatever reads the settings later in this process; for programs that start it.

    Reflex starts the app by its name, and leaves no other way to tell it.
    """
    for name, value in values.items():
        os.environ[variable_of(name)] = value  # noqa: TID251 - the one place


def _parse(variable: str, text: str, kind: Any) -> Any:
    try:
        return kind(text)
    except ValueError as error:
        wanted = {int: "a whole number", float: "a number"}.get(kind, "text")
        raise SettingError(f"{variable} must be {wanted}.") from error
