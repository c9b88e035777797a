"""How the pages find the product: Reflex plugins that keep everything on one origin.

Both change text that Reflex generates. Reflex is pinned, and each change insists on finding what it
replaces, so that an upgrade which moves the text ends the build instead of shipping without it.
"""

import json
from typing import Unpack

from reflex.config import get_config
from reflex.plugins import Plugin
from reflex_base.plugins.base import PreCompileContext

PROXIED = (
    "/auth/",
    "/community/",
    "/messaging/",
    "/profiles/",
    "/.well-known/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/_event",
    "/_upload",
    "/_health",
    "/ping",
)
"""What the development server hands to the backend. Never `/internal`, which is for services."""

_ENDPOINT = "  const endpoint = new URL(url_str);\n"
_SAME_ORIGIN = """\
  if (typeof window !== "undefined") {
    // The pages and the product are one origin, so that one build serves at any address.
    const secure = window.location.protocol === "https:";
    const scheme = endpoint.protocol.startsWith("ws") ? "ws" : "http";
    endpoint.protocol = secure ? `${scheme}s:` : `${scheme}:`;
    endpoint.hostname = window.location.hostname;
    endpoint.port = window.location.port;
    return endpoint;
  }
"""
_SERVER = "  server: {\n"


class SameOrigin(Plugin):
    """Make the pages talk to the origin they came from, not to an address fixed when built."""

    def pre_compile(self, **context: Unpack[PreCompileContext]) -> None:
        context["add_modify_task"]("utils/state.js", talk_to_own_origin)


class DevelopmentProxy(Plugin):
    """Let the development server of `reflex run` answer for the backend too, on one origin."""

    def pre_compile(self, **context: Unpack[PreCompileContext]) -> None:
        context["add_modify_task"]("vite.config.js", hand_to_backend)


def talk_to_own_origin(source: str) -> str:
    """Return Reflex's `state.js` with `getBackendURL` answering for the page's own origin."""
    return _insert_after(_ENDPOINT, _SAME_ORIGIN, source)


def hand_to_backend(source: str) -> str:
    """Return Vite's configuration with the product's paths proxied to the backend."""
    target = f"http://127.0.0.1:{get_config().backend_port or 8000}"
    # The Host header stays what the browser sent: origin checks and cookies depend on it.
    route = {"target": target, "ws": True, "changeOrigin": False}
    proxy = json.dumps(dict.fromkeys(PROXIED, route))
    return _insert_after(_SERVER, f"    proxy: {proxy},\n", source)


def _insert_after(anchor: str, addition: str, source: str) -> str:
    if addition in source:
        return source
    if anchor not in source:
        raise RuntimeError(f"Reflex no longer writes {anchor.strip()!r}; look at deploy/pages.py.")
    return source.replace(anchor, anchor + addition, 1)
