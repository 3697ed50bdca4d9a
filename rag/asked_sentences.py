"""Which sentence of an article answers the expected questions that are most like the one asked.

In everyday words a question shares little with the sentence that answers it (好几张照 and “三证合一”), and more with what others
asked. Rows of corpus/questions/<document id>.jsonl may tell by "sentence" which sentence of their article (1 is the heading)
answers them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.errors import BrokenKnowledge
from ingest.stores.asked import Asked
from ingest.stores.catalogue import StoredClause

# So many of the closest questions have a say; one that is no more like than this has none.
_CLOSEST, _UNLIKE = 5, 0.2


@dataclass(frozen=True, slots=True)
class AskedSentences:
    """The number of the sentence that answers a question, by document id and question."""

    numbers: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def votes(self, clause: StoredClause, asked: Asked, vector: NDArray[np.float32]) -> dict[int, float]:
        """For sentence numbers of a clause, how much the closest expected questions speak for them: 0 to 1, together at most 1."""
        questions = tuple(dict.fromkeys(clause.questions))
        if not self.numbers or len(questions) != len(asked.vectors):
            return {}
        likeness = asked.vectors @ vector
        closest = np.argsort(-likeness)[:_CLOSEST]
        weights = (likeness[closest] - _UNLIKE).clip(0) ** 2
        total = float(weights.sum())
        found: dict[int, float] = {}
        for place, weight in zip(closest, weights, strict=True):
            number = self.numbers.get((clause.document_id, questions[int(place)]))
            if number is not None and weight > 0:
                found[number] = found.get(number, 0.0) + float(weight) / total
        return found


def load_asked_sentences(folder: Path) -> AskedSentences:
    """From the question files of a folder; empty without any. Raises BrokenKnowledge with file and line."""
    numbers: dict[tuple[str, str], int] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for line_number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if '"sentence"' not in line:
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise BrokenKnowledge(f"{path} 第 {line_number} 行：不是有效的 JSON（{error.msg}）") from None
            number = row.get("sentence")
            if not isinstance(number, int) or isinstance(number, bool) or number < 1:
                raise BrokenKnowledge(f"{path} 第 {line_number} 行：sentence 要写这一条里第几句（从 1 数起）")
            numbers[path.stem, str(row.get("question", "")).strip()] = number
    return AskedSentences(numbers)
