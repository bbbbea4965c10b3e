"""Synthesis noise (ε): named, composable, seeded operators that make a request less plain.

Some change the trace before its query is written (``varied``): a value is no longer said but described, or meant from
an earlier turn. The others only change the wording (``worded``). Which of them a turn gets is drawn, each by its share.
"""

from graphs.noise.applying import varied, worded
from graphs.noise.operators import OPERATORS, drawn

__all__ = ["OPERATORS", "drawn", "varied", "worded"]
