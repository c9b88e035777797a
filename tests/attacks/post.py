"""Houses that send mail, and what devices do with it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from backend.auth import models
from backend.kit.clock import ManualClock
from tests.attacks.house import AuthHouse, auth_house
from tests.catcher import Catcher, Caught, catching
from tests.device import PASSWORD, Device, Reply

ADA = "ada@sosa.example"
NEW_PASSWORD = "seven wet foxes sing"


@dataclass(frozen=True)
class PostHouse:
    """A house, and the server that catches its mail."""

    house: AuthHouse
    post: Catcher

    async def apply(self, username: str, email: str = ADA, **more: Any) -> Device:
        """A device that registered, and now is asked for the code."""
        device = self.house.device()
        await device.begin("register")
        reply = await self.step(device, "register", form_of(username, email, **more))
        assert reply.response == {"next": "verify_email"}
        return device

    async def member(self, username: str, email: str = ADA) -> Device:
        """A device of a member whose address is verified."""
        count = len(self.post.to(email)) + 1
        device = await self.apply(username, email)
        await device.finish("verify", {"code": (await self.post.wait(email, count)).code})
        return device

    async def forgetful(self, email: str = ADA) -> tuple[Device, Caught]:
        """A device that asked for a new password, and the mail that came of it."""
        count = len(self.post.to(email)) + 1
        device = self.house.device("Borrowed")
        await device.begin("reset")
        reply = await self.step(device, "reset", {"email": email})
        assert (reply.status, reply.json["response"]) == (202, {"next": "pin"})
        return device, await self.post.wait(email, count)

    async def recovered(self, email: str = ADA) -> Device:
        """A device that has shown the code, and now may choose a password."""
        device, mail = await self.forgetful(email)
        assert (await self.step(device, "pin", {"pin": mail.code})).status == 200
        return device

    async def step(self, device: Device, step: str, form: dict[str, Any]) -> Reply:
        """A step of what the device began, whatever comes of it."""
        return await device.prove("auth", "POST", f"/auth/v1/preauth/{device.preauth}/{step}", form)

    async def change_email(self, device: Device, email: str, **more: Any) -> Caught:
        """Have a code sent to a new address."""
        count = len(self.post.to(email)) + 1
        reply = await device.call("auth", "PUT", "/auth/v1/email", {"email": email, **more})
        assert reply.response == {"next": "verify_email"}
        return await self.post.wait(email, count)


@asynccontextmanager
async def post_house(
    data_dir: Path, clock: ManualClock, **settings: Any
) -> AsyncGenerator[PostHouse]:
    """Open a house that sends mail to a catcher of its own."""
    with catching() as post:
        sender = "SoSa <hello@sosa.example>"
        async with auth_house(
            data_dir, clock, mail_url=post.url, mail_from=sender, **settings
        ) as house:
            yield PostHouse(house, post)


def form_of(username: str, email: str | None = None, password: str = PASSWORD) -> dict[str, Any]:
    """A registration form."""
    form = {"username": username, "password": password, "age_answer": "18_plus", "terms": True}
    return form | ({"email": email} if email else {})


async def is_let_in(house: AuthHouse, identifier: str, password: str = PASSWORD) -> bool:
    """Whether somebody may sign in so."""
    device = house.device()
    await device.begin("login")
    path = f"/auth/v1/preauth/{device.preauth}/password"
    form = {"identifier": identifier, "password": password}
    reply = await device.prove("auth", "POST", path, form)
    assert reply.code in {"", "invalid_credentials"}
    return reply.status == 200


async def add_authenticator(house: AuthHouse, user_id: str) -> None:
    """Give an account a second factor, as if it was set up."""
    now = datetime.now(UTC)
    totp = models.Totp(
        user_id=user_id, sealed_secret="x", created=now, confirmed_at=now, last_step=0
    )
    async with house.auth._core.parts.database.transaction() as session:
        session.add(totp)


class Work:
    """Counts what answering costs that could be timed: database statements and argon2 hashes."""

    def __init__(self, house: AuthHouse) -> None:
        self.statements = 0
        self.hashes = 0
        core = house.auth._core
        for engine in core.parts.database.engines:
            event.listen(engine, "before_cursor_execute", self._count)
        self._work = core.passwords.work
        core.passwords.work = self._hash

    def read(self) -> tuple[int, int]:
        """What was done since the last time."""
        done = (self.statements, self.hashes)
        self.statements = self.hashes = 0
        return done

    def _count(self, _connection: Engine, *rest: Any) -> None:
        statement = str(rest[1])
        # The relay of events looks when it likes, and says nothing of anybody.
        if not statement.startswith("BEGIN") and "auth_outbox" not in statement:
            self.statements += 1

    async def _hash(self, work: Any) -> Any:
        self.hashes += 1
        return await self._work(work)
