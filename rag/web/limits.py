"""How often one visitor may ask: a few at once, then steadily; who asks faster is told how long to wait."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

# So many visitors are remembered; who was quiet longest is forgotten, and starts with a full allowance.
_MOST_VISITORS = 10_000
# Of the questions of a minute, so many may come at once.
_AT_ONCE = 1 / 3


class RateLimit:
    """An allowance for each visitor that fills up again; safe to use from several threads."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_minute / 60
        self._most = max(1.0, per_minute * _AT_ONCE)
        self._clock = clock
        self._lock = threading.Lock()
        # Visitor → what is left of the allowance, and since when.
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def seconds_to_wait(self, visitor: str) -> int:
        """0 where the visitor may ask now, which is counted; else how many seconds are missing."""
        if self._per_second <= 0:
            return 0
        with self._lock:
            now = self._clock()
            left, since = self._left.pop(visitor, (self._most, now))
            left = min(self._most, left + (now - since) * self._per_second)
            waits = left < 1
            self._left[visitor] = (left if waits else left - 1, now)
            while len(self._left) > _MOST_VISITORS:
                self._left.popitem(last=False)
            return math.ceil((1 - left) / self._per_second) if waits else 0
