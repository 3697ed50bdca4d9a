"""The files in models/: small enough to ship, sound, and described."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from tokenizers import Tokenizer

MODELS = Path(__file__).resolve().parents[2] / "models"
SHIPPED = MODELS / "embedder"


def test_at_most_40_megabytes() -> None:
    assert sum(file.stat().st_size for file in SHIPPED.rglob("*") if file.is_file()) <= 40_000_000


def test_every_row_belongs_to_an_entry_and_is_finite() -> None:
    (table,) = load_file(SHIPPED / "model.safetensors").values()
    tokenizer = Tokenizer.from_file(str(SHIPPED / "tokenizer.json"))
    assert table.shape == (tokenizer.get_vocab_size(), 384)
    assert np.isfinite(table).all()
    assert not table[0].any(), "what is not in the vocabulary must not move a text"
    assert table[1:].any(axis=1).all()


@pytest.mark.parametrize("word", ["财政厅", "牵头", "开发区", "企业", "招商引资", "税收", "土地", "审批"])
def test_words_of_policy_are_entries(word: str) -> None:
    tokenizer = Tokenizer.from_file(str(SHIPPED / "tokenizer.json"))
    assert tokenizer.encode(word, add_special_tokens=False).tokens == [word]


def test_measured_figures_are_those_of_the_card() -> None:
    figures = json.loads((SHIPPED / "metrics.json").read_text(encoding="utf-8"))
    card = (MODELS / "README.md").read_text(encoding="utf-8")
    for name, figure in figures.items():
        assert f"| {name} | {figure['R@10']:.3f} | {figure['R@100']:.3f} |" in card


def test_better_than_words_alone() -> None:
    figures = json.loads((SHIPPED / "metrics.json").read_text(encoding="utf-8"))
    dense = figures["dense, other questions"]
    assert dense["R@10"] >= 0.46
    assert dense["R@100"] >= 0.75
    assert dense["R@10"] > figures["BM25"]["R@10"]


@pytest.mark.slow
def test_training_without_the_data_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(MODELS / "train.py"), "--data", str(tmp_path / "none")],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "--data" in done.stderr
