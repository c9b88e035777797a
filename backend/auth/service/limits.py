"""How often is too often (ASVS 6.1.1), before `rate_limit_scale` multiplies it."""

from backend.kit.ephemera import Limit

MINUTE = 60
HOUR = 3_600
DAY = 86_400

BEGIN = Limit("auth_begin", 30, 30 / MINUTE)
"""Beginnings of a network."""
REGISTER = Limit("auth_register", 20, 20 / HOUR)
"""Tries to register of a network."""
PASSWORD_NETWORK = Limit("auth_password_network", 50, 50 / (15 * MINUTE))
"""Passwords tried by a network, for any account."""
PASSWORD_ACCOUNT = Limit("auth_password_account", 10, 1 / MINUTE)
"""Passwords tried for an account, by anyone. It never locks: every minute there is another try."""
BOTS = Limit("auth_bots", 10, 10 / DAY)
"""Bots that a member makes: names are for all, and a revoked bot keeps its own."""
BOT_SECRETS = Limit("auth_bot_secrets", 20, 20 / HOUR)
"""New secrets for the bots of a member."""
BOT_TOKENS = Limit("auth_bot_tokens", 30, 0.5)
"""Tokens of a bot."""
TICKETS = Limit("auth_tickets", 30, 0.5)
"""Tickets of a session."""
