"""A cross-encoder that reads question and clause together, for whoever has one: the setting POLICYQA_RERANKER."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ingest.embedder import find_model
from ingest.errors import ModelBroken, ModelMissing


class CrossEncoderReranker:
    """Any sentence-transformers cross-encoder with one output (BAAI/bge-reranker-base), as a folder or hub name.

    Raises ModelMissing before torch is imported where the model is not on this machine, ModelBroken
    where it cannot be opened or judges other than by one number.
    """

    def __init__(self, model: str, *, allow_download: bool = False) -> None:
        if not allow_download:
            os.environ["HF_HUB_OFFLINE"] = "1"
        folder = find_model(model)
        if folder is None and not allow_download:
            raise ModelMissing(
                f"the reranker {model!r} is neither a folder nor in the local model cache; "
                "name its folder, allow downloads, or leave the setting empty to go without"
            )
        from safetensors import SafetensorError
        from sentence_transformers import CrossEncoder

        try:
            self._model: Any = CrossEncoder(
                str(folder or model), device="cpu", local_files_only=not allow_download
            )
        except (OSError, ValueError, RuntimeError, KeyError, ImportError, SafetensorError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise ModelBroken(
                f"the reranker {model!r} cannot be opened ({reason}); fetch it again, or leave the setting empty"
            ) from error
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
