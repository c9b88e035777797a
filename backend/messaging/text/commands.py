"""The commands that come with SoSa: `/me`, `/roll`, `/flip`, `/8ball`, `/shrug` and a few more."""

import re
from secrets import choice, randbelow

from backend.messaging.contract.body import Luck
from backend.messaging.text.parsers import Parser, Reading

MOST_DICE = 20
MOST_SIDES = 1_000
MOST_EXTRA = 10_000

_DICE = re.compile(r"(\d{0,2})[dw](\d{1,4})(?:\s?([+-])\s?(\d{1,5}))?(?!\w)", re.IGNORECASE)
_ANSWERS = (
    "The elephants remember this one: yes.",
    "The meerkats took a vote. Unanimous!",
    "As sure as the sun over the savanna.",
    "The giraffe can see it from here: yes.",
    "Ask again after the nap.",
    "The hippo yawned. Make of that what you will.",
    "Hazy. Somebody is burning the marshmallows.",
    "The flamingo is standing on one leg about it.",
    "The warthog says no. Politely, for a warthog.",
    "Not even the vultures would bet on it.",
    "The zebra says it is not that black and white. So, no.",
)


def _me(what: str) -> Reading | None:
    return Reading(text=what, style="action") if what else None


def _roll(what: str) -> Reading | None:
    found = _DICE.match(what or "1d6")
    if found is None:
        return None
    count, sides, extra = int(found[1] or 1), int(found[2]), int(found[4] or 0)
    if not (1 <= count <= MOST_DICE and 2 <= sides <= MOST_SIDES and extra <= MOST_EXTRA):  # noqa: PLR2004 - with one side there is no luck
        return None
    shown = tuple(randbelow(sides) + 1 for _ in range(count))
    total = sum(shown) + (-extra if found[3] == "-" else extra)
    asked = f"{count}d{sides}" + (f"{found[3]}{extra}" if extra else "")
    luck = Luck(kind="dice", asked=asked, shown=shown, result=str(total))
    return Reading(text=what[found.end() :].strip(), nodes=(luck,))


def _flip(what: str) -> Reading:
    luck = Luck(kind="coin", asked="", shown=(), result=choice(("heads", "tails")))
    return Reading(text=what, nodes=(luck,))


def _eight_ball(what: str) -> Reading | None:
    if not what:
        return None
    return Reading(
        text=what, nodes=(Luck(kind="8ball", asked="", shown=(), result=choice(_ANSWERS)),)
    )


def _figure(name: str, figure: str) -> Parser:
    def read(what: str) -> Reading:
        return Reading(text=f"{what} {figure}".strip())

    return Parser(name, read, commands=frozenset({name}))


def _hiding(what: str) -> Reading | None:
    return Reading(text=what, veil="spoiler") if what else None


def _warning(what: str) -> Reading | None:
    return Reading(text=what, veil="nsfw") if what else None


PARSERS = (
    Parser("me", _me, commands=frozenset({"me"})),
    Parser("roll", _roll, commands=frozenset({"roll"}), reads_edits=False),
    Parser("flip", _flip, commands=frozenset({"flip"}), reads_edits=False),
    Parser("8ball", _eight_ball, commands=frozenset({"8ball"}), reads_edits=False),
    _figure("shrug", r"¯\_(ツ)_/¯"),
    _figure("tableflip", "(╯°□°)╯︵ ┻━┻"),
    _figure("unflip", "┬─┬ノ( º _ ºノ)"),  # noqa: RUF001 - it is an arm
    Parser("spoiler", _hiding, commands=frozenset({"spoiler"})),
    Parser("nsfw", _warning, commands=frozenset({"nsfw"})),
)
