"""The dense index: passage vectors in Chroma. Nothing else knows Chroma.

Chroma is only ever written in a folder of its own that nobody reads yet (see stores/index.py):
two writers on one path, or a kill during a write, were seen to break it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.errors import NoIndex
from ingest.stores.lexical import Scored
from ingest.types import Passage

_COLLECTION = "passages"
_BATCH = 2000


def _client(folder: Path) -> Any:
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))


def _close(client: Any) -> None:
    client.close()


def build_dense(folder: Path, passages: Sequence[Passage], vectors: NDArray[np.float32]) -> None:
    """Write a new collection of passage vectors (n × d, unit length) into an empty folder."""
    folder.mkdir(parents=True)
    client = _client(folder)
    try:
        collection = client.create_collection(
            _COLLECTION, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
        )
        for begin in range(0, len(passages), _BATCH):
            chunk = passages[begin : begin + _BATCH]
            collection.add(
                ids=[passage.key for passage in chunk],
                embeddings=vectors[begin : begin + _BATCH],
                metadatas=[{"document": passage.document_id, "digest": passage.digest} for passage in chunk],
            )
    finally:
        _close(client)


class DenseIndex:
    """An open dense index; queries take vectors, never text."""

    def __init__(self, folder: Path) -> None:
        """Raises NoIndex where the folder holds no readable collection."""
        if not folder.is_dir():
            raise NoIndex("向量索引不在,请运行 python -m ingest verify")
        try:
            self._client = _client(folder)
            self._collection = self._client.get_collection(_COLLECTION, embedding_function=None)
            self._count = int(self._collection.count())
        except Exception as error:  # Chroma raises its own, its database's and Rust's errors here.
            raise NoIndex(f"向量索引打不开({type(error).__name__}),请运行 python -m ingest verify") from None

    def __len__(self) -> int:
        return self._count

    def search(
        self, vector: NDArray[np.float32], limit: int, document_ids: Sequence[str] | None = None
    ) -> list[Scored]:
        """The nearest passages by cosine similarity, best first; empty for a zero vector."""
        if not self._count or not np.any(vector):
            return []
        where = {"document": {"$in": list(document_ids)}} if document_ids is not None else None
        result = self._collection.query(
            query_embeddings=[vector], n_results=min(limit, self._count), where=where, include=["distances"]
        )
        return [
            Scored(key=key, score=1.0 - float(distance))
            for key, distance in zip(result["ids"][0], result["distances"][0], strict=True)
        ]

    def digests(self) -> dict[str, str]:
        """Passage digests by key, for comparing with the catalogue."""
        held = self._collection.get(include=["metadatas"])
        return {key: str(meta["digest"]) for key, meta in zip(held["ids"], held["metadatas"], strict=True)}

    def close(self) -> None:
        """Release the files."""
        _close(self._client)
