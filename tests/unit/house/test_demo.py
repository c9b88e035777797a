"""The crowd of `make demo`: its script is fit to be said, and it says it in a real house."""

import asyncio
import stat
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from backend.kit.settings import SERVICES, Settings
from backend.wiring import open_house
from deploy.demo.crowd import bring_in
from deploy.demo.script import MENTION, Script, read_script
from deploy.demo.stage import Stage
from sosa_client import Client, Message, MessagePosted
from tests.device import PASSWORD
from tests.serving import free_socket, serving

SCRIPT = read_script()


def small(script: Script) -> Script:
    """A crowd of three, who still cannot keep quiet."""
    crowd = script.crowd[:3]
    keys = {figure.key for figure in crowd}
    scenes = {
        room: tuple(
            tuple(line for line in scene if {line.key, *MENTION.findall(line.text)} <= keys)
            for scene in room_scenes
        )
        for room, room_scenes in script.scenes.items()
    }
    return Script(crowd, script.greetings, scenes)


@asynccontextmanager
async def open_url(folder: Path) -> AsyncGenerator[str]:
    listener = free_socket()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = Settings(data_dir=folder, rate_limit_scale=1000, public_origin=url)
    async with open_house(settings, serve=SERVICES) as (_, app), serving(app, listener):
        yield url


async def heard(client: Client, *, by: set[str]) -> Message:
    async with asyncio.timeout(20), aclosing(client.events()) as events:
        async for event in events:
            if isinstance(event, MessagePosted) and event.message.author_id in by:
                return event.message
    raise AssertionError("the client was closed")


def test_every_line_can_be_said_and_every_name_can_be_had():
    assert len(SCRIPT.crowd) == 12
    assert set(SCRIPT.scenes) == {"general", "games", "pets"}
    lines = [line for scenes in SCRIPT.scenes.values() for scene in scenes for line in scene]
    assert len(lines) > 100
    texts = [line.text for line in lines]
    texts += [text for figure in SCRIPT.crowd for text in figure.replies]
    assert [text for text in (*texts, *SCRIPT.greetings) if not 0 < len(text) <= 300] == []
    assert [line for line in lines if line.pause < 1] == []
    for figure in SCRIPT.crowd:
        assert 4 <= len(figure.nickname) <= 32
        assert len(figure.identity) <= 40
        assert any(line.key == figure.key for line in lines), figure.key


def test_a_line_of_somebody_who_is_not_there_is_noticed(tmp_path: Path):
    script = tmp_path / "script.toml"
    who = (
        'greetings = []\n[[crowd]]\nkey = "ada"\nnickname = "Ada A"\nidentity = "x"\nreplies = []\n'
    )
    script.write_text(f'{who}[[scene]]\nroom = "general"\nlines = [["ada", 1, "hi"]]\n')
    assert read_script(script)
    script.write_text(f'{who}[[scene]]\nroom = "general"\nlines = [["ada", 1, "hi @ben"]]\n')
    with pytest.raises(KeyError, match="ben"):
        read_script(script)


async def test_the_crowd_talks_answers_people_and_comes_back_as_itself(tmp_path: Path):
    script, memory = small(SCRIPT), tmp_path / "demo.json"
    async with open_url(tmp_path) as url:
        async with bring_in(url, script.crowd, memory) as cast:
            first = {key: client.user.id for key, client in cast.items()}
        assert stat.S_IMODE(memory.stat().st_mode) == 0o600
        async with bring_in(url, script.crowd, memory) as cast:
            assert {key: client.user.id for key, client in cast.items()} == first
            playing = asyncio.create_task(Stage(cast, script, pace=10).play())
            ada = await Client.register(url, "ada", PASSWORD, age_answer="18_plus", terms=True)
            async with ada:
                room = next(seen.id for seen in await ada.rooms() if seen.name == "pets")
                await ada.join(room)
                assert await heard(ada, by=set(first.values()))
                await ada.send(room, "is that you, @toast?")
                replies = script.crowd[1].replies
                while (await heard(ada, by={first["toast"]})).text not in replies:
                    pass
            assert not playing.done()
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
