"""What whoever holds the machine may do, and what nobody learns by reading along."""

import io
from argparse import Namespace

import pytest

from backend.operating import offer_house
from deploy import admin
from tests.attacks.affairs import session_of
from tests.attacks.house import AuthHouse
from tests.device import Device


class Screen(io.StringIO):
    """Something to print on, at which somebody sits or not."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def asked(what: str, username: str = "") -> Namespace:
    """What the command line said."""
    return Namespace(what=what, username=username)


@pytest.fixture
def command(house: AuthHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOSA_DATA_DIR", str(house.house.settings.data_dir))
    monkeypatch.setenv("SOSA_PUBLIC_ORIGIN", house.url)


@pytest.mark.usefixtures("command")
async def test_the_command_makes_an_owner_while_the_house_runs(
    house: AuthHouse, ada: Device
) -> None:
    settings = house.house.settings
    assert (await ada.call("auth", "GET", "/auth/v1/roles")).status == 403
    assert "has the keys" in await admin.answer(settings, asked("create-owner", "Ada"))
    await house.house.outboxes["auth"].deliver_all()
    assert (await session_of(ada)).code == "invalid_token"
    await ada.refresh()
    members = (await ada.call("auth", "GET", "/auth/v1/roles")).response["members"]
    assert members[0]["roles"] == ["member", "owner"]
    with pytest.raises(Exception, match="Nobody here goes by"):
        await admin.answer(settings, asked("create-owner", "nobody"))
    assert await admin.answer(settings, asked("first-run-code")) == "This house has its owner."


async def test_the_commands_code_is_taken_by_the_house(house: AuthHouse, ada: Device) -> None:
    told = await admin.first_run_code(house.house.settings, house.clock)
    code = told.rpartition(" ")[2]
    claimed = await ada.call("auth", "POST", "/auth/v1/first-run", {"code": code})
    assert claimed.status == 204


async def test_the_code_is_shown_at_a_screen_and_never_written_down(
    house: AuthHouse, ada: Device, caplog: pytest.LogCaptureFixture
) -> None:
    screen, file = Screen(is_terminal=True), Screen(is_terminal=False)
    await offer_house(house.house, screen)
    await offer_house(house.house, file)
    code = screen.getvalue().strip().rpartition(" ")[2]
    assert file.getvalue() == ""
    assert code not in caplog.text
    stored = (house.house.settings.data_dir / "sosa.db").read_bytes()
    assert code.encode() not in stored
    assert code.replace("-", "").encode() not in stored
    claimed = await ada.call("auth", "POST", "/auth/v1/first-run", {"code": code})
    assert claimed.status == 204
