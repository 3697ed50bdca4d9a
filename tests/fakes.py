"""Honest stand-ins for what is slow or outside: they keep the same contracts, in plain sight."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.text import bigrams, fold


class HashEmbedder:
    """An embedder without weights: each pair of characters falls into one of a few buckets.

    Texts with pairs in common come out near each other, which is all that a store's test needs.
    `seen` holds every text that was embedded as a document, in order.
    """

    baseline = 0.0

    def __init__(self, dimensions: int = 64, name: str = "hash") -> None:
        self.name = f"{name}-{dimensions}"
        self.dimensions = dimensions
        self.seen: list[str] = []

    def embed_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row per text, `(len(texts), dimensions)`."""
        self.seen += texts
        return np.array([self._embed(text) for text in texts], dtype=np.float32).reshape(-1, self.dimensions)

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question, `(dimensions,)`."""
        return self._embed(text)

    def _embed(self, text: str) -> NDArray[np.float32]:
        vector = np.zeros(self.dimensions, dtype=np.float32)
        for pair in bigrams(fold(text)):
            bucket = int.from_bytes(hashlib.blake2b(pair.encode(), digest_size=4).digest(), "big")
            vector[bucket % self.dimensions] += 1
        length = float(np.linalg.norm(vector))
        return vector / length if length else vector
