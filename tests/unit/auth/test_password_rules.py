"""Attack 91: which passwords are taken, with a range of breached ones that really answers."""

import hashlib
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from backend.auth.contract import WeakPasswordError
from backend.auth.service.breaches import BreachRange, NoBreaches
from backend.auth.service.password_rules import PasswordRules
from backend.auth.service.passwords import Passwords
from tests.serving import free_port

LEAKED = "twelve giraffes in a lift"


@pytest.fixture
def rules() -> PasswordRules:
    return PasswordRules(Passwords(cores=1), NoBreaches())


async def reason(rules: PasswordRules, password: str, *words: str, has_factor: bool = False) -> str:
    with pytest.raises(WeakPasswordError) as caught:
        await rules.check(password, *words, has_factor=has_factor)
    assert password not in caught.value.message
    return caught.value.message


async def test_length_is_what_counts(rules: PasswordRules) -> None:
    assert "15 to 256" in await reason(rules, "seven wet foxe")
    assert "8 to 256" in await reason(rules, "wet fox", has_factor=True)
    assert "15 to 256" in await reason(rules, "seven wet foxes " * 17)
    assert await rules.check("seven wet foxes") == "seven wet foxes"
    assert await rules.check("zebra-lamp-9q", has_factor=True) == "zebra-lamp-9q"


@pytest.mark.parametrize(
    "password",
    ["passw0rd passw0rd 1", "P@ssword1234567", "monkey123monkey123!", "savannasavanna sosa"],
)
async def test_what_is_tried_first_is_refused_however_long(
    rules: PasswordRules, password: str
) -> None:
    assert "Too easy" in await reason(rules, password)


async def test_what_anyone_knows_of_its_owner_is_refused(rules: PasswordRules) -> None:
    told = ("giraffe_fan", "Wetfoxes@sosa.example")
    assert "your name" in await reason(rules, "my Giraffe_Fan password!", *told)
    assert "your name" in await reason(rules, "seven WETFOXES singing", *told)
    assert await rules.check("seven wet foxes singing", *told)
    # Two letters are in many words by chance.
    assert await rules.check("seven wet foxes singing", "ox", "we@sosa.example")


@pytest.fixture
async def asked() -> AsyncIterator[tuple[str, list[str]]]:
    """A range API with one leaked password, and what it was asked."""
    asked: list[str] = []
    digest = hashlib.sha1(LEAKED.encode(), usedforsecurity=False).hexdigest().upper()

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.match_info["prefix"])
        assert request.headers["Add-Padding"] == "true"
        padding = f"{'0' * 35}:0\r\n"
        found = f"{digest[5:]}:17\r\n" if request.match_info["prefix"] == digest[:5] else ""
        return web.Response(text=padding + found)

    app = web.Application()
    app.router.add_get("/range/{prefix}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}/range", asked
    await runner.cleanup()


async def test_91_a_breached_password_is_refused_and_nobody_learns_which(
    rules: PasswordRules, asked: tuple[str, list[str]]
) -> None:
    url, questions = asked
    asking = PasswordRules(Passwords(cores=1), BreachRange(url))
    assert await rules.check(LEAKED)
    assert "breach" in await reason(asking, LEAKED)
    assert await asking.check("seven wet foxes sing")
    assert [len(question) for question in questions] == [5, 5]


async def test_a_range_that_is_away_keeps_nobody_from_choosing() -> None:
    asking = PasswordRules(Passwords(cores=1), BreachRange(f"http://127.0.0.1:{free_port()}"))
    assert await asking.check(LEAKED)
