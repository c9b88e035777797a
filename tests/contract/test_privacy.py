"""What other services ask of auth when a member wants their data."""

import pytest

from backend.auth.contract import AddExportPart, Auth
from backend.kit.callers import Service
from backend.kit.errors import ForbiddenError, InvalidRequestError, NotFoundError
from tests.contract.harness import Doors

PROFILES = Service(name="profiles")


@pytest.fixture
def services() -> tuple[str, ...]:
    return ("auth",)


def part(export_id: str, name: str = "profile.json", *, is_last: bool = False) -> AddExportPart:
    return AddExportPart(export_id=export_id, name=name, content="{}", is_last=is_last)


async def test_a_service_brings_its_part_and_nobody_else(doors: Doors) -> None:
    _, device = await doors.register("ada")
    state = (await device.call("auth", "POST", "/auth/v1/export", {})).response
    auth = doors.open("auth", Auth, identity="profiles")
    await auth.add_export_part(PROFILES, part(state["id"], is_last=True))
    stranger = doors.open("auth", Auth, identity="ui")
    with pytest.raises(ForbiddenError):
        await stranger.add_export_part(Service(name="ui"), part(state["id"]))
    with pytest.raises(NotFoundError):
        await auth.add_export_part(PROFILES, part("nobody-asked"))
    with pytest.raises(InvalidRequestError):
        await auth.add_export_part(PROFILES, part(state["id"], "../auth/account.json"))
    now = (await device.call("auth", "GET", "/auth/v1/export")).response
    assert (now["state"], now["id"]) == ("working", state["id"])
