"""The show: scenes in every room at once, and an ear for whoever walks in."""

import asyncio
import random
import re
from collections.abc import Sequence

from deploy.demo.crowd import Cast
from deploy.demo.script import MENTION, Line, Script
from sosa_client import Client, MessagePosted

SHORTEST_PAUSE = 0.8
"""Seconds between two lines of a room, whatever the pace: this is a chat and no waterfall."""
WARM_UP = 4.0
"""How much faster the first scene goes, so that nobody looks at an empty room for long."""
BETWEEN_SCENES = (6.0, 14.0)
THINKING = (1.5, 3.5)
REPLY_EVERY_SECONDS = 5.0
"""Of one bot: two people cannot make it chatter without end."""


class Stage:
    """Plays the script until cancelled."""

    def __init__(self, cast: Cast, script: Script, *, pace: float = 1.0) -> None:
        self._cast = cast
        self._script = script
        self._pace = pace
        self._replies = {figure.key: figure.replies for figure in script.crowd}
        self._ids = {client.user.id for client in cast.values()}
        self._replied_at: dict[str, float] = {}
        self._greeted: set[str] = set()

    async def play(self) -> None:
        """Every room at once, scene after scene, in another order each time."""
        any_of_them = next(iter(self._cast.values()))
        ids = {room.name: room.id for room in await any_of_them.rooms()}
        rooms = {ids[name]: scenes for name, scenes in self._script.scenes.items() if name in ids}
        for client in self._cast.values():
            await asyncio.gather(*(client.join(room) for room in rooms))
        async with asyncio.TaskGroup() as group:
            for room, scenes in rooms.items():
                group.create_task(self._play_room(room, scenes))
            for key, client in self._cast.items():
                group.create_task(self._listen(key, client))

    async def _play_room(self, room: str, scenes: Sequence[tuple[Line, ...]]) -> None:
        hurry = WARM_UP
        while True:
            for scene in random.sample(scenes, len(scenes)):
                for line in scene:
                    await self._pause(line.pause / hurry)
                    await self._cast[line.key].send(room, self._spoken(line.text))
                hurry = 1.0
                await self._pause(random.uniform(*BETWEEN_SCENES))  # noqa: S311 - a pause

    async def _listen(self, key: str, client: Client) -> None:
        """Answer people who mention this one, and greet those whom nobody has greeted yet."""
        own = re.compile(rf"@?\b{re.escape(client.user.username)}\b", re.IGNORECASE)
        async for event in client.events():
            if not isinstance(event, MessagePosted) or event.message.author_id in self._ids:
                continue
            author = event.message.author_id
            if own.search(event.message.text):
                self._greeted.add(author)
                await self._reply(key, client, event.room, self._replies[key])
            elif author not in self._greeted and not self._is_addressed(event.message.text):
                self._greeted.add(author)
                await self._reply(key, client, event.room, self._script.greetings)

    async def _reply(self, key: str, client: Client, room: str, options: tuple[str, ...]) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._replied_at.get(key, -REPLY_EVERY_SECONDS) < REPLY_EVERY_SECONDS:
            return
        self._replied_at[key] = now
        await self._pause(random.uniform(*THINKING))  # noqa: S311 - a pause
        await client.send(room, self._spoken(random.choice(options)))  # noqa: S311 - a joke

    def _is_addressed(self, text: str) -> bool:
        low = text.lower()
        return any(client.user.username.lower() in low for client in self._cast.values())

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(max(SHORTEST_PAUSE, seconds / self._pace))

    def _spoken(self, text: str) -> str:
        """Mentions by the names that these bots got in this house."""
        return MENTION.sub(lambda found: f"@{self._cast[found[1]].user.username}", text)
