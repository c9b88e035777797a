"""How often is too often (ASVS 6.1.1), before `rate_limit_scale` multiplies it."""

from backend.kit.ephemera import Limit

MINUTE = 60
HOUR = 3_600
DAY = 24 * HOUR

BEGIN = Limit("auth_begin", 30, 30 / MINUTE)
"""Beginnings of a network."""
REGISTER = Limit("auth_register", 20, 20 / HOUR)
"""Tries to register of a network."""
PASSWORD_SECONDS = 15 * MINUTE
PASSWORD_NETWORK = Limit("auth_password_network", 50, 50 / PASSWORD_SECONDS)
"""Wrong passwords of a network, for any account."""
PASSWORD_ACCOUNT = Limit("auth_password_account", 10, 10 / PASSWORD_SECONDS)
"""Wrong passwords for an account, by anyone. It never locks: see `guesses`."""
PASSWORD_DEVICE = Limit("auth_password_device", 10, 10 / PASSWORD_SECONDS)
"""Wrong passwords of a browser that has signed in to the account before."""
DEVICE_LOGIN = Limit("auth_device_login", 5, 5 / HOUR)
"""Sign-ins of a device by its keys alone. A cookie is lost now and then, not by the hour."""
MAIL = Limit("auth_mail", 3, 3 / HOUR)
"""Mails with codes to an address, whoever asks for them."""
MAIL_NETWORK = Limit("auth_mail_network", 20, 20 / HOUR)
"""Mails with codes that a network asks for: nobody shall write to a thousand people through us."""
MAIL_MEMBER = Limit("auth_mail_member", 5, 5 / HOUR)
"""Mails with codes that a member asks for, to whichever addresses."""
RESET = Limit("auth_reset", 3, 3 / DAY)
"""Codes for a forgotten password to an address that a network asks for, or a known browser."""
RESET_ADDRESS = Limit("auth_reset_address", 12, 12 / DAY)
"""The same to an address, for all who are not known: nobody shall fill a mailbox through us."""
FIRST_RUN = Limit("auth_first_run", 10, 10 / HOUR)
"""Tries of a member to become the first owner."""
FACTOR_ACCOUNT = Limit("auth_factor_account", 10, 10 / HOUR)
"""Codes tried for an account by those who know its password. A code of three that are good at once
is then guessed in a thousand days, and the owner still has a try every six minutes."""
PASSKEY_NETWORK = Limit("auth_passkey_network", 50, 50 / (15 * MINUTE))
"""Passkeys tried by a network. None is ever guessed; it is the work that is limited."""
STEP_UP = Limit("auth_step_up", 5, 1 / (3 * MINUTE))
"""Proofs tried by a session. Its own lane: nobody else's tries keep a member from theirs."""
BOTS = Limit("auth_bots", 10, 10 / DAY)
"""Bots that a member makes: names are for all, and a revoked bot keeps its own."""
BOT_SECRETS = Limit("auth_bot_secrets", 20, 20 / HOUR)
"""New secrets for the bots of a member."""
BOT_TOKENS = Limit("auth_bot_tokens", 30, 0.5)
"""Tokens of a bot."""
TICKETS = Limit("auth_tickets", 30, 0.5)
"""Tickets of a session."""
