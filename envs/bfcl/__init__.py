"""The eight stateful API classes of the Berkeley Function-Calling Leaderboard (``bfcl-eval``) as environments.

Importing this package needs nothing but the project; using it needs ``bfcl-eval``, and says how to install it.
BFCL is a benchmark as well: what is made here is in-domain for it.
"""

from envs.bfcl.domain import BfclDomain

__all__ = ["BfclDomain"]
