import asyncio

from backend.kit.endings import end, is_ending


async def test_a_task_that_swallows_a_cancellation_ends_all_the_same():
    swallowed = 0
    started = asyncio.Event()

    async def stubborn() -> None:
        nonlocal swallowed
        while swallowed < 2:
            try:
                started.set()
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                swallowed += 1

    task = asyncio.create_task(stubborn())
    await started.wait()
    async with asyncio.timeout(5):
        await end(task)
    assert task.done()
    assert swallowed == 2


async def test_ending_what_has_ended_is_nothing():
    task = asyncio.create_task(asyncio.sleep(0))
    await task
    await end(task)
    await end()


async def test_a_task_knows_that_it_was_asked_to_end():
    seen: list[bool] = []

    async def look() -> None:
        seen.append(is_ending())
        try:
            await asyncio.sleep(60)
        finally:
            seen.append(is_ending())

    task = asyncio.create_task(look())
    await asyncio.sleep(0)
    await end(task)
    assert seen == [False, True]
