"""The pretended providers as one app, and the configuration with which auth finds them."""

import json
import time
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount

from deploy.providers.oauth2 import Imgur, Reddit
from deploy.providers.oidc import OpenIdProvider
from deploy.providers.server import CLIENT_ID, CLIENT_SECRET


class Fakes:
    """A Google, a Reddit, an imgur, and `acme`: OpenID that is known by its document alone."""

    def __init__(self, base_url: str, origin: str, now: Callable[[], float] = time.time) -> None:
        self.google = OpenIdProvider("google", "Google", base_url, origin, now)
        self.acme = OpenIdProvider("acme", "Acme", base_url, origin, now)
        self.reddit = Reddit("reddit", "Reddit", base_url, origin)
        self.imgur = Imgur("imgur", "imgur", base_url, origin)
        self.app = Starlette(
            routes=[
                Mount("/google", routes=self.google.routes()),
                Mount("/acme", routes=self.acme.routes()),
                Mount("/reddit", routes=self.reddit.routes()),
                Mount("/imgur", routes=self.imgur.routes()),
            ]
        )


def configuration(base_url: str, **more: dict[str, Any]) -> str:
    """What SOSA_PROVIDERS is to be for them; `more` changes or adds entries."""
    ours = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    google, reddit, imgur = (f"{base_url}/{name}" for name in ("google", "reddit", "imgur"))
    entries: dict[str, dict[str, Any]] = {
        "google": {
            **ours,
            "issuer": google,
            "authorize_url": f"{google}/authorize",
            "token_url": f"{google}/token",
            "jwks_url": f"{google}/jwks",
        },
        "reddit": {
            **ours,
            "issuer": reddit,
            "authorize_url": f"{reddit}/api/v1/authorize",
            "token_url": f"{reddit}/api/v1/access_token",
            "user_url": f"{reddit}/api/v1/me",
        },
        "imgur": {
            **ours,
            "issuer": imgur,
            "authorize_url": f"{imgur}/oauth2/authorize",
            "token_url": f"{imgur}/oauth2/token",
            "user_url": f"{imgur}/3/account/me",
        },
    }
    for name, entry in more.items():
        entries[name] = {**entries.get(name, ours), **entry}
    return json.dumps(entries)
