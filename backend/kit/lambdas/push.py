"""Sockets that API Gateway holds, by its `@connections`."""

from urllib.parse import quote

from backend.kit.errors import UnavailableError
from backend.kit.lambdas.aws import Aws

MAX_PUSH_BYTES = 131_072
GONE = 410


class ConnectionsPush:
    """Push by HTTP. `aws` is at the callback URL of a stage, signed for `execute-api`."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    async def send(self, connection_id: str, data: bytes) -> bool:
        if len(data) > MAX_PUSH_BYTES:
            raise ValueError(f"a frame of {len(data)} bytes cannot be pushed")
        return await self._ask("POST", connection_id, data)

    async def close(self, connection_id: str) -> None:
        await self._ask("DELETE", connection_id, b"")

    async def _ask(self, method: str, connection_id: str, data: bytes) -> bool:
        # Ids are base64: =, + and / are among their characters.
        path = f"/@connections/{quote(connection_id, safe='')}"
        try:
            status, _, _ = await self._aws.ask(method, path, data)
        except OSError as error:
            raise UnavailableError("The line to this connection is down.") from error
        if status == GONE:
            return False
        if status >= 300:  # noqa: PLR2004 - whatever is not a success
            raise UnavailableError(f"The gateway answered {status}.")
        return True
