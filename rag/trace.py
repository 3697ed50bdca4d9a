"""How an answer came about: the steps with their times, what was searched for, which hits were used."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rag.retrieve import Hit

# Of each search, so many of the best hits are kept.
_HITS = 8


@dataclass(slots=True)
class Trace:
    """Filled while one question is answered; read when somebody asks how."""

    steps: dict[str, float] = field(default_factory=dict)
    searches: list[tuple[str, tuple[Hit, ...]]] = field(default_factory=list)
    # How sure the best hit was and how sure it had to be, where that decided whether there is an answer.
    closeness: tuple[float, float] | None = None
    # How close the best hit was, by one measure for all documents with expected questions; None where not known.
    confidence: float | None = None

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one step; a step gone through twice counts both times."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.steps[name] = self.steps.get(name, 0.0) + (time.perf_counter() - began) * 1000

    def searched(self, topic: str, hits: Sequence[Hit]) -> None:
        """Note one search of the index."""
        self.searches.append((topic, tuple(hits[:_HITS])))

    def judged(self, sure: float, least: float) -> None:
        """Note what an answer or a refusal was decided by; the first judgement counts."""
        self.closeness = self.closeness or (sure, least)

    def to_json(self, used: Collection[str]) -> dict[str, Any]:
        """Milliseconds by step, and the hits of each search; `used` are the keys of the clauses cited."""
        return {
            "steps_ms": {name: round(spent, 2) for name, spent in self.steps.items()},
            "closeness": None if self.closeness is None else [round(value, 4) for value in self.closeness],
            "confidence": None if self.confidence is None else round(self.confidence, 4),
            "searches": [
                {"topic": topic, "hits": [_hit(hit, used) for hit in hits]} for topic, hits in self.searches
            ],
        }


def _hit(hit: Hit, used: Collection[str]) -> dict[str, Any]:
    return {
        "document_id": hit.clause.document_id,
        "label": hit.clause.clause.label,
        "heading": hit.clause.clause.heading,
        "score": round(hit.score, 4),
        "probability": None if hit.probability is None else round(hit.probability, 3),
        "features": {name: round(value, 3) for name, value in hit.features.items()},
        "used": hit.clause.key in used,
    }
