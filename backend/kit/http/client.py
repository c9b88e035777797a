"""A client of a contract over HTTP: a pool of connections, to a port or a Unix socket."""

from typing import TypeVar

import aiohttp
from yarl import URL

from backend.kit.http import context
from backend.kit.http.calling import (
    Ask,
    ConnectionBrokenError,
    Credentials,
    NoAnswerError,
    calling,
    encode,
)

__all__ = ["HttpTransport", "client", "encode", "open_session"]

C = TypeVar("C")
UNIX = "unix:"


def open_session(url: str) -> aiohttp.ClientSession:
    """A pool of connections to the service at a URL, `http://host:port` or `unix:/path`."""
    connector = aiohttp.UnixConnector(path=url.removeprefix(UNIX)) if url.startswith(UNIX) else None
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


class HttpTransport:
    """Asks the service at a URL."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._base = "http://unix" if url.startswith(UNIX) else url.rstrip("/")
        self._session = session

    async def send(self, ask: Ask) -> tuple[int, bytes]:
        query = f"?{ask.query}" if ask.query else ""
        try:
            async with self._session.request(
                ask.method,
                URL(f"{self._base}{ask.path}{query}", encoded=True),
                data=ask.body or None,
                headers=ask.headers,
                timeout=aiohttp.ClientTimeout(total=context.seconds_left()),
                # A service answers itself; whoever stood in its place would send our papers on.
                allow_redirects=False,
            ) as response:
                return response.status, await response.read()
        except aiohttp.ClientConnectionError as error:
            raise ConnectionBrokenError from error
        except (aiohttp.ClientError, OSError) as error:
            raise NoAnswerError from error


def client(
    contract: type[C], base_url: str, session: aiohttp.ClientSession, credentials: Credentials
) -> C:
    """An implementation of the contract that asks the service at `base_url`."""
    return calling(contract, HttpTransport(base_url, session), credentials)
