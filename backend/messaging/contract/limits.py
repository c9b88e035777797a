"""How much fits."""

MAX_TEXT = 1_000
"""Characters in a message, counted as Unicode code points after trimming its ends."""
MAX_BATCH = 20
"""Messages in one send."""
MAX_PAGE = 100
"""Messages in one page of history."""
MAX_EMOJI = 20
"""Different emoji that one message can be given."""
MAX_NAMED = 50
"""Members named with each emoji of a message; `count` counts all."""
MAX_QUOTE = 140
"""Characters of a message that an answer to it shows."""
