"""What Reflex is told. Everything an operator may change is in `backend.kit.settings`."""

import reflex as rx
from reflex_base.environment import environment

from backend.kit.settings import Settings
from deploy import ROOT
from deploy.pages import DevelopmentProxy, SameOrigin

# Nothing leaves the house unasked: no telemetry, no look for newer versions.
environment.REFLEX_CHECK_LATEST_VERSION.set(False)

settings = Settings.from_environment()

config = rx.Config(
    app_name="sosa_app",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    # The one that `make` put there; without it, Reflex would look for bun on the PATH.
    bun_path=ROOT / ".tools" / "node_modules" / ".bin" / "bun",
    # One process holds the states. What must survive it is in the services, never here.
    state_manager_mode=rx.constants.StateManagerMode.MEMORY,
    # Any other page could otherwise open the event socket with the visitor's cookies.
    cors_allowed_origins=[settings.origin],
    # `reflex run` is for developers on their own machine. It answers at the public origin too.
    backend_host="127.0.0.1",
    frontend_port=settings.port,
    backend_port=8000,
    # No Radix themes: they are 700 kB of style, and the look is our own (sosa_app/theme.py).
    plugins=[SameOrigin(), DevelopmentProxy()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
