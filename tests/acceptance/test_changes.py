"""What becomes of messages, for those who are there and for those who come back."""

from typing import Any

import pytest

from backend.kit.ids import new_id
from tests.members import Arrive, Member
from tests.socket_client import SocketClient


async def said_by(socket: SocketClient, room: str, text: str, **more: Any) -> str:
    """Say something; returns the id it got."""
    frame = {"t": "send", "room": room, "messages": [{"id": new_id(), "text": text, **more}]}
    return (await socket.ask(frame))["receipts"][0]["message_id"]


async def change_over(
    way: str, member: Member, socket: SocketClient, room: str, message: str, **deed: Any
) -> int:
    """Change a message over HTTP or the socket; returns the status of what came back."""
    if way == "socket":
        answer = await socket.change(room, message, new_id(), **deed)
        return 200 if answer["t"] == "changed" else answer["status"]
    path = f"/messaging/v1/rooms/{room}/messages/{message}/changes"
    reply = await member.device.call("messaging", "POST", path, {"id": new_id(), "do": deed})
    return reply.status


@pytest.mark.parametrize("way", ["http", "socket"])
async def test_who_is_there_sees_a_message_change(arrive: Arrive, way: str):
    ada, ben = await arrive("ada"), await arrive("ben")
    hers, his = await ada.connect(), await ben.connect()
    room = ada.rooms["games"]
    await hers.join(room)
    await his.join(room)
    said = await said_by(hers, room, "helo")
    assert await change_over(way, ada, hers, room, said, kind="edit", text="hello") == 200
    assert (await his.expect_event(room, "edited"))["message"]["text"] == "hello"
    assert await change_over(way, ben, his, room, said, kind="react", emoji="🔥") == 200
    reacted = (await hers.expect_event(room, "reacted"))["message"]
    assert reacted["reactions"] == [{"emoji": "🔥", "count": 1, "users": [his.user]}]
    answer = await said_by(his, room, "what?", reply_to=said)
    assert await change_over(way, ben, his, room, answer, kind="pin") == 200
    pinned = (await hers.expect_event(room, "pinned"))["message"]
    assert (pinned["reply_to"]["text"], "pinned_at" in pinned) == ("hello", True)
    assert await change_over(way, ben, his, room, said, kind="delete") == 403
    assert await change_over(way, ada, hers, room, said, kind="delete") == 200
    assert (await his.expect_event(room, "deleted"))["gone"] == said
    assert await change_over(way, ada, hers, room, said, kind="pin") == 404


async def test_who_was_away_learns_what_became_of_messages_and_no_more(arrive: Arrive):
    ada, ben = await arrive("ada"), await arrive("ben")
    room = ada.rooms["games"]
    hers, away = await ada.connect(), await ben.connect()
    await hers.join(room)
    kept = await said_by(hers, room, "kept")
    gone = await said_by(hers, room, "gone")
    joined = await away.join(room)
    await away.close()
    passing = await said_by(hers, room, "said in passing")
    await hers.change(room, kept, new_id(), kind="edit", text="kept, and better")
    for message in (gone, passing):
        await hers.change(room, message, new_id(), kind="delete")
    back = await ben.connect()
    told = await back.join(room, {"epoch": joined["epoch"], "seq": joined["seq"]})
    assert not told["reset"]
    assert [(event["kind"], event.get("gone", kept)) for event in told["events"]] == [
        ("posted", passing),
        ("edited", kept),
        ("deleted", gone),
        ("deleted", passing),
    ]
    assert told["events"][1]["message"]["text"] == "kept, and better"
    assert "passing" not in str(told)
    texts = await ben.texts("games")
    assert "kept, and better" in texts
    assert not {"kept", "gone", "said in passing"} & set(texts)


async def test_a_change_that_is_sent_again_happens_once(arrive: Arrive):
    ada = await arrive("ada")
    room, id_ = ada.rooms["pets"], new_id()
    socket = await ada.connect()
    await socket.join(room)
    said = await said_by(socket, room, "a goat")
    on: dict[str, Any] = {"kind": "react", "emoji": "🐐"}
    first = (await socket.change(room, said, id_, **on))["receipt"]
    await socket.change(room, said, new_id(), **on | {"on": False})
    assert (await socket.change(room, said, id_, **on))["receipt"] == first
    path = f"/messaging/v1/rooms/{room}/messages/{said}/changes"
    again = await ada.device.call("messaging", "POST", path, {"id": id_, "do": on})
    assert again.response == first
    page = await ada.device.call("messaging", "GET", f"/messaging/v1/rooms/{room}/messages")
    (message,) = [item for item in page.response["messages"] if item["id"] == said]
    assert "reactions" not in message
