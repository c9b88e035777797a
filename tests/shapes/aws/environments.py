"""Execution environments: each a process with AWS's own runtime client, for one call at a time."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiohttp import web

from tests.shapes.aws.stacks import REGION, Function

ROOT = Path(__file__).resolve().parents[3]
RUNTIME_CLIENT = ROOT / ".venv-aws" / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
MAX_ENVIRONMENTS = 4
"""Of each function. AWS would start as many as there are calls; two cores would not."""
GRACE_SECONDS = 2
MAX_PAYLOAD_BYTES = 6 * 1024 * 1024

# Behind the application's own packages, since the tools bring other versions of some of them.
START = "import sys; sys.path.append(sys.argv.pop(1)); from awslambdaric.__main__ import main; main(sys.argv)"  # noqa: E501


def _is_passed(name: str) -> bool:
    # What a child needs, and what measures coverage in it.
    return name == "PATH" or name.startswith("COVERAGE_")


class FunctionError(Exception):
    """The function raised, died, or took too long."""


class Environment:
    """A process, and the runtime API that it asks for work."""

    def __init__(self, function: Function, variables: Mapping[str, str], log: Path) -> None:
        self._function = function
        self._variables = variables
        self._log = log
        self._work: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self._answers: dict[str, asyncio.Future[Any]] = {}
        self._runner: web.AppRunner | None = None
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        base = "/2018-06-01/runtime"
        app = web.Application(client_max_size=MAX_PAYLOAD_BYTES)
        app.router.add_get(f"{base}/invocation/next", self._next)
        app.router.add_post(f"{base}/invocation/{{id}}/response", self._response)
        app.router.add_post(f"{base}/invocation/{{id}}/error", self._error)
        app.router.add_post(f"{base}/init/error", self._init_error)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        environment = {
            **{name: os.environ[name] for name in os.environ if _is_passed(name)},  # noqa: TID251
            **self._function.environment,
            **self._variables,
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
            "AWS_LAMBDA_FUNCTION_NAME": self._function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
            "AWS_REGION": REGION,
            "LAMBDA_TASK_ROOT": str(ROOT),
            # A function may write nowhere but in /tmp; what it would make in a data folder is lost.
            "SOSA_DATA_DIR": "/proc/nowhere",
        }
        with self._log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", START, str(RUNTIME_CLIENT), self._function.handler,
                cwd=ROOT, env=environment, stdout=log, stderr=log,
            )  # fmt: skip

    async def invoke(self, event: Mapping[str, Any]) -> Any:
        identity = str(uuid4())
        answer = self._answers[identity] = asyncio.get_running_loop().create_future()
        self._work.put_nowait((identity, json.dumps(event)))
        assert self.process
        died = asyncio.create_task(self.process.wait())
        try:
            async with asyncio.timeout(self._function.timeout):
                await asyncio.wait({answer, died}, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise FunctionError(f"{self._function.name} died")
            return answer.result()
        finally:
            died.cancel()
            del self._answers[identity]

    async def stop(self) -> None:
        # Without the API that it asks for work it ends by itself, and says what it has covered.
        if self._runner:
            await self._runner.cleanup()
        if self.process and self.process.returncode is None:
            try:
                async with asyncio.timeout(GRACE_SECONDS):
                    await self.process.wait()
            except TimeoutError:
                self.process.kill()
                await self.process.wait()

    async def _next(self, _request: web.Request) -> web.Response:
        identity, event = await self._work.get()
        deadline = int((time.time() + self._function.timeout) * 1000)
        return web.Response(
            # With a charset, the client takes the event for bytes of unknown kind.
            body=event.encode(),
            content_type="application/json",
            headers={
                "Lambda-Runtime-Aws-Request-Id": identity,
                "Lambda-Runtime-Deadline-Ms": str(deadline),
                "Lambda-Runtime-Invoked-Function-Arn": self._function.arn,
                "Lambda-Runtime-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793",
            },
        )

    async def _response(self, request: web.Request) -> web.Response:
        answer = self._answers.get(request.match_info["id"])
        body = await request.read()
        if answer and not answer.done():
            answer.set_result(json.loads(body))
        return web.Response(status=202)

    async def _error(self, request: web.Request) -> web.Response:
        answer = self._answers.get(request.match_info["id"])
        if answer and not answer.done():
            answer.set_exception(FunctionError(await request.text()))
        return web.Response(status=202)

    async def _init_error(self, request: web.Request) -> web.Response:
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(FunctionError(await request.text()))
        return web.Response(status=202)


class Fleet:
    """The environments of a function."""

    def __init__(self, function: Function, variables: Mapping[str, str], log: Path) -> None:
        self.function = function
        self._variables = variables
        self._log = log
        self._idle: list[Environment] = []
        self._all: set[Environment] = set()
        self._free = asyncio.Semaphore(MAX_ENVIRONMENTS)

    async def invoke(self, event: Mapping[str, Any]) -> Any:
        """What the function answers. Raises FunctionError."""
        if len(json.dumps(event)) > MAX_PAYLOAD_BYTES:
            raise FunctionError("the payload is too large")
        async with self._free:
            environment = self._idle.pop() if self._idle else await self._start()
            try:
                answer = await environment.invoke(event)
            except (TimeoutError, FunctionError) as error:
                if isinstance(error, TimeoutError) or environment.process is None:
                    await self._drop(environment)
                else:
                    self._idle.append(environment)
                raise FunctionError(str(error) or "timeout") from error
            self._idle.append(environment)
            return answer

    async def stop(self) -> None:
        for environment in self._all:
            await environment.stop()

    async def _start(self) -> Environment:
        environment = Environment(self.function, self._variables, self._log)
        self._all.add(environment)
        await environment.start()
        return environment

    async def _drop(self, environment: Environment) -> None:
        self._all.discard(environment)
        await environment.stop()
