"""The network between two services is cut in the middle of a conversation."""

import asyncio
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from backend.auth.contract import JWKS_PATH
from tests.conftest import Postgres
from tests.faults.conversation import converse
from tests.network import Cable, cable
from tests.serving import free_port
from tests.shapes.processes import answers_http, status_of
from tests.shapes.split import Databases, Split

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

CUT_SECONDS = 7.0
FAR = {"messaging", "gateway"}


class Apart(Split):
    """Messaging and its gateways on another machine, as far as the network is concerned.

    Services call each other and the edge calls them over TCP, through one cable. Rows and Redis
    are reached by Unix sockets, which a namespace leaves alone: the cut is one between services.
    There are no pages, which nobody asks for.
    """

    def __init__(self, folder: Path, databases: Databases, link: Cable) -> None:
        super().__init__(folder, databases)
        self._link = link
        self._ports: dict[str, int] = {}

    def _listening(self, name: str, number: int) -> dict[str, str]:
        host, _, port = self._place(name, number).rpartition(":")
        return {"SOSA_HOST": host, "SOSA_PORT": port}

    def _place(self, name: str, number: int) -> str:
        port = self._ports.setdefault(f"{name}-{number}", free_port())
        return f"{self._link.far if name in FAR else self._link.near}:{port}"

    def _url(self, name: str, caller: str) -> str:
        return f"http://{self._place(name, 1)}"

    def _start(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        if name.rpartition("-")[0] in FAR:
            command = self._link.beyond(command)
        super()._start(name, command, environment)

    def _start_ui(self) -> None:
        self.ui_port = self.port

    def _answers(self, name: str) -> bool:
        service, _, number = name.rpartition("-")
        if name in {"edge", "redis", "providers"}:
            return self._is_there(name)
        host, _, port = self._place(service, int(number)).rpartition(":")
        return answers_http(int(port), host)

    def _is_there(self, name: str) -> bool:
        if name != "edge":
            return super()._answers(name)
        try:
            return status_of(self.port, JWKS_PATH) == HTTPStatus.OK
        except OSError:
            return False


@pytest.fixture
def apart(tmp_path: Path, postgres: Postgres) -> Iterator[tuple[Apart, Cable]]:
    with cable() as link:
        house = Apart(tmp_path, postgres, link)
        try:
            house.start()
            yield house, link
        finally:
            house.stop()


async def test_a_cut_between_services_during_a_conversation(apart: tuple[Apart, Cable]):
    house, link = apart

    async def cut_and_mend() -> None:
        await asyncio.to_thread(link.cut)
        await asyncio.sleep(CUT_SECONDS)
        await asyncio.to_thread(link.mend)

    senders, _ = await converse(house.url, "cut", cut_and_mend)
    assert any(sender.retries for sender in senders), "the cut was felt"
