"""Expected questions as the retriever compares them: each clause's words and vectors, laid out once at build.

Made at question time they would cost the first question of a process a third of a second on the shipped policy,
and a minute with a large hub model.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.errors import NoIndex
from ingest.tokens import Tokenizer
from ingest.types import Passage

_VECTORS, _CLAUSES = "vectors.npy", "clauses.json"


def question_digest(question: str) -> str:
    """What an expected question's vector is remembered by."""
    return hashlib.sha256(f"question\x1f{question}".encode()).hexdigest()


def embedded_questions(passages: Sequence[Passage]) -> dict[str, str]:
    """Digest → question, of all expected questions."""
    return {question_digest(question): question for passage in passages for question in passage.questions}


def build_asked(
    folder: Path,
    passages: Sequence[Passage],
    vectors: Mapping[str, NDArray[np.float32]],
    dimensions: int,
    tokenizer: Tokenizer,
) -> None:
    """Write words and vectors (by `question_digest`) of all passages with questions into an empty folder."""
    folder.mkdir(parents=True)
    rows: list[NDArray[np.float32]] = []
    clauses: dict[str, list[object]] = {}
    for passage in passages:
        if passage.questions:
            digests = dict.fromkeys(question_digest(question) for question in passage.questions)
            own = [vectors[digest] for digest in digests if digest in vectors]
            words = sorted({word for question in passage.questions for word in tokenizer.words(question)})
            clauses[passage.key] = [len(rows), len(rows) + len(own), " ".join(words)]
            rows += own
    stacked = np.stack(rows) if rows else np.zeros((0, dimensions), dtype=np.float32)
    np.save(folder / _VECTORS, stacked)
    (folder / _CLAUSES).write_text(json.dumps(clauses, ensure_ascii=False), encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The expected questions of one clause: their search words, and their vectors (n × d, unit length)."""

    words: frozenset[str]
    vectors: NDArray[np.float32]

    def likeness(self, vector: NDArray[np.float32]) -> float:
        """The mean cosine of the closest three expected questions; 0 without any."""
        if not len(self.vectors):
            return 0.0
        return float(np.sort(self.vectors @ vector)[-3:].mean())


class AskedIndex:
    """The open folder."""

    def __init__(self, folder: Path) -> None:
        """Raises NoIndex where the folder holds nothing readable."""
        self._words: dict[tuple[str, ...], frozenset[str]] = {}
        self._read: dict[str, Asked] = {}
        try:
            self._vectors = np.load(folder / _VECTORS, mmap_mode="r")
            self._clauses = json.loads((folder / _CLAUSES).read_text(encoding="utf-8"))
            if max((end for _, end, _ in self._clauses.values()), default=0) != len(self._vectors):
                raise ValueError("vectors and clauses differ")
        except (OSError, EOFError, ValueError, TypeError) as error:
            raise NoIndex(
                f"预设问法打不开（{type(error).__name__}），请运行 python -m ingest verify"
            ) from None

    def of(self, key: str) -> Asked:
        """The questions of a clause; none where nobody wrote any."""
        found = self._read.get(key)
        if found is None:
            start, end, words = self._clauses.get(key, (0, 0, ""))
            found = Asked(words=frozenset(words.split()), vectors=np.asarray(self._vectors[start:end]))
            if key in self._clauses:
                self._read[key] = found
        return found

    def keys(self) -> set[str]:
        """The clauses that have questions."""
        return set(self._clauses)

    def words(self, document_ids: Sequence[str]) -> frozenset[str]:
        """All words that any question of these documents holds."""
        wanted = tuple(document_ids)
        if wanted not in self._words:
            self._words[wanted] = frozenset(
                word
                for key, (_, _, words) in self._clauses.items()
                if key.rpartition("#")[0] in wanted
                for word in words.split()
            )
        return self._words[wanted]
