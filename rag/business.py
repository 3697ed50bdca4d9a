"""Whether talk is about matters of government at all: 低保怎么办 is, 电脑蓝屏怎么办 is not.

One direction in the space of the shipped embedder, learned from the questions of the pairs against
everyday talk (models/talk.txt) by models/train_ranker.py, kept in models/ranker.json.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# A single odd word must not outweigh what was found.
_MOST = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """A direction and where its zero lies; of use with the embedder named only."""

    embedder: str
    bias: float
    direction: NDArray[np.float32]

    def __call__(self, vector: NDArray[np.float32]) -> float:
        """Above 0 for government business, below for other talk, -4 to 4; 0 where no word is known."""
        if len(vector) != len(self.direction) or not vector.any():
            return 0.0
        return float(np.clip(self.bias + vector @ self.direction, -_MOST, _MOST))


def read_business(row: dict[str, Any]) -> Business:
    """From models/ranker.json; raises ValueError, KeyError, TypeError where it is malformed."""
    direction = np.asarray(row["direction"], dtype=np.float32)
    if direction.ndim != 1 or not np.isfinite(direction).all():
        raise ValueError("a direction that is none")
    return Business(embedder=str(row["embedder"]), bias=float(row["bias"]), direction=direction)
