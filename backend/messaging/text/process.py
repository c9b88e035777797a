"""The process that parsers run in, started when it is first needed and ended when it misbehaves.

A thread cannot be ended, and the slow parser one meets in practice is a regular expression that
backtracks without end while it holds the interpreter: no thread beside it would even notice that
its time is over. A process can be killed, whatever it is doing.
"""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from backend.messaging.text.parsers import Reading
from backend.messaging.text.worker import Outcome

PARSER_SECONDS = 1.0
"""How long a parser may take, waiting for its turn included."""
START_SECONDS = 5.0
"""How long the process may take to start: the machine's time, not the parser's."""
MOST_BYTES = 65_536
"""Of an answer."""


@dataclass(eq=False)
class ParserSkippedError(Exception):
    """The parser has no say in this message. `why` is `slow`, `crashed` or a kind of error."""

    why: str


class ParserProcess:
    """Runs one parser at a time."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._modules = modules
        self._process: Process | None = None
        self._turn = asyncio.Lock()

    async def run(self, parser: str, text: str) -> Reading | None:
        """What the parser makes of the text, within PARSER_SECONDS. Raises ParserSkippedError."""
        try:
            if self._process is None:
                async with asyncio.timeout(START_SECONDS), self._turn:
                    await self._start()
            async with asyncio.timeout(PARSER_SECONDS), self._turn:
                outcome = await self._ask(await self._start(), parser, text)
        except TimeoutError:
            raise ParserSkippedError("slow") from None
        if outcome.error:
            raise ParserSkippedError(outcome.error)
        return outcome.reading

    async def close(self) -> None:
        """End the process, if there is one."""
        async with self._turn:
            await self._end()

    async def _start(self) -> Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "backend.messaging.text.worker", *self._modules,
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=MOST_BYTES,
            # No settings, no secrets: a parser needs none.
            env={"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"},
        )  # fmt: skip
        try:
            await self._hear(process)
        except BaseException:
            await self._end()
            raise
        return process

    async def _ask(self, process: Process, parser: str, text: str) -> Outcome:
        assert process.stdin is not None  # noqa: S101 - for the type checker: it is a pipe
        try:
            process.stdin.write(msgspec.json.encode((parser, text)) + b"\n")
            await process.stdin.drain()
            return msgspec.json.decode(await self._hear(process), type=Outcome)
        except BaseException as error:
            # Also out of time, or nobody waits any more: the answer would be the next one's.
            await self._end()
            if isinstance(error, OSError | msgspec.MsgspecError):
                raise ParserSkippedError("crashed") from None
            raise

    async def _hear(self, process: Process) -> bytes:
        assert process.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
        try:
            line = await process.stdout.readline()
        except ValueError:
            line = b""
        if not line.endswith(b"\n"):
            raise ParserSkippedError("crashed")
        return line

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.wait()
