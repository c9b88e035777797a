"""Hashes of passwords."""

import asyncio
import os
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backend.kit.errors import UnavailableError
from backend.kit.tokens import base64url

T = TypeVar("T")
WAITING_PER_CORE = 32
"""Hashes that may wait, about two seconds' worth; more would only be waited for in vain."""


def new_hasher() -> PasswordHasher:
    """Argon2id with what it costs here."""
    return PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)


def normalized(password: str) -> str:
    """The one spelling of a password, whichever keyboard it was typed on."""
    return unicodedata.normalize("NFC", password)


class Passwords:
    """Hashes and verifies off the event loop, on as many cores as there are.

    A hash takes 66 ms of CPU and 46 MiB on purpose. So they queue, and the queue has an end: a
    flood of sign-ins makes sign-ins slow and then refused, and nothing else.
    """

    def __init__(self, cores: int | None = None, waiting: int = WAITING_PER_CORE) -> None:
        self._cores = cores or os.cpu_count() or 1
        self._workers = ThreadPoolExecutor(self._cores, thread_name_prefix="argon2")
        self._room = asyncio.BoundedSemaphore(self._cores * (1 + waiting))
        self._hasher = new_hasher()
        self._dummy = self._nobodys_hash()

    async def hash(self, password: str) -> str:
        """The argon2id hash. Raises UnavailableError when too many wait."""
        return await self.work(lambda: self._hasher.hash(password))

    async def is_right(self, password: str, hashed: str | None) -> bool:
        """Whether the password is the hashed one; None stands for an account that does not exist.

        It takes as long for None as for any other, or the time would tell who has an account.
        """
        return await self.work(lambda: self._is_right(password, hashed or self._dummy))

    def is_outdated(self, hashed: str) -> bool:
        """Whether the hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(hashed)

    async def work(self, work: Callable[[], T]) -> T:
        """Do something costly for a password, in the same queue. Raises UnavailableError."""
        if self._room.locked():
            raise UnavailableError("The door is crowded right now. Try again in a moment.")
        async with self._room:
            return await asyncio.get_running_loop().run_in_executor(self._workers, work)

    def _is_right(self, password: str, hashed: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def _nobodys_hash(self) -> str:
        # Random instead of computed: nothing hashes to it, and verifying against it costs the same.
        hasher = self._hasher
        salt, digest = _b64(os.urandom(hasher.salt_len)), _b64(os.urandom(hasher.hash_len))
        cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
        return f"$argon2id$v=19${cost}${salt}${digest}"


def _b64(data: bytes) -> str:
    # The alphabet of argon2's own format.
    return base64url.encode(data).replace("-", "+").replace("_", "/")
