"""SoSa's front: the app, and the table of its routes."""

import reflex as rx
from reflex.app import default_error_boundary

from sosa_app.components.font import font
from sosa_app.pages.chat import chat_page
from sosa_app.pages.entrance import (
    TAKE_ANSWER,
    callback_page,
    forgotten_page,
    register_page,
    sign_in_page,
)
from sosa_app.pages.goodbye import goodbye_page
from sosa_app.pages.house import first_run_page, house_page
from sosa_app.pages.landing import landing_page
from sosa_app.pages.lost import lost_page
from sosa_app.pages.settings import settings_page
from sosa_app.services import lifespan, mounts
from sosa_app.state.session import BindSession
from sosa_app.theme import DARK, LIGHT, stylesheet

HEAD: list[rx.Component] = [
    # First of all scripts: Reflex tells its server the whole address of a page, and the address a
    # provider sends a browser back to holds a code.
    rx.el.script(custom_attrs={"dangerouslySetInnerHTML": {"__html": TAKE_ANSWER}}),
    rx.el.style(stylesheet()),
    rx.el.link(rel="icon", href="/logo.svg", type="image/svg+xml"),
    rx.el.link(rel="apple-touch-icon", href="/icon-180.png"),
    rx.el.link(rel="manifest", href="/manifest.webmanifest"),
    rx.el.meta(name="theme-color", content=DARK["page"], media="(prefers-color-scheme: dark)"),
    rx.el.meta(name="theme-color", content=LIGHT["page"], media="(prefers-color-scheme: light)"),
]


app = rx.App(
    api_transformer=mounts(),
    stylesheets=["/sosa.css", "/settings.css"],
    head_components=HEAD,
    html_lang="en",
    # Without Reflex's own notices: they look like another product's, and they would tell a reader
    # of the front page that a socket is missing which the page does not need.
    app_wraps={
        (90, "Font"): lambda _: font(),
        (55, "ErrorBoundary"): lambda _: default_error_boundary(),
    },
    toaster=None,
)
app.register_lifespan_task(lifespan)
app.add_middleware(BindSession(), index=0)

NAME = "SoSa: chat, play, share"
ABOUT = (
    "A friendly place to chat: live rooms, a face of your own, no adverts. Free and open source,"
    " for everyone, and yours to run."
)

app.add_page(landing_page, route="/", title=NAME, description=ABOUT, image="/icon-512.png")
app.add_page(register_page, route="/register", title="Let me in! · SoSa", description=ABOUT)
app.add_page(sign_in_page, route="/sign-in", title="Welcome back · SoSa", description=ABOUT)
app.add_page(forgotten_page, route="/forgotten", title="Lost your key? · SoSa", description=ABOUT)
app.add_page(callback_page, route="/auth/callback/[provider]", title="Almost there · SoSa")
app.add_page(chat_page, route="/chat", title="Chat · SoSa", description=ABOUT)
app.add_page(settings_page, route="/settings", title="Your corner · SoSa", description=ABOUT)
app.add_page(house_page, route="/house", title="The house · SoSa", description=ABOUT)
app.add_page(first_run_page, route="/first-run", title="Whose house? · SoSa", description=ABOUT)
app.add_page(goodbye_page, route="/goodbye", title="Safe travels · SoSa", description=ABOUT)
app.add_page(lost_page, route="404", title="Off the map · SoSa", description=ABOUT)
