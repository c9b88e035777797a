"""What the owner of a bot is told, once."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class BotSecret:
    """Keep it like a password: whoever has it is the bot."""

    id: str
    name: str
    secret: str = field(repr=False)
    salt: str = field(repr=False)
