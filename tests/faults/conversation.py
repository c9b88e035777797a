"""A scripted conversation in the middle of which something happens to the house.

Whatever it was: every acknowledged message arrives once, in order, on every client, errors are
typed, and nobody mends anything by hand.
"""

import asyncio
from collections.abc import Awaitable, Callable

from tests.faithful import Reader, Sender, Talker
from tests.faults.test_kill import until
from tests.members import arriving

ROOM = "games"
READERS = 3
EACH = 40
PATIENCE_SECONDS = 120

Disturbance = Callable[[], Awaitable[None]]


async def converse(url: str, tag: str, disturb: Disturbance) -> tuple[list[Sender], list[Reader]]:
    """Hold a conversation, a third into which `disturb` happens; check what was heard and kept."""
    async with arriving(url) as arrive:
        readers = [Reader(await arrive(f"r{number}"), ROOM) for number in range(READERS)]
        senders = [
            kind(await arrive(name), ROOM, [f"{tag}-{name}-{n}" for n in range(EACH)])
            for name, kind in {"s0": Sender, "s1": Sender, "t0": Talker, "t1": Talker}.items()
        ]
        listening = [asyncio.create_task(reader.run()) for reader in readers]
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await _until_all(listening, lambda: all(item.returns >= 0 for item in readers))
                async with asyncio.TaskGroup() as tasks:
                    for sender in senders:
                        tasks.create_task(sender.run())
                    await until(senders, len(senders) * EACH // 3)
                    await disturb()
                wanted = len(senders) * EACH
                await _until_all(
                    listening, lambda: all(len(item.texts) >= wanted for item in readers)
                )
        finally:
            for task in listening:
                task.cancel()
            await asyncio.gather(*listening, return_exceptions=True)
        kept = [text for text in await senders[0].member.texts(ROOM) if text.startswith(tag)]
    _check(senders, readers, kept)
    return senders, readers


def _check(senders: list[Sender], readers: list[Reader], kept: list[str]) -> None:
    assert sorted(kept) == sorted(text for sender in senders for text in sender.texts)
    for sender in senders:
        own = [text for text in kept if text in sender.seqs]
        assert own == sender.texts, "in the order in which they were sent"
    for reader in readers:
        assert reader.texts == kept


async def _until_all(listening: list[asyncio.Task[None]], is_so: Callable[[], bool]) -> None:
    while not is_so():
        for task in listening:
            if task.done():
                task.result()  # What a reader found wrong is the reason, not the time that passes.
        await asyncio.sleep(0.02)
