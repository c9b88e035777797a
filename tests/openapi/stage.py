"""The whole house in a thread of its own, so that a client without a loop can ask it."""

import asyncio
import threading
from collections.abc import Coroutine, Generator
from concurrent.futures import Future
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from backend.kit.clock import ManualClock
from backend.kit.settings import SERVICES
from backend.kit.tokens.services import ServiceSigner
from deploy.providers.app import Fakes, configuration
from tests.attacks.affairs import owner_of
from tests.attacks.bots import Secret, robot
from tests.attacks.house import AuthHouse, auth_house
from tests.device import Device
from tests.serving import free_socket, serving
from tests.visits import depart

T = TypeVar("T")
SECONDS = 20


@dataclass
class Stage:
    """A house that is served, and ways to be somebody in it."""

    house: AuthHouse
    loop: asyncio.AbstractEventLoop
    made: int = 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the house's own thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(SECONDS)

    def new_owner(self) -> Device:
        """Somebody who may do whatever a member may do, and showed who they are just now."""
        self.made += 1
        return self.run(owner_of(self.house, f"owner-{self.made}"))

    def new_member(self) -> Device:
        self.made += 1
        return self.run(self.house.member(f"member-{self.made}"))

    def new_device_of(self, member: Device) -> Device:
        device = self.house.device("Second device")
        self.run(device.sign_in(member.user["username"]))
        return device

    def find_room(self, member: Device) -> str:
        asked = member.call("community", "GET", "/community/v1/communities")
        return str(self.run(asked).response["communities"][0]["rooms"][0]["id"])

    def new_message(self, member: Device, room: str) -> str:
        """Something said in a room."""
        self.made += 1
        drafts = {"messages": [{"id": f"message-{self.made:08}", "text": "splash"}]}
        path = f"/messaging/v1/rooms/{room}/messages"
        said = self.run(member.call("messaging", "POST", path, drafts))
        return str(said.response["receipts"][0]["message_id"])

    def new_robot(self, owner: Device) -> tuple[Secret, Device]:
        self.made += 1
        return self.run(robot(self.house, owner, f"robot-{self.made}"))

    def new_applicant(self, kind: str) -> Device:
        """Somebody who has begun something."""
        device = self.house.device()
        self.run(_begin(device, kind))
        return device

    def signer(self, name: str) -> ServiceSigner:
        """What a service proves itself with."""
        return ServiceSigner(self.house.house.keyring.identity(name), self.house.clock)


async def _begin(device: Device, kind: str) -> None:

    if kind in {"oauth", "link"}:
        await depart(device, "google", kind=kind)
    else:
        await device.begin(kind)


@contextmanager
def on_stage(folder: Path, database_url: str) -> Generator[Stage]:
    """Serve a whole house until the block ends."""
    ready: Future[tuple[Stage, asyncio.Event]] = Future()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(folder, database_url, ready)))
    thread.start()
    try:
        stage, over = ready.result(SECONDS)
        try:
            yield stage
        finally:
            stage.loop.call_soon_threadsafe(over.set)
    finally:
        thread.join()


async def _serve(
    folder: Path, database_url: str, ready: "Future[tuple[Stage, asyncio.Event]]"
) -> None:
    over = asyncio.Event()
    clock = ManualClock()
    listener, place = free_socket(), free_socket()
    origin, elsewhere = (f"http://127.0.0.1:{it.getsockname()[1]}" for it in (listener, place))
    try:
        async with AsyncExitStack() as stack:
            fakes = Fakes(elsewhere, origin, clock.now)
            await stack.enter_async_context(serving(fakes.app, place))
            opening = auth_house(
                folder, clock, serve=SERVICES, listener=listener,
                database_url=database_url,
                providers=configuration(elsewhere), mail_url="folder:",
            )  # fmt: skip
            house = await stack.enter_async_context(opening)
            ready.set_result((Stage(house, asyncio.get_running_loop()), over))
            await over.wait()
    except BaseException as error:
        if not ready.done():
            ready.set_exception(error)
        raise
