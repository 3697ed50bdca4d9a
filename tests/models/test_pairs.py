"""The training pairs keep to their guide: form, number, variety, hardness."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAIRS, EVALS = ROOT / "models" / "pairs", ROOT / "evals"
FILES = sorted(PAIRS.glob("policy-*.jsonl"))
STATUTES, ENGLISH = PAIRS / "statutes.jsonl", PAIRS / "english.jsonl"
REGULATIONS, LAY = PAIRS / "regulations.jsonl", PAIRS / "lay.jsonl"
READER, DOCUMENTS = PAIRS / "reader.jsonl", PAIRS / "documents.jsonl"


@cache
def rows(path: Path) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def threes(text: str) -> set[str]:
    bare = re.sub(r"[\W_]+", "", text)
    return {bare[i : i + 3] for i in range(len(bare) - 2)}


def test_there_are_enough() -> None:
    assert sum(len(rows(path)) for path in FILES) >= 1_200
    assert sum(len(row["questions"]) for path in FILES for row in rows(path)) >= 12_000
    assert len(rows(STATUTES)) >= 200
    assert sum(len(row["questions"]) for row in rows(ENGLISH)) >= 1_900


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


def test_questions_for_articles_of_the_data_folder_name_them_by_id() -> None:
    for row in rows(STATUTES):
        assert set(row) in (
            {"id", "statute", "questions"},
            {"id", "regulation", "title", "article", "questions"},
        )
        assert len(set(row["questions"])) >= 8, row["id"]


def test_questions_on_who_does_what_are_four_a_row_of_the_data_folder() -> None:
    assert len(rows(REGULATIONS)) >= 800
    assert len({row["regulation"] for row in rows(REGULATIONS)}) == len(rows(REGULATIONS))
    for row in rows(REGULATIONS):
        assert set(row) == {"id", "regulation", "title", "article", "questions"}
        assert len(set(row["questions"])) == 4, row["id"]


def test_lay_questions_are_short_and_name_their_article_once() -> None:
    ids = [row["statute"] for row in rows(LAY)]
    assert len(set(ids)) == len(ids) >= 3_900
    for row in rows(LAY):
        assert 1 <= len(set(row["questions"])) == len(row["questions"]) <= 2, row["statute"]
        assert all(5 <= len(question) <= 90 for question in row["questions"]), row["statute"]
        assert not any(
            "《" in question or re.search(r"第.{1,4}条", question) for question in row["questions"]
        )


def test_english_questions_are_english_and_of_clauses_that_are_there() -> None:
    known = {row["id"] for path in FILES for row in rows(path)}
    for row in rows(ENGLISH):
        assert row["of"] in known
        assert len(set(row["questions"])) == 4, row["of"]
        assert not any(re.search(r"[一-鿿]", question) for question in row["questions"]), row["of"]


def test_no_question_is_asked_twice() -> None:
    everything = [*FILES, STATUTES, REGULATIONS, LAY, ENGLISH]
    questions = [question for path in everything for row in rows(path) for question in row["questions"]]
    assert len(set(questions)) >= 0.998 * len(questions)


def test_the_readers_questions_turn_on_a_sentence() -> None:
    ids = [row["id"] for row in rows(READER)]
    assert len(set(ids)) == len(ids) >= 1_800
    for row in rows(READER):
        assert set(row) - {"answered", "near"} in ({"id", "of"}, {"id", "regulation", "title", "article"})
        assert len(row["answered"]) >= 2 and len(row["near"]) >= 2, row["id"]
        for asked in row["answered"]:
            assert set(asked) == {"question", "by"} and asked["by"] == sorted(set(asked["by"])), row["id"]
        for asked in row["near"]:
            assert {"question", "lacks"} <= set(asked) <= {"question", "lacks", "would"}, row["id"]
            assert "would" not in asked or 6 <= len(asked["would"]["text"]) <= 120, row["id"]
    near = [asked for row in rows(READER) for asked in row["near"]]
    assert sum("would" in asked for asked in near) >= 0.95 * len(near)


def test_questions_to_whole_documents_are_half_of_them_not_answered() -> None:
    asked = rows(DOCUMENTS)
    assert len({row["id"] for row in asked}) == len({row["question"] for row in asked}) == len(asked) >= 4_000
    for row in asked:
        shared = {"id", "question", "articles", "near", "kind"}
        assert set(row) - shared - {"acceptable", "by", "kept_out"} in ({"title"}, {"policy"}), row["id"]
        assert bool(row["articles"]) is (row["kind"] not in {"gap", "near", "other"}), row["id"]
        assert "policy" not in row or (PAIRS / "documents" / f"{row['policy']}.txt").is_file(), row["id"]
    share = sum(not row["articles"] for row in asked) / len(asked)
    assert 0.45 <= share <= 0.55


def test_no_question_to_a_document_is_one_that_judges_the_product() -> None:
    judging = {
        turn
        for file in (*(EVALS / "added").glob("*.jsonl"), *(EVALS / "questions").glob("*.jsonl"))
        for row in rows(file)
        for turn in row["turns"]
    }
    assert not judging & {row["question"] for row in rows(DOCUMENTS)}
