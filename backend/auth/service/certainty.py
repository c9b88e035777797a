"""How sure we are of who somebody is, by how they showed it."""

AMR_OF_DEVICE = "dev"
"""They were let in because the device is known, and for nothing else; RFC 8176 has no name for it.
"""


def joined(*methods: str) -> str:
    """Methods of authentication, each said once, in the order they came."""
    return " ".join(dict.fromkeys(" ".join(methods).split()))


def acr_of(amr: str) -> str:
    """How sure that makes us: `high` by several factors, `low` by a known device alone."""
    methods = set(amr.split())
    if "mfa" in methods:
        return "high"
    return "low" if methods <= {AMR_OF_DEVICE} else "std"
