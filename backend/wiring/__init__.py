"""Which implementation stands behind each contract, and who reacts to which event.

The one place that sees behind contracts. An implementation is imported only when it is asked for,
so that a process, or a function, pays for nothing that it does not serve.
"""

from backend.wiring.doors import CONTRACTS, Peers
from backend.wiring.house import House, open_house

__all__ = ["CONTRACTS", "House", "Peers", "open_house"]
