"""Which passwords are taken, and their hashes."""

import asyncio
import os
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backend.auth.contract import WeakPasswordError
from backend.kit.errors import UnavailableError
from backend.kit.tokens import base64url

T = TypeVar("T")
MIN_CHARS = 15
MAX_CHARS = 256
MIN_DIFFERENT = 6
WAITING_PER_CORE = 32
"""Hashes that may wait, about two seconds' worth; more would only be waited for in vain."""
# Long enough to pass, common enough to be tried first. Compared without case, spaces and
# punctuation.
_COMMON = frozenset(
    """
    passwordpassword password12345678 password123456789 passwordpassword1 mypasswordismypassword
    iloveyouiloveyou iloveyou12345678 letmeinletmeinletmein letmein123456789 qwertyuiopasdfgh
    qwertyuiopasdfghjkl qwertyuiopasdfghjklzxcvbnm qwertyqwertyqwerty qwerty123456789
    asdfghjklqwertyuiop 1qaz2wsx3edc4rfv 1qaz2wsx3edc4rfv5tgb zaq12wsxcde34rfv q1w2e3r4t5y6u7i8
    q1w2e3r4t5y6u7i8o9p0 correcthorsebatterystaple thequickbrownfox thequickbrownfoxjumps
    abcdefghijklmno abcdefghijklmnop abcdefghijklmnopqrstuvwxyz administrator1
    administratoradministrator changemechangeme welcomewelcome123 sosasosasosasosa thisismypassword
    thisisapassword mysecretpassword supersecretpassword verysecurepassword trustno1trustno1
    1234567890qwertyuiop qwertyuiop1234567890 123456789abcdefg abc123abc123abc123 monkeymonkeymonkey
    footballfootball startrekstartrek
    """.split()  # noqa: SIM905 - a list of forty strings is harder to read
)
_RUNS = ("01234567890123456789012345678901234567890", "abcdefghijklmnopqrstuvwxyz" * 2)


def check_password(password: str, username: str) -> str:
    """The password in the spelling that is hashed (NFC). Raises WeakPasswordError.

    Length is what counts, not kinds of characters (NIST SP 800-63B-4 3.1.1.2).
    """
    normal = normalized(password)
    if not MIN_CHARS <= len(normal) <= MAX_CHARS:
        raise _weak("Passwords here have 15 to 256 characters. A short sentence works well.")
    plain = "".join(filter(str.isalnum, normal.casefold()))
    if username and username.casefold() in normal.casefold():
        raise _weak(
            "Your password should not contain your name. That is the first thing anyone tries."
        )
    if plain in _COMMON or _is_run(plain) or len(set(normal)) < MIN_DIFFERENT or _repeats(normal):
        raise _weak("Too easy to guess, alas. Four words that do not belong together work well.")
    return normal


def normalized(password: str) -> str:
    """The one spelling of a password, whichever keyboard it was typed on."""
    return unicodedata.normalize("NFC", password)


class Passwords:
    """Hashes and verifies off the event loop, on as many cores as there are.

    A hash takes 66 ms of CPU and 46 MiB on purpose. So they queue, and the queue has an end: a
    flood of sign-ins makes sign-ins slow and then refused, and nothing else.
    """

    def __init__(self, cores: int | None = None) -> None:
        self._cores = cores or os.cpu_count() or 1
        self._workers = ThreadPoolExecutor(self._cores, thread_name_prefix="argon2")
        self._room = asyncio.BoundedSemaphore(self._cores * (1 + WAITING_PER_CORE))
        self._hasher = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
        self._dummy = self._nobodys_hash()

    async def hash(self, password: str) -> str:
        """The argon2id hash. Raises UnavailableError when too many wait."""
        return await self._run(lambda: self._hasher.hash(password))

    async def is_right(self, password: str, hashed: str | None) -> bool:
        """Whether the password is the hashed one; None stands for an account that does not exist.

        It takes as long for None as for any other, or the time would tell who has an account.
        """
        return await self._run(lambda: self._is_right(password, hashed or self._dummy))

    def is_outdated(self, hashed: str) -> bool:
        """Whether the hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(hashed)

    def _is_right(self, password: str, hashed: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._room.locked():
            raise UnavailableError("The door is crowded right now. Try again in a moment.")
        async with self._room:
            return await asyncio.get_running_loop().run_in_executor(self._workers, work)

    def _nobodys_hash(self) -> str:
        # Random instead of computed: nothing hashes to it, and verifying against it costs the same.
        hasher = self._hasher
        salt, digest = _b64(os.urandom(hasher.salt_len)), _b64(os.urandom(hasher.hash_len))
        cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
        return f"$argon2id$v=19${cost}${salt}${digest}"


def _b64(data: bytes) -> str:
    # The alphabet of argon2's own format.
    return base64url.encode(data).replace("-", "+").replace("_", "/")


def _weak(message: str) -> WeakPasswordError:
    return WeakPasswordError(message, "password")


def _is_run(plain: str) -> bool:
    return any(plain in run or plain in run[::-1] for run in _RUNS)


def _repeats(password: str) -> bool:
    # "abcabcabc" is found inside of itself doubled, before its own end.
    return (password + password).find(password, 1) < len(password)
