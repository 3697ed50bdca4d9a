"""The training pairs keep to their guide: form, number, variety, hardness."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

PAIRS = Path(__file__).resolve().parents[2] / "models" / "pairs"
FILES = sorted(PAIRS.glob("*.jsonl"))


@cache
def rows(path: Path) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def threes(text: str) -> set[str]:
    bare = re.sub(r"[\W_]+", "", text)
    return {bare[i : i + 3] for i in range(len(bare) - 2)}


def test_there_are_enough() -> None:
    assert sum(len(rows(path)) for path in FILES) >= 1_200
    assert sum(len(row["questions"]) for path in FILES for row in rows(path)) >= 11_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_line_has_its_form(path: Path) -> None:
    ids = [row["id"] for row in rows(path)]
    assert len(set(ids)) == len(ids)
    for row in rows(path):
        assert set(row) == {"id", "field", "heading", "clause", "bodies", "questions"}, row["id"]
        assert 50 <= len(row["clause"]) <= 260, row["id"]
        assert len(row["questions"]) >= 8, row["id"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_most_questions_share_no_three_characters_with_their_clause(path: Path) -> None:
    for row in rows(path):
        clause = threes(row["heading"] + row["clause"])
        hard = sum(not threes(question) & clause for question in row["questions"])
        assert hard >= 6, row["id"]


def test_no_question_is_asked_twice() -> None:
    questions = [question for path in FILES for row in rows(path) for question in row["questions"]]
    assert len(set(questions)) >= 0.998 * len(questions)
