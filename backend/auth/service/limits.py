"""How often is too often (ASVS 6.1.1), before `rate_limit_scale` multiplies it."""

from backend.kit.ephemera import Limit

MINUTE = 60
HOUR = 3_600

BEGIN = Limit("auth_begin", 30, 30 / MINUTE)
"""Beginnings of a network."""
REGISTER = Limit("auth_register", 20, 20 / HOUR)
"""Tries to register of a network."""
PASSWORD_NETWORK = Limit("auth_password_network", 50, 50 / (15 * MINUTE))
"""Passwords tried by a network, for any account."""
PASSWORD_ACCOUNT = Limit("auth_password_account", 10, 1 / MINUTE)
"""Passwords tried for an account, by anyone. It never locks: every minute there is another try."""
FIRST_RUN = Limit("auth_first_run", 10, 10 / HOUR)
"""Tries of a member to become the first owner."""
FACTOR_ACCOUNT = Limit("auth_factor_account", 10, 10 / HOUR)
"""Codes tried for an account by those who know its password. A code of three that are good at once
is then guessed in a thousand days, and the owner still has a try every six minutes."""
PASSKEY_NETWORK = Limit("auth_passkey_network", 50, 50 / (15 * MINUTE))
"""Passkeys tried by a network. None is ever guessed; it is the work that is limited."""
STEP_UP = Limit("auth_step_up", 5, 1 / (3 * MINUTE))
"""Proofs tried by a session. Its own lane: nobody else's tries keep a member from theirs."""
TICKETS = Limit("auth_tickets", 30, 0.5)
"""Tickets of a session."""
