"""The front page: what SoSa is, in plain words, readable before any script has run."""

import reflex as rx

from sosa_app.components.layout import public_page
from sosa_app.components.savanna import campfire, savanna

_TODAY = (
    (
        "flame",
        "Chat",
        (
            "Live rooms around a campfire. What you type is there at once, and everything"
            " said before you came is there to scroll through. Lost your connection in a"
            " tunnel? You get exactly what you missed, in order, once."
        ),
    ),
    (
        "smile",
        "Play",
        (
            "Everybody gets a face nobody else has, drawn from a handful of eyes, ears and"
            " questionable haircuts. Tell us how you identify; the list has serious answers"
            " and silly ones. In the old days 282 members were a Pizza Roll."
        ),
    ),
    (
        "messages-square",
        "Share",
        (
            "Tell the story, ask the odd question, show off the cat. Rooms belong to"
            " communities, and communities belong to the people in them. Posts and meetups"
            " are next on our list."
        ),
    ),
)
_DIFFERENT = (
    (
        "heart",
        "All of it is free",
        "No adverts, no paid tier, no cap on members or on history. Nothing to upgrade to.",
    ),
    (
        "fingerprint",
        "Your device holds the key",
        (
            "Signing in makes keys inside your browser that it cannot give away. Every"
            " request is signed. A stolen cookie on its own opens nothing."
        ),
    ),
    (
        "mail-x",
        "Your e-mail stays yours",
        (
            "You may leave it out. If you give one, we keep a scrambled fingerprint of it,"
            " good for a forgotten password and useless for a mailing list."
        ),
    ),
    (
        "scale",
        "Honest about itself",
        (
            "Open source, and still young. What is not built yet says so, and when something"
            " falls over we say that too."
        ),
    ),
)
_FACES = ("pebble", "fig", "waffle", "bean", "biscuit", "ben", "pickle", "momo")
_SHAPES = (
    (
        "store",
        "A mall",
        "One process, one command, no database to set up. For a laptop or a village.",
    ),
    (
        "shopping-cart",
        "Supermarkets (being built)",
        "One service per process, as many of each as it takes.",
    ),
    (
        "sandwich",
        "Hot-dog stands (being built)",
        "Small functions, each doing one thing really well.",
    ),
)


def landing_page() -> rx.Component:
    """The front page."""
    return public_page(_hero(), _today(), _different(), _people(), _story(), _last_call())


def _hero() -> rx.Component:
    return rx.el.section(
        savanna(),
        rx.el.div(
            rx.el.p("CHAT · PLAY · SHARE", class_name="strapline"),
            rx.el.h1("Pull up a log, we saved you a spot."),
            rx.el.p(
                "SoSa is a place to talk: live rooms, a face of your very own, and people who are"
                " glad you came. Free, open source, and nobody is selling you anything.",
                class_name="lead",
            ),
            rx.el.div(
                rx.el.a("Let me in!", href="/register", class_name="pill pill-brand pill-large"),
                rx.el.a("Tell me more", href="#more", class_name="pill pill-glass pill-large"),
                class_name="doors",
            ),
            class_name="hero-words",
        ),
        class_name="hero",
    )


def _today() -> rx.Component:
    return rx.el.section(
        rx.el.h2("What is this, then?"),
        rx.el.p(
            "A chat, the way chats were before they wanted your phone number. You come in, you sit"
            " down, you talk.",
            class_name="lead",
        ),
        rx.el.div(*(_card(*each) for each in _TODAY), class_name="cards three"),
        class_name="band",
        id="more",
    )


def _different() -> rx.Component:
    return rx.el.section(
        rx.el.h2("What makes it different"),
        rx.el.div(*(_card(*each) for each in _DIFFERENT), class_name="cards four"),
        class_name="band band-raised",
    )


def _people() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.div(
                rx.el.p("For members", class_name="strapline"),
                rx.el.h2("Be somebody. Anybody, really."),
                rx.el.ul(
                    rx.el.li("Pick a name, get a face, join the first room by breathing in."),
                    rx.el.li(
                        "Write without worry: what could not be sent waits, and is sent later."
                    ),
                    rx.el.li(
                        "Phone, tablet, desk: one pane or three, light or dark, mouse or keyboard."
                    ),
                    rx.el.li("Sign out, and the keys in that browser are gone. Properly gone."),
                    class_name="ticks",
                ),
                rx.el.div(
                    *(_face(seed) for seed in _FACES),
                    class_name="faces",
                    role="img",
                    aria_label="Eight faces we made earlier: beasts and people, all of them odd.",
                ),
                rx.el.a("Let me in!", href="/register", class_name="pill pill-brand"),
            ),
            rx.el.div(
                rx.el.p("For developers and operators", class_name="strapline"),
                rx.el.h2("One code, three shapes."),
                rx.el.p(
                    "Four services in Python, written once. Start small, split when you must, never"
                    " rewrite."
                ),
                rx.el.dl(*(_shape(*each) for each in _SHAPES), class_name="shapes"),
                rx.el.pre(rx.el.code("$ make run"), class_name="shell"),
            ),
            class_name="halves",
        ),
        class_name="band",
    )


def _story() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Where it comes from"),
        rx.el.p(
            "Social Savanna opened its gates in February 2014. Fifteen thousand people came on the"
            " first day, more than a hundred thousand in the end, and one poor server tried to hug"
            " them all. It was paused in 2018. This is the rebuild, so that growing never again"
            " means starting over.",
            class_name="lead",
        ),
        class_name="band band-story",
    )


def _last_call() -> rx.Component:
    return rx.el.section(
        campfire(),
        rx.el.h2("The fire is lit."),
        rx.el.a("Let me in!", href="/register", class_name="pill pill-brand pill-large"),
        class_name="band band-last",
    )


def _card(icon: str, title: str, words: str) -> rx.Component:
    return rx.el.article(
        rx.el.span(rx.icon(icon, size=26, aria_hidden="true"), class_name="badge"),
        rx.el.h3(title),
        rx.el.p(words),
        class_name="card",
    )


def _face(seed: str) -> rx.Component:
    return rx.el.img(src=f"/profiles/v1/faces/{seed}.svg", alt="", loading="lazy")


def _shape(icon: str, name: str, words: str) -> rx.Component:
    return rx.el.div(rx.icon(icon, size=22, aria_hidden="true"), rx.el.dt(name), rx.el.dd(words))
