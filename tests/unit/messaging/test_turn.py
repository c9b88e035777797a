"""What a socket is given in one turn of the loop leaves in one write."""

import asyncio

from backend.messaging.live.turn import Joined, Turn


async def test_what_comes_in_one_turn_is_one_write_in_order() -> None:
    turn, written = Turn(), list[bytes]()
    joined = Joined(turn, written.append)
    assert [joined.add(b"one"), joined.add(b"two")] == [3, 6]
    assert written == []
    await asyncio.sleep(0)
    assert written == [b"onetwo"]


async def test_the_next_turn_is_another_write() -> None:
    turn, written = Turn(), list[bytes]()
    joined = Joined(turn, written.append)
    joined.add(b"one")
    await asyncio.sleep(0)
    assert joined.add(b"two") == 3
    await asyncio.sleep(0)
    assert written == [b"one", b"two"]


async def test_each_socket_gets_its_own() -> None:
    turn, ada, ben = Turn(), list[bytes](), list[bytes]()
    to_ada, to_ben = Joined(turn, ada.append), Joined(turn, ben.append)
    to_ada.add(b"both ")
    to_ben.add(b"both ")
    to_ada.add(b"ada")
    await asyncio.sleep(0)
    assert (ada, ben) == ([b"both ada"], [b"both "])


async def test_a_flush_before_the_end_leaves_nothing_for_it() -> None:
    turn, written = Turn(), list[bytes]()
    joined = Joined(turn, written.append)
    joined.add(b"goodbye")
    joined.flush()
    assert written == [b"goodbye"]
    await asyncio.sleep(0)
    assert written == [b"goodbye"]
