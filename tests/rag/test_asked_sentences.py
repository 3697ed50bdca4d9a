"""What others asked tells which sentence of an article answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from rag_samples import SEED

from ingest.errors import BrokenKnowledge
from ingest.stores.asked import Asked
from ingest.stores.catalogue import StoredClause
from ingest.text import sentences
from ingest.types import Clause
from rag.asked_sentences import AskedSentences, load_asked_sentences
from rag.build import Assistant
from rag.types import Answer

CORPUS = Path(__file__).resolve().parents[2] / "corpus"


def clause_with(*questions: str) -> StoredClause:
    clause = Clause(
        path=("(一)",), article=1, label="(一)", heading="", section="", text="一。", start=0, end=2
    )
    return StoredClause(document_id="some", position=0, clause=clause, questions=questions)


def test_the_closest_questions_speak_for_their_sentence() -> None:
    vectors = np.eye(3, dtype=np.float32)
    asked = Asked(words=frozenset(), vectors=vectors)
    known = AskedSentences({("some", "a"): 2, ("some", "b"): 3})
    votes = known.votes(clause_with("a", "b", "c"), asked, np.array([0.9, 0.4, 0.1], dtype=np.float32))
    assert votes[2] > votes[3] > 0 and sum(votes.values()) == pytest.approx(1)
    # One that is like none of them, and one whose like have no sentence.
    assert not any(known.votes(clause_with("a", "b", "c"), asked, np.zeros(3, dtype=np.float32)).values())
    assert known.votes(clause_with("a", "b", "c"), asked, np.array([0, 0, 1], dtype=np.float32)) == {}


def test_questions_that_are_not_those_embedded_have_no_say() -> None:
    asked = Asked(words=frozenset(), vectors=np.eye(3, dtype=np.float32))
    known = AskedSentences({("some", "a"): 2})
    assert known.votes(clause_with("a", "b"), asked, np.ones(3, dtype=np.float32)) == {}


def test_every_number_is_a_sentence_of_its_article(assistant: Assistant) -> None:
    text = next(d for d in assistant.documents() if d.document.id == SEED).document.text
    counts = {
        c.clause.article: len(sentences(text, c.clause.start, c.clause.end)) for c in assistant.clauses(SEED)
    }
    told = load_asked_sentences(CORPUS / "questions").numbers
    rows = map(json.loads, (CORPUS / "questions" / f"{SEED}.jsonl").read_text("utf-8").splitlines())
    numbered = [(row["article"], row["sentence"]) for row in rows if "sentence" in row]
    assert len(numbered) > 2500 and len(told) == len(numbered)
    assert all(2 <= number <= counts[article] for article, number in numbered)


@pytest.mark.parametrize("number", ['"2"', "0", "true", "1.5"])
def test_a_number_that_is_none_is_named(tmp_path: Path, number: str) -> None:
    (tmp_path / "some.jsonl").write_text(
        f'{{"article": 1, "question": "a"}}\n{{"article": 1, "question": "b", "sentence": {number}}}\n',
        "utf-8",
    )
    with pytest.raises(BrokenKnowledge, match=r"some\.jsonl 第 2 行"):
        load_asked_sentences(tmp_path)


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("没考好的园区会不会被劝着退出国家级的行列?", "申报退出"),
        ("办个企业要盖的章和证能合成一张不?", "三证合一"),
    ],
)
def test_the_sentence_that_answers_is_quoted(ask: Callable[..., Answer], question: str, quoted: str) -> None:
    assert any(quoted in citation.quote for citation in ask(question).citations)
