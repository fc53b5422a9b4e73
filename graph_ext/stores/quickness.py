"""Whether a disk is so quick that the event loop itself may wait for it.

To have a thread write, and be told of it, takes as long as a quick disk takes to write some hundred
bytes. A disk that is slow is waited for by a thread alone. Called by session_file.py.
"""

from __future__ import annotations

__all__ = ["Quickness"]

_QUICK_S = 0.001  # a tenth of what a handler may hold the event loop for
_WRITES = 50  # in a row, before it is believed


class Quickness:
    """How long the last writes took.

    Attributes
    ----------
    is_quick : bool
        Whether each of the last ones was quick; a single slow one ends it.
    """

    def __init__(self) -> None:
        self.is_quick = False
        self._quick = 0

    def took(self, seconds: float) -> None:
        """Hear how long a write took, whoever has waited for it."""
        if seconds > _QUICK_S:
            self._quick, self.is_quick = 0, False
        elif not self.is_quick:
            self._quick += 1
            self.is_quick = self._quick >= _WRITES
