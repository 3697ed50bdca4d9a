"""Expected questions laid out at build: words and vectors of each clause come back, damage is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_stores import passages_of

from ingest.errors import NoIndex
from ingest.stores.asked import AskedIndex, build_asked, embedded_questions, question_digest
from ingest.tokens import Tokenizer

TEXT = "关于某事的通知\n（一）加强管理。要加强管理。（省商务厅负责）\n（二）其他。从严。\n"
ASKED = ("谁来管?", "摊子归谁管?", "Who handles the subsidies?")


def make(folder: Path) -> AskedIndex:
    first, second = passages_of(TEXT, "甲")
    passages = (replace(first, questions=ASKED), second)
    texts = embedded_questions(passages)
    vectors = {digest: np.eye(4, dtype=np.float32)[row] for row, digest in enumerate(texts)}
    build_asked(folder, passages, vectors, 4, Tokenizer())
    return AskedIndex(folder)


def test_words_and_vectors_come_back_with_stems_for_english(tmp_path: Path) -> None:
    index = make(tmp_path / "asked")
    held = index.of("甲#0")
    assert index.keys() == {"甲#0"}
    assert {"摊子", "subsidi", "handl"} <= held.words
    assert held.vectors.shape == (3, 4)
    assert held.likeness(np.eye(4, dtype=np.float32)[1]) == pytest.approx(1 / 3)
    assert "subsidi" in index.words(["甲"]) and not index.words(["乙"])


def test_a_clause_without_questions_has_no_words_and_no_likeness(tmp_path: Path) -> None:
    held = make(tmp_path / "asked").of("甲#1")
    assert not held.words
    assert held.likeness(np.ones(4, dtype=np.float32)) == 0.0


def test_a_question_is_known_by_its_words() -> None:
    assert question_digest("谁来管?") != question_digest("谁来办?")


@pytest.mark.parametrize("name", ["vectors.npy", "clauses.json"])
@pytest.mark.parametrize("content", [None, b"", b"{"])
def test_a_missing_or_broken_file_is_no_index(tmp_path: Path, name: str, content: bytes | None) -> None:
    make(tmp_path / "asked")
    file = tmp_path / "asked" / name
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    with pytest.raises(NoIndex, match="预设问法"):
        AskedIndex(tmp_path / "asked")
