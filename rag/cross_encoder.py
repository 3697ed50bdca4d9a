"""A cross-encoder that reads question and clause together, for whoever has one: the setting POLICYQA_RERANKER."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ingest.embedder import open_hub_model
from ingest.errors import ModelBroken


class CrossEncoderReranker:
    """Any sentence-transformers cross-encoder with one output (BAAI/bge-reranker-base), as a folder or hub name.

    Raises ModelMissing before torch is imported where the model is not on this machine, ModelBroken
    where it cannot be opened or judges other than by one number.
    """

    def __init__(self, model: str, *, allow_download: bool = False) -> None:
        self._model: Any
        self._model, _ = open_hub_model(
            "CrossEncoder",
            model,
            allow_download=allow_download,
            called="reranker",
            way_out="leave the setting empty to go without",
        )
        if self._model.num_labels != 1:
            raise ModelBroken(
                f"the reranker {model!r} gives {self._model.num_labels} numbers for a pair where one is needed; "
                "name another, or leave the setting empty"
            )
        self.name = Path(model).name or model

    def scores(self, question: str, clauses: Sequence[str]) -> list[float]:
        """How well each clause answers, 0 to 1 (财政支持谁牵头 + 加强财政支持。… → 0.97)."""
        if not clauses:
            return []
        found = self._model.predict([(question, clause) for clause in clauses], show_progress_bar=False)
        return [float(min(1.0, max(0.0, value))) for value in np.nan_to_num(np.asarray(found, dtype=float))]


def open_reranker(name: str | None, *, allow_download: bool = False) -> CrossEncoderReranker | None:
    """The cross-encoder that a setting names; none where it is empty."""
    if name is None or not name.strip():
        return None
    return CrossEncoderReranker(name.strip(), allow_download=allow_download)
