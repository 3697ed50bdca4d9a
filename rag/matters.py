"""Whose matter a question is: the shipped policy's, or another that it says nothing of (公交改线路, 低保).

Near a hundred expected questions to an article lies nearly everything that is asked of government. What tells more is how
near the question lies to questions on other matters (models/other_matters.jsonl), and on which side of a direction that
parts the two. Learned by models/train_refusal.py, kept in models/matters.safetensors, over the shipped embedder.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from ingest.errors import ModelBroken, ModelMissing

SHIPPED = Path(__file__).resolve().parent.parent / "models" / "matters.safetensors"
FEATURES = (
    "other_matter",  # the mean cosine of the closest questions on other matters
    "own_matter",  # the side of the direction, above 0 for the policy's own matters
)
_CLOSEST, _MOST = 3, 6.0
_WAY_OUT = "restore it from the repository or run `make train-ranker`"
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matters:
    """Questions on other matters (n × d, unit length), and a direction; of use with the embedder named only."""

    embedder: str
    others: Array
    direction: Array
    bias: float

    def __call__(self, vector: Array) -> dict[str, float]:
        """The two features of a question's vector (d)."""
        side = float(vector @ self.direction) + self.bias
        return {
            "other_matter": float(np.sort(self.others @ vector)[-_CLOSEST:].mean()),
            "own_matter": min(_MOST, max(-_MOST, side)),
        }

    def save(self, path: Path = SHIPPED) -> None:
        """Write them; the questions in half precision."""
        arrays = {
            "others": self.others.astype(np.float16),
            "direction": self.direction.astype(np.float32),
            "bias": np.asarray([self.bias], dtype=np.float32),
        }
        save_file(arrays, str(path), metadata={"embedder": self.embedder})


def load_matters(path: Path = SHIPPED) -> Matters:
    """Raises ModelMissing, ModelBroken naming the file."""
    if not path.is_file():
        raise ModelMissing(f"{path} is missing; {_WAY_OUT}")
    try:
        with safe_open(str(path), framework="numpy") as weights:
            others, direction, bias = (
                weights.get_tensor(name).astype(np.float32) for name in ("others", "direction", "bias")
            )
            embedder = (weights.metadata() or {})["embedder"]
        if others.ndim != 2 or others.shape[1:] != direction.shape or len(others) < _CLOSEST:
            raise ValueError("vectors of other sizes")
        if not all(np.isfinite(values).all() for values in (others, direction, bias)):
            raise ValueError("numbers that are none")
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise ModelBroken(f"{path} cannot be read ({error}); {_WAY_OUT}") from error
    return Matters(embedder=embedder, others=others, direction=direction, bias=float(bias[0]))
