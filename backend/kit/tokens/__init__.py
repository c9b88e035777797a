"""The tokens of the device-secret scheme (docs/sign-in.md), and the guards that every service uses.

Each kind of token has a module with its own verifier: one `typ`, one algorithm, one type of key.
There is no shared "decode this token with that key", which is how one kind of token gets taken for
another.
"""
