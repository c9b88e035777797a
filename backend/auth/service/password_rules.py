"""Which passwords are taken (NIST SP 800-63B-4 3.1.1.2): long ones that are hard to guess.

Kinds of characters are not asked for, and no password has to be changed for its age.
"""

from importlib import import_module

from backend.auth.contract import WeakPasswordError
from backend.auth.service.breaches import Breaches
from backend.auth.service.passwords import Passwords, normalized

MIN_CHARS = 15
MIN_CHARS_BESIDE_FACTOR = 8
"""Where a second factor is asked for as well."""
MAX_CHARS = 256
MIN_DIFFERENT = 6
MIN_SCORE = 3
"""Of zxcvbn, 0 to 4: ten thousand million guesses, so that a stolen hash holds out as well."""
SCORED_CHARS = 72
"""More of them would take zxcvbn seconds, and make nothing easier to guess."""
MIN_WORD_CHARS = 3
"""Shorter parts of a name are in many passwords by chance."""
SITE_WORDS = ("sosa", "savanna")
# Long enough to pass, common enough to be tried first, and not in the dictionaries of zxcvbn.
# Compared without case, spaces and punctuation.
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


TOO_SHORT = f"Without a second lock, a password here has {MIN_CHARS} characters or more."


def is_short(password: str) -> bool:
    """Whether a password, as it is hashed, is fine beside a second factor only."""
    return len(password) < MIN_CHARS


class PasswordRules:
    """Says whether a password may be had."""

    def __init__(self, passwords: Passwords, breaches: Breaches) -> None:
        self._passwords = passwords
        self._breaches = breaches

    async def check(
        self, password: str, *words: str, field: str = "password", has_factor: bool = False
    ) -> str:
        """The password in the spelling that is hashed (NFC).

        `words` are what anyone knows of its owner: the username, the address. Raises
        WeakPasswordError, UnavailableError.
        """
        normal = normalized(password)
        reason = _reason(normal, words, has_factor=has_factor)
        if reason is None and await self._passwords.work(lambda: _score(normal, words)) < MIN_SCORE:
            reason = _EASY
        if reason is None and await self._breaches.contain(normal):
            reason = _BREACHED
        if reason is not None:
            raise WeakPasswordError(reason, field)
        return normal


_EASY = "Too easy to guess, alas. Four words that do not belong together work well."
_NAMED = "Your password should not contain your name. That is the first thing anyone tries."
_BREACHED = (
    "That password was in somebody's breach, so it is on every list that is tried first. Please"
    " take another one."
)


def _reason(normal: str, words: tuple[str, ...], *, has_factor: bool) -> str | None:
    least = MIN_CHARS_BESIDE_FACTOR if has_factor else MIN_CHARS
    if not least <= len(normal) <= MAX_CHARS:
        return (
            f"Passwords here have {least} to {MAX_CHARS} characters. A short sentence works well."
        )
    if any(word in normal.casefold() for word in _names(words)):
        return _NAMED
    plain = "".join(filter(str.isalnum, normal.casefold()))
    if plain in _COMMON or _is_run(plain) or len(set(normal)) < MIN_DIFFERENT or _repeats(normal):
        return _EASY
    return None


def _names(words: tuple[str, ...]) -> list[str]:
    # Of an address, what is before the @ is the name.
    names = [word.partition("@")[0].casefold() for word in words]
    return [name for name in names if len(name) >= MIN_WORD_CHARS]


def _score(normal: str, words: tuple[str, ...]) -> int:
    # Imported in the worker thread when the first password is chosen: it reads 30,000 words.
    known = [*SITE_WORDS, *_names(words)]
    result = import_module("zxcvbn").zxcvbn(normal[:SCORED_CHARS], user_inputs=known)
    return int(result["score"])


def _is_run(plain: str) -> bool:
    return any(plain in run or plain in run[::-1] for run in _RUNS)


def _repeats(password: str) -> bool:
    # "abcabcabc" is found inside of itself doubled, before its own end.
    return (password + password).find(password, 1) < len(password)
