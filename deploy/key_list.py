"""What `sosa keys status` shows: every key, how old it is, and what rotates it. No key itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from backend.kit.key_files import KeyTimes
from backend.kit.keyring import Keyring

DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Uses:
    """What the tables of auth say of keys."""

    signing: Sequence[tuple[str, str, datetime]] = ()
    """Name, state and since when."""
    sealed: Mapping[str, int] = field(default_factory=dict[str, int])
    """How many values are under which key-encryption key."""
    keyed: Mapping[str, Mapping[str, int]] = field(default_factory=dict[str, Mapping[str, int]])
    """How many keyed hashes of which kind are under which root."""
    leaves: Mapping[str, str] = field(default_factory=dict[str, str])
    """How those of a kind leave an older root."""


def show_keys(keyring: Keyring, uses: Uses, now: float) -> None:
    """Print one line for each key, under the command that rotates it."""
    times = keyring.times()
    identities = set(keyring.identity_keys())
    wraps = [name for name in times if " " not in name and name not in identities]
    print("Sign access tokens (by themselves each month, or: rotate-signing)")
    for kid, state, since in uses.signing:
        print(f"· {kid} is {state} since {since:%Y-%m-%d %H:%M} UTC")
    print("Seal columns (rotate-kek)")
    for name in sorted({*keyring.keks, *uses.sealed}):
        seals = ", and seals what is new" if name == keyring.primary_kek else ""
        age = _age(times.get(f"kek {name}", KeyTimes()), now)
        print(f"· key {name} has {uses.sealed.get(name, 0)} values under it{seals}; {age}")
    print("Make keyed hashes (rotate-root)")
    for name in keyring.roots:
        _show_root(name, keyring, uses, _age(times[f"root {name}"], now))
    print("Tell services the keys of devices (rotate-wrap; what they made is over in 5 minutes)")
    for name in wraps:
        print(f"· {name}; {_age(times[name], now)}")
    print("Prove which service it is (rotate-identity; what they made is over in a minute)")
    for name in times:
        if name in identities:
            print(f"· {name}; {_age(times[name], now)}")


def _show_root(name: str, keyring: Keyring, uses: Uses, age: str) -> None:
    is_newest = name == keyring.primary_root
    print(f"· root {name}{', and makes what is new' if is_newest else ''}; {age}")
    for kind, count in uses.keyed.get(name, {}).items():
        print(f"    {count} {kind}" + ("" if is_newest else f", which leave {uses.leaves[kind]}"))


def _age(times: KeyTimes, now: float) -> str:
    made = datetime.fromtimestamp(times.made, UTC)
    days = int((now - times.made) // DAY_SECONDS)
    age = f"made {made:%Y-%m-%d}, {days} days ago" if times.made else "older than its file tells"
    begins = datetime.fromtimestamp(times.starts, UTC)
    return age + (f", begins {begins:%Y-%m-%d %H:%M} UTC" if times.starts > now else "")
