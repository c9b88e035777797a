"""Two who have just registered talk to each other, over HTTP and the live door."""

import time

import pytest

from backend.kit.ids import new_id
from tests.acceptance.conftest import Product
from tests.members import Arrive


async def test_what_one_says_the_other_hears_at_once_and_both_ways(
    arrive: Arrive, product: Product
):
    ada, ben = await arrive("ada"), await arrive("ben")
    hers, his = await ada.connect(), await ben.connect()
    room = ada.rooms["general"]
    await hers.join(room)
    await his.join(room)
    for speaker, hearer in ((hers, his), (his, hers)):
        text = f"hello {new_id()}"
        started = time.monotonic()
        receipt = (await speaker.send(room, (new_id(), text)))["receipts"][0]
        heard = await hearer.expect_message(room)
        while heard["text"] != text:
            heard = await hearer.expect_message(room)
        assert time.monotonic() - started < product.soon / 1000
        assert (heard["id"], heard["author_id"]) == (receipt["message_id"], speaker.user)


async def test_a_third_who_joins_later_reads_what_was_said(arrive: Arrive):
    ada = await arrive("ada")
    text = f"before your time {new_id()}"
    await ada.send("pets", (new_id(), text))
    cleo = await arrive("cleo")
    joined = await (await cleo.connect()).join(cleo.rooms["pets"])
    assert joined["reset"]
    assert joined["messages"][-1]["text"] == text


async def test_who_was_away_gets_exactly_what_they_missed(arrive: Arrive):
    ada, ben = await arrive("ada"), await arrive("ben")
    room = ada.rooms["games"]
    away = await ben.connect()
    joined = await away.join(room)
    await away.close()
    texts = [f"{number} {new_id()}" for number in range(30)]
    for text in texts:
        await ada.send("games", (new_id(), text))
    back = await ben.connect()
    again = await back.join(room, {"epoch": joined["epoch"], "seq": joined["seq"]})
    assert not again["reset"]
    assert [event["message"]["text"] for event in again["events"]] == texts
    assert [event["seq"] for event in again["events"]] == [
        joined["seq"] + number for number in range(1, 31)
    ]


@pytest.mark.parametrize("retry_over", ["http", "socket"])
async def test_a_retry_over_any_way_stores_nothing_twice(arrive: Arrive, retry_over: str):
    ada = await arrive("ada")
    room, client_id, text = ada.rooms["general"], new_id(), f"once {new_id()}"
    socket = await ada.connect()
    await socket.join(room)
    first = (await socket.send(room, (client_id, text)))["receipts"]
    if retry_over == "http":
        answer = await ada.send("general", (client_id, text))
        second = answer["response"]["receipts"]
    else:
        second = (await (await ada.connect()).send(room, (client_id, text)))["receipts"]
    assert second == first
    assert (await ada.texts("general")).count(text) == 1


async def test_members_see_each_other_with_a_name_and_a_face(arrive: Arrive):
    ada, ben = await arrive("ada"), await arrive("ben")
    found = await ada.device.call(
        "profiles", "GET", "/profiles/v1/profiles", query=f"id={ben.device.user['id']}"
    )
    profile = found.response["profiles"][0]
    assert profile["username"] == ben.device.user["username"]
    face = await ada.device.send("GET", f"/profiles/v1/faces/{profile['face']}.svg")
    assert face.status == 200
    assert face.headers["Content-Type"].startswith("image/svg+xml")
    assert b"<svg" in face.body


async def test_who_is_online_is_known_to_whoever_joins(arrive: Arrive):
    ada, ben = await arrive("ada"), await arrive("ben")
    room = ada.rooms["general"]
    hers, his = await ada.connect(), await ben.connect()
    await hers.join(room)
    there = set((await his.join(room))["online"])
    # Who came at another process a moment ago is told in the next batch.
    while not {hers.user, his.user} <= there:
        there |= set((await his.expect("online"))["came"])


async def test_every_service_describes_itself(arrive: Arrive):
    ada = await arrive("ada")
    for service in ("auth", "profiles", "messaging", "community"):
        reply = await ada.device.send("GET", f"/{service}/v1/openapi.json")
        assert reply.status == 200
        assert reply.json["openapi"].startswith("3.1")
        assert not [path for path in reply.json["paths"] if path.startswith("/internal")]


async def test_no_description_speaks_of_a_refresh_token_in_a_body(arrive: Arrive):
    ada = await arrive("ada")
    document = (await ada.device.send("GET", "/auth/v1/openapi.json")).json
    assert "Sealed" in document["components"]["schemas"]
    assert "SignedIn" not in document["components"]["schemas"]
    assert "204" in document["paths"]["/auth/v1/logout"]["post"]["responses"]
