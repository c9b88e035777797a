"""A proof is for one address, however that is spelled."""

from urllib.parse import quote

import pytest

from tests.attacks.affairs import owner_of
from tests.attacks.house import AuthHouse
from tests.device import Device

PATH = "/auth/v1/members/"


async def ask(device: Device, path: str, proven: str) -> tuple[int, str]:
    token = device.access["auth"]
    proof = device.proof("auth", "GET", proven, presented=token)
    headers = {"Sosa-Proof": proof, "Authorization": f"SoSa {token}"}
    reply = await device.send("GET", path, headers=headers)
    return reply.status, reply.code


async def test_18_a_proof_of_a_path_is_none_of_a_longer_one(house: AuthHouse, ben: Device) -> None:
    olga = await owner_of(house)
    assert await ask(olga, f"{PATH}ben", f"{PATH}ben") == (200, "")
    # What is escaped belongs to the path: it neither begins a query nor ends the address.
    for rest in ("%3Fx", "%23x"):
        assert await ask(olga, f"{PATH}ben{rest}", f"{PATH}ben") == (401, "invalid_proof")


@pytest.mark.parametrize("name", ["Łö", "a?b", "a#b", "a b", "a%b", "a/b"])
async def test_a_proof_speaks_of_the_path_as_it_is_when_decoded(
    house: AuthHouse, name: str
) -> None:
    olga = await owner_of(house)
    # Nobody is called so, and that is what the answer says: a proof is not what is wrong.
    assert await ask(olga, PATH + quote(name, safe=""), PATH + name) == (404, "not_found")
