import asyncio

from backend.kit.patience import look_until_found


class Shelf:
    """Holds something from the n-th look on."""

    def __init__(self, from_look: int) -> None:
        self.looks = 0
        self._from_look = from_look

    async def look(self) -> str | None:
        self.looks += 1
        return "a hat" if self.looks >= self._from_look else None


async def test_what_is_there_is_found_at_the_first_look():
    shelf = Shelf(from_look=1)
    assert await look_until_found(shelf.look, patience_seconds=60) == "a hat"
    assert shelf.looks == 1


async def test_what_comes_later_is_found_later():
    shelf = Shelf(from_look=3)
    async with asyncio.timeout(5):
        assert await look_until_found(shelf.look, patience_seconds=60) == "a hat"
    assert shelf.looks == 3


async def test_without_patience_it_looks_once():
    shelf = Shelf(from_look=2)
    assert await look_until_found(shelf.look, patience_seconds=0) is None
    assert shelf.looks == 1


async def test_patience_ends_after_a_last_look():
    shelf = Shelf(from_look=1_000)
    assert await look_until_found(shelf.look, patience_seconds=0.03) is None
    assert 2 <= shelf.looks < 10
