"""The dense index: passage vectors in Chroma. Nothing else knows Chroma.

Chroma is only ever written in a folder of its own that nobody reads yet (see stores/generations.py):
two writers on one path, or a kill during a write, were seen to break it.

Up to EXACT_LIMIT passages the same vectors, stored beside the collection, are compared one by one:
exact, as quick as the graph at that size, under any filter, and Chroma need not even be imported,
which takes longer than answering (docs/adr/0006-exact-search.md).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.errors import NoIndex
from ingest.stores.lexical import Scored
from ingest.types import Passage

EXACT_LIMIT = 20_000
_COLLECTION = "passages"
_VECTORS, _KEYS = "exact-vectors.npy", "exact-keys.json"
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
    np.save(folder / _VECTORS, vectors)
    keys = [[passage.key, passage.document_id] for passage in passages]
    (folder / _KEYS).write_text(json.dumps(keys, ensure_ascii=False), encoding="utf-8")


class DenseIndex:
    """An open dense index; queries take vectors, never text."""

    def __init__(self, folder: Path, exact_limit: int = EXACT_LIMIT) -> None:
        """Raises NoIndex where the folder holds no readable index."""
        self._folder = folder
        self._client: Any = None
        if not folder.is_dir():
            raise NoIndex("向量索引不在，请运行 python -m ingest verify")
        with _readable():
            rows = json.loads((folder / _KEYS).read_text(encoding="utf-8"))
            self._keys = [key for key, _ in rows]
            self._documents = np.array([document for _, document in rows], dtype=object)
            self._vectors = np.load(folder / _VECTORS, mmap_mode="r")
            if len(self._vectors) != len(rows):
                raise ValueError("vectors and keys differ")
        self._exact = len(self._keys) <= exact_limit
        if not self._exact:
            self._open_collection()

    def __len__(self) -> int:
        return len(self._keys)

    def search(
        self, vector: NDArray[np.float32], limit: int, document_ids: Sequence[str] | None = None
    ) -> list[Scored]:
        """The nearest passages by cosine similarity, best first; empty for a zero vector."""
        if not self._keys or not np.any(vector):
            return []
        if self._exact:
            return self._search_exactly(vector, limit, document_ids)
        where = {"document": {"$in": list(document_ids)}} if document_ids is not None else None
        result = self._open_collection().query(
            query_embeddings=[vector], n_results=min(limit, len(self)), where=where, include=["distances"]
        )
        return [
            Scored(key=key, score=1.0 - float(distance))
            for key, distance in zip(result["ids"][0], result["distances"][0], strict=True)
        ]

    def _search_exactly(
        self, vector: NDArray[np.float32], limit: int, document_ids: Sequence[str] | None
    ) -> list[Scored]:
        scores = np.asarray(self._vectors) @ (vector / np.linalg.norm(vector))
        wanted = np.arange(len(self._keys))
        if document_ids is not None:
            wanted = wanted[np.isin(self._documents, list(document_ids))]
        best = wanted[np.argsort(-scores[wanted], kind="stable")[:limit]]
        return [Scored(key=self._keys[row], score=float(scores[row])) for row in best]

    def _open_collection(self) -> Any:
        with _readable():
            if self._client is None:
                self._client = _client(self._folder)
            return self._client.get_collection(_COLLECTION, embedding_function=None)

    def digests(self) -> dict[str, str]:
        """Passage digests by key, for comparing with the catalogue."""
        with _readable():
            held = self._open_collection().get(include=["metadatas"])
        return {key: str(meta["digest"]) for key, meta in zip(held["ids"], held["metadatas"], strict=True)}

    def close(self) -> None:
        """Release the files."""
        if self._client is not None:
            _close(self._client)
            self._client = None


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except NoIndex:
        raise
    except Exception as error:  # numpy's, Chroma's, its database's and Rust's own errors
        raise NoIndex(f"向量索引打不开（{type(error).__name__}），请运行 python -m ingest verify") from None
