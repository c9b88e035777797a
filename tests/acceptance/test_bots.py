"""A bot, from its making over HTTP to its last word, through the Python client. In every shape."""

import asyncio
from contextlib import aclosing

import pytest

from backend.kit.ids import new_id
from sosa_client import Client, MessagePosted, SignedOutError
from tests.acceptance.conftest import Product
from tests.device import new_jti
from tests.members import Arrive, Member
from tests.trust import TRUSTED

PATIENCE_SECONDS = 20


async def make_bot(owner: Member) -> dict[str, str]:
    jti = new_jti()
    device = owner.device
    reply = await device.prove(
        "auth",
        "POST",
        "/auth/v1/bots",
        {"name": f"beep-{new_id()[-12:]}"},
        token=device.access["auth"],
        jti=jti,
    )
    told = device.open(reply.response["sealed"], jti)
    return {"bot_id": told["bot"]["id"], "secret": told["secret"], "salt": told["salt"]}


async def heard_by(client: Client, text: str) -> MessagePosted:
    async with asyncio.timeout(PATIENCE_SECONDS), aclosing(client.events()) as events:
        async for event in events:
            if isinstance(event, MessagePosted) and event.message.text == text:
                return event
    raise AssertionError("the client was closed")


async def test_a_bot_hears_people_and_people_hear_it(arrive: Arrive, product: Product):
    ada = await arrive("ada")
    room = ada.rooms["games"]
    hers = await ada.connect()
    await hers.join(room)
    told = await make_bot(ada)
    async with await Client.sign_in_bot(product.http, **told, trust=TRUSTED) as bot:
        assert room in {seen.id for seen in await bot.rooms()}
        await bot.join(room)
        question, answer = f"anybody home? {new_id()}", f"beep {new_id()}"
        await hers.send(room, (new_id(), question))
        heard = await heard_by(bot, question)
        assert heard.message.author_id == ada.device.user["id"]
        receipt = await bot.send(room, answer)
        message = await hers.expect_message(room)
        while message["text"] != answer:
            message = await hers.expect_message(room)
        assert (message["id"], message["author_id"]) == (receipt.message_id, bot.user.id)


async def test_a_revoked_bot_falls_out_at_once(arrive: Arrive, product: Product):
    ada = await arrive("ada")
    told = await make_bot(ada)
    async with await Client.sign_in_bot(product.http, **told, trust=TRUSTED) as bot:
        await bot.join(ada.rooms["games"])
        listening = asyncio.create_task(heard_by(bot, "nothing of the kind"))
        reply = await ada.device.call("auth", "DELETE", f"/auth/v1/bots/{told['bot_id']}")
        assert reply.status == 204
        with pytest.raises(SignedOutError):
            # Its tokens alone would last for a quarter of an hour.
            await asyncio.wait_for(listening, timeout=10)
    with pytest.raises(SignedOutError):
        await Client.sign_in_bot(product.http, **told, trust=TRUSTED)
